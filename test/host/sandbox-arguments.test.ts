import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ISOLATIONS, openRig, type Attempt, type Rig } from './rig.ts'

const HOSTILE = [
  '',
  ' ',
  'two words',
  "it's",
  '"quoted"',
  "'",
  '\\',
  '\\n',
  'line\nbreak\n',
  '\n',
  '\r\n',
  '\ttab',
  '$(touch broken)',
  '`touch broken`',
  '$HOME',
  '${IFS}',
  '!!',
  '*',
  '?',
  '[a-z]',
  '~',
  '-n',
  '--',
  '--help',
  '-e',
  '; touch broken',
  '| touch broken',
  '&',
  '>broken',
  '#',
  '%s%n',
  '\u0001\u001b[31m',
  '\u00e9\u{1f600}\u202e',
]

const word = fc
  .oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE))
  .map((text) => text.replaceAll('\0', ''))

const list = 'printf \'%s\\0\' "$@"'

function parts(output: string): string[] {
  return output.split('\0').slice(0, -1)
}

describe.each([...ISOLATIONS, 'none'] as const)('in %s', (isolation) => {
  let rig: Rig

  beforeAll(async () => {
    rig = await openRig(isolation)
  })

  afterAll(() => rig.close())

  it('a command gets its arguments as they are, whatever is in them', async () => {
    const { output, undeclared } = await rig.run({ argv: ['sh', '-c', list, 'sh', ...HOSTILE], files: { a: 'a' } })
    expect(parts(output)).toEqual(HOSTILE)
    expect(undeclared).toEqual([])
  })

  it('for all arguments and values of variables', async () => {
    const property = fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 20 }), word, async (words, value) => {
      const env = { PATH: '/usr/bin:/bin', VALUE: value }
      const { output, code } = await rig.run({
        argv: ['sh', '-c', `${list}; printf '%s\\0' "$VALUE"`, 'sh', ...words],
        env,
      })
      expect(code).toBe(0)
      expect(parts(output)).toEqual([...words, value])
    })
    await fc.assert(property, { numRuns: 25, seed: 42 })
  })

  it.each([
    ['letters', 'a', 100_000],
    ['quotes', "'", 100_000],
    ['newlines', '\n', 100_000],
  ])('an argument may be as long as the system allows: %s', async (_, letter, length) => {
    const argv = [
      'sh',
      '-c',
      'for word; do echo "${#word}"; done',
      'sh',
      ...Array.from({ length: 8 }, () => letter.repeat(length)),
    ]
    const { output, code } = await rig.run({ argv })
    expect(code).toBe(0)
    expect(output).toBe(`${length}\n`.repeat(8))
  })

  it('a longer one is no exit code of the command', async () => {
    const { code } = await rig.run({ argv: ['true', 'a'.repeat(200_000)] })
    expect(code).not.toBe(0)
  })

  it('a command starts in its folder, whatever that is called', async () => {
    const cwd = `a folder/it's "here" $(x)/-n`
    const { output, undeclared } = await rig.run({
      sh: 'basename "$PWD"; echo x >../made; ls',
      cwd,
      files: { [`${cwd}/file`]: '' },
    })
    expect(output).toBe('-n\nfile\n')
    expect(undeclared).toEqual([`a folder/it's "here" $(x)/made`])
  })

  const endings: readonly (readonly [string, Attempt, number])[] = [
    ['success', { argv: ['true'] }, 0],
    ['failure', { argv: ['false'] }, 1],
    ['a code', { sh: 'exit 3' }, 3],
    ['the greatest code', { sh: 'exit 255' }, 255],
    ['a command that is not there', { argv: ['nonesuch'] }, 127],
    ['a path that is not there', { argv: ['./nonesuch'] }, 127],
    ['a file that is not executable', { argv: ['./data'], files: { data: 'x' } }, 126],
    ['a folder', { argv: ['/usr'] }, 126],
    ['death by SIGKILL', { sh: 'kill -KILL $$' }, 137],
    ['death by SIGTERM', { sh: 'kill -TERM $$' }, 143],
    ['death by SIGINT, which nobody ignores', { sh: 'kill -INT $$; echo still here' }, 130],
    ['death by SIGQUIT', { sh: 'kill -QUIT $$; echo still here' }, 131],
    ['death by SIGPIPE', { sh: 'kill -PIPE $$; echo still here' }, 141],
    ['death by SIGSEGV', { sh: 'kill -SEGV $$' }, 139],
    ['a word of the shell', { argv: ['exit', '3'] }, 127],
    ['another word of the shell', { argv: ['eval', 'exit 4'] }, 127],
    [
      'a script without a first line',
      { argv: ['./tool'], files: { tool: { bytes: 'exit 5\n', executable: true } } },
      5,
    ],
  ]

  it.each(endings)('tells the end of a command: %s', async (_, attempt, code) => {
    const ran = await rig.run(attempt)
    expect(ran.code).toBe(code)
    expect(ran.output).not.toContain('still here')
  })

  it('a command that the shell has as well is the program', async () => {
    const { output } = await rig.run({ argv: ['echo', 'a\\nb'] })
    expect(output).toBe('a\\nb\n')
  })

  it('a pipe that closes ends its writer', async () => {
    const { output } = await rig.run({ sh: '(yes; echo "$?" >never) | head -n 1; echo done' })
    expect(output).toBe('y\ndone\n')
  })

  it('nothing can be read from standard input', async () => {
    const { output, code } = await rig.run({ argv: ['wc', '-c'] })
    expect([output.trim(), code]).toEqual(['0', 0])
  })

  it('both streams arrive in one order', async () => {
    const { output } = await rig.run({ sh: 'for i in 1 2 3 4 5; do echo "out $i"; echo "err $i" >&2; done' })
    expect(output).toBe([1, 2, 3, 4, 5].map((i) => `out ${i}\nerr ${i}\n`).join(''))
  })

  it('what was printed arrives before a command ends', async () => {
    const seen: string[] = []
    const stop = new AbortController()
    const onOutput = (chunk: Uint8Array): boolean => {
      seen.push(Buffer.from(chunk).toString())
      stop.abort()
      return true
    }
    expect((await rig.run({ sh: 'printf x; exec sleep 1000', onOutput, signal: stop.signal })).code).toBe('interrupted')
    expect(seen).toEqual(['x'])
  })

  it('bytes arrive as they are, a million of them and a last line without an end', async () => {
    const chunks: Uint8Array[] = []
    const onOutput = (chunk: Uint8Array): boolean => chunks.push(Buffer.from(chunk)) > 0
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const sh = 'i=0; while [ $i -lt 12 ]; do cat data data >more; mv more data; i=$((i+1)); done; cat data; printf end'
    await rig.run({ sh, files: { data: { bytes: all, executable: false } }, onOutput })
    const got = Buffer.concat(chunks)
    expect(got.length).toBe(256 * 4096 + 3)
    expect(got.equals(Buffer.concat([...Array.from({ length: 4096 }, () => all), Buffer.from('end')]))).toBe(true)
  })

  it('a command that makes its output non-blocking still ends', async () => {
    const program = `
import fcntl, os
fcntl.fcntl(1, fcntl.F_SETFL, fcntl.fcntl(1, fcntl.F_GETFL) | os.O_NONBLOCK)
try:
  while True: os.write(1, b'x' * 4096)
except BlockingIOError: pass
`
    const wait = new Int32Array(new SharedArrayBuffer(4))
    const onOutput = (): boolean => {
      // Nothing is read meanwhile, so that the pipe is full when the command ends.
      Atomics.wait(wait, 0, 0, 300)
      wait[0] = 1
      return true
    }
    expect((await rig.run({ argv: ['python3', '-c', program], onOutput, limits: { timeoutMs: 20_000 } })).code).toBe(0)
  })
})
