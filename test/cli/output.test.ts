// What a run prints, to whom, in which form.
import { describe, expect, it } from 'vitest'
import { codex, jsonLinesOf, manifestOf, type Files } from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'
import { besidesOurs } from '../support/workflow-runner.ts'

const FILES: Files = {
  ...pack('good', { steps: [{ id: 'make', run: 'echo x >out', outputs: ['out'] }] }),
  ...pack('bad', test('echo the reason; exit 2')),
}
const ESCAPE = '\u001b['

describe.concurrent('--json', () => {
  it('is one document on stdout and nothing else', async () => {
    const { place, stdout } = await codex(FILES, { args: ['run', '--json'], exitCode: 1, stderr: '' })
    const document = JSON.parse(stdout) as {
      readonly actions: readonly { readonly id: string; readonly status: string }[]
    }
    expect(document).toMatchObject({ verdict: 'failed', exitCode: 1, diagnostics: [], manifest: manifestOf(place) })
    expect(document.actions.find(({ id }) => id === 'bad:tests/1')).toMatchObject({ status: 'failed', attempts: 1 })
  })

  it('is a document for a refused run and for a broken pack as well', async () => {
    const refused = await codex(pack('a', { constraints: { secrets: ['X'] } }), {
      args: ['run', '--json'],
      exitCode: 3,
      stderr: '',
    })
    expect(JSON.parse(refused.stdout)).toMatchObject({
      verdict: 'refused',
      exitCode: 3,
      diagnostics: [{ code: 'not-granted' }, { code: 'secret-unset' }],
    })
    const broken = await codex(pack('a', { stpes: [] }), { args: ['run', '--json'], exitCode: 2, stderr: '' })
    expect(JSON.parse(broken.stdout)).toMatchObject({
      verdict: 'refused',
      exitCode: 2,
      diagnostics: [{ code: 'unknown-key' }],
    })
  })
})

describe.concurrent('--jsonl', () => {
  it('is a line for each event on stdout, from the start to the end', async () => {
    const { stdout } = await codex(FILES, { args: ['run', '--jsonl'], exitCode: 1, stderr: '' })
    const events = jsonLinesOf(stdout)
    expect(events[0]).toMatchObject({ type: 'run-started' })
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', verdict: 'failed' })
    const finished = events
      .filter(({ type }) => type === 'action-finished')
      .map(({ action, status }) => `${String(action)} ${String(status)}`)
    expect(finished.toSorted()).toEqual([
      'bad:gate/artifacts skipped',
      'bad:gate/secrets skipped',
      'bad:tests/1 failed',
      'good:gate/artifacts passed',
      'good:gate/secrets passed',
      'good:steps/make passed',
      'good:tests/1 passed',
    ])
  })
})

describe.concurrent('verbosity', () => {
  it('-q prints failures and the verdict only', async () => {
    const { stderr } = await codex(FILES, { args: ['run', '-q'], exitCode: 1, stdout: [/^manifest sha256:/] })
    expect(stderr).toMatch(/^✗ bad:tests\/1/)
    expect(stderr).toMatch(/^FAILED: 4 passed, 1 failed, 2 skipped in .*\n$/m)
    expect(stderr).not.toContain('good')
    expect(stderr).not.toContain('Run folder')
  })

  it('-v prints starts and keys as well', async () => {
    const { place, stderr } = await codex(FILES, { args: ['run', '-v', 'good'], exitCode: 0 })
    expect(stderr).toMatch(/^• good:steps\/make {2}started$/m)
    for (const { key } of manifestOf(place).actions) expect(stderr).toContain(`sha256:${key}`)
  })
})

describe.concurrent('--dry-run', () => {
  it('shows what would run, with every key that is known, and leaves nothing', async () => {
    const { place, stdout } = await codex(FILES, { args: ['run', '-n', '--json'], exitCode: 0, stderr: '' })
    const plan = JSON.parse(stdout) as readonly {
      readonly id: string
      readonly key: string | null
      readonly waitsFor: readonly string[]
    }[]
    await codex(place, {
      args: ['run', '-n'],
      exitCode: 0,
      stdout: [/^7 actions, \d with a known key; nothing was run$/m],
      stderr: '',
    })
    expect(() => manifestOf(place)).toThrow('ENOENT')
    await codex(place, { args: ['run'], exitCode: 1 })
    const { actions } = manifestOf(place)
    expect(plan.map(({ id }) => id)).toEqual(actions.map(({ id }) => id))
    const known = plan.filter(({ key }) => key !== null)
    expect(known.map(({ id }) => id)).toEqual(expect.arrayContaining(['bad:tests/1', 'good:steps/make']))
    const ran = new Map(actions.filter(({ key }) => key !== null).map(({ id, key }) => [id, key]))
    const promised = known.filter(({ id }) => ran.has(id))
    expect(promised.map(({ key }) => key)).toEqual(promised.map(({ id }) => ran.get(id)))
    expect(promised.length).toBeGreaterThan(1)
    expect(plan.find(({ id }) => id === 'good:tests/1')).toMatchObject({ key: null, waitsFor: ['good:steps/make'] })
  })
})

describe.concurrent('colours', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[], boolean])[] = [
    ['are left out of a pipe', {}, [], false],
    ['are left out of a pipe on a machine that says it is one of CI', { CI: 'true' }, [], false],
    ['come with FORCE_COLOR', { FORCE_COLOR: '1' }, [], true],
    ['do not come with FORCE_COLOR=0', { FORCE_COLOR: '0' }, [], false],
    ['stay away with NO_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, [], false],
    ['come with --color=always, whatever NO_COLOR says', { NO_COLOR: '1' }, ['--color=always'], true],
    ['stay away with --color=never', { FORCE_COLOR: '1' }, ['--color=never'], false],
  ]

  it.each(cases)('%s', async (_, env, flags, coloured) => {
    const { stdout, stderr } = await codex(FILES, { args: ['run', 'bad', ...flags], env, exitCode: 1 })
    expect(stderr.includes(ESCAPE)).toBe(coloured)
    expect(stdout).not.toContain(ESCAPE)
    const graph = await codex(FILES, { args: ['graph', '--json', ...flags], env, exitCode: 0 })
    expect(graph.stdout).not.toContain(ESCAPE)
  })

  it('and line drawing fit the locale', async () => {
    const { stderr } = await codex(FILES, { args: ['run', 'bad'], env: { LANG: 'C' }, exitCode: 1 })
    expect(stderr).toMatch(/^x bad:tests\/1/m)
    expect(stderr).toMatch(/^[\x00-\x7f]*$/)
  })
})

describe.concurrent('what a command prints', () => {
  const HOSTILE = String.raw`
    printf '::error::one\n  ::warning::two\n##[error]three\nx ##[group]four\r::set-env name=A::five\n'
    printf '\033]0;title\007\033[31mred\033[2J\302\233bidi\342\200\256\n' >&2
    exit 1`
  const files = pack('a', test(HOSTILE))

  it('is never taken for a workflow command by GitHub Actions', async () => {
    const { stdout, stderr } = await codex(files, {
      args: ['run'],
      env: { GITHUB_ACTIONS: 'true', CI: 'true' },
      exitCode: 1,
    })
    for (const word of ['one', 'two', 'three', 'four', 'five']) expect(stderr).toContain(word)
    for (const line of besidesOurs(`${stdout}\n${stderr}`).split(/\r\n|[\r\n\v\f\u0085\u2028\u2029]/)) {
      expect(line).not.toMatch(/^[\s\uFEFF]*::/)
      expect(line).not.toContain('##[')
    }
  })

  it.each([['validate'], ['graph'], ['list'], ['run', '-n', '-v']])(
    'and what a pack holds neither: %s',
    async (...args) => {
      const run = 'echo "##[error]x"\n::error::y\n'
      const bad = args[0] === 'validate' ? { '##[group]z': '' } : {}
      const hostile = pack('a', { title: '::error::t ##[error]t', ...test(run), ...bad })
      const env = { GITHUB_ACTIONS: 'true' }
      const { stdout, stderr } = await codex(hostile, { args, env, exitCode: args[0] === 'validate' ? 2 : 0 })
      expect(`${stdout}${stderr}`).toContain('## [')
      expect(`${stdout}${stderr}`).not.toMatch(/^\s*::|##\[/m)
    },
  )

  it('can neither clear nor rename the terminal', async () => {
    const { stderr } = await codex(files, { args: ['run'], exitCode: 1 })
    expect(stderr).toContain('\\e]0;title\\x07')
    expect(stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
  })
})
