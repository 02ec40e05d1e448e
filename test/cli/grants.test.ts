// What goes beyond SAFE mode needs two keys: the pack asks, the operator grants.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/model/digest.ts'
import { codex, LATEST, manifestOf, placeFor, read, recordOf, type Files, type Place } from '../support/cli.ts'
import { pack, task, test } from '../support/tasks.ts'

const SECRET = 'correct horse/battery+"staple"'

function asking(run: string, fields: Readonly<Record<string, unknown>> = {}): Files {
  return pack('a', { constraints: { secrets: ['TOKEN'] }, ...test(run, fields) })
}

function withConfig(config: object, files: Files): Files {
  return { ...files, 'codex.config.mjs': `export default ${JSON.stringify(config)}\n` }
}

/** Every byte that the run left, file by file. */
function evidenceOf(place: Place): readonly (readonly [string, Buffer])[] {
  const folder = join(place.root, LATEST)
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name))])
}

function expectHidden(place: Place, ...streams: readonly string[]): void {
  for (const [name, bytes] of evidenceOf(place)) expect(bytes.includes(SECRET), name).toBe(false)
  for (const stream of streams) expect(stream).not.toContain(SECRET)
}

describe.concurrent('what is asked for and not granted', () => {
  const cases = [
    [
      'network',
      { network: ['example.org:443'] },
      'the network host `example.org:443`',
      '--allow network=example.org:443',
    ],
    ['secrets', { secrets: ['TOKEN'] }, 'the secret `TOKEN`', '--allow secret=TOKEN'],
    ['cloud_mutations', { cloud_mutations: true }, 'leave to change what lies in a cloud', '--allow cloud'],
  ] as const

  it.each(cases)('refuses the run before anything starts: %s', async (field, constraints, words, flag) => {
    const { place } = await codex(pack('a', { constraints, ...test('test -s task.yml') }), {
      args: ['run'],
      env: { TOKEN: SECRET },
      exitCode: 3,
      stderr: [
        new RegExp(`^task-packs/a/task\\.yml:\\d+:\\d+ error not-granted \`a\` asks for ${words}, which nobody`, 'm'),
        `codex run ${flag}`,
      ],
    })
    expect(manifestOf(place)).toMatchObject({
      verdict: 'refused',
      actions: [],
      refusals: [{ code: 'not-granted', pack: 'a', field: `constraints.${field}` }],
    })
  })

  it('is not granted by a grant of something else, of another pack, or of another task.yml', async () => {
    const files = asking('test -n "$TOKEN"')
    const call = { env: { TOKEN: SECRET }, exitCode: 3 } as const
    await codex(files, { ...call, args: ['run', '--allow', 'secret=OTHER', '--allow=network', '--allow', 'cloud'] })
    const other = { policy: { grants: { b: { secrets: ['TOKEN'] }, a: { secrets: ['OTHER'] } } } }
    await codex(withConfig(other, files), { ...call, args: ['run'], stderr: ['not-granted'] })
    const stale = { policy: { grants: { a: { secrets: ['TOKEN'], definition: '0'.repeat(64) } } } }
    await codex(withConfig(stale, files), {
      ...call,
      args: ['run'],
      stderr: ['`a` was granted the secret `TOKEN` for another version of its task.yml.', 'Read what has changed'],
    })
  })

  it('is told of a dry run too', async () => {
    await codex(asking('test -s task.yml'), { args: ['run', '-n'], exitCode: 3, stderr: ['not-granted'] })
  })

  it('does not stop validate and graph', async () => {
    await codex(asking('test -n "$TOKEN"'), { args: ['validate'], exitCode: 0 })
    await codex(asking('test -n "$TOKEN"'), { args: ['graph'], exitCode: 0 })
  })
})

describe.concurrent('a grant', () => {
  it('that nobody asks for has no effect', async () => {
    const [without, granted] = await Promise.all([
      codex(pack('a', test('test -z "$TOKEN"')), { args: ['run'], env: { TOKEN: SECRET }, exitCode: 0 }),
      codex(
        withConfig(
          { policy: { grants: { a: { secrets: ['TOKEN'], cloud: true } } } },
          pack('a', test('test -z "$TOKEN"')),
        ),
        {
          args: ['run', '--allow', 'secret=TOKEN', '--allow', 'network'],
          env: { TOKEN: SECRET },
          exitCode: 0,
        },
      ),
    ])
    expect(manifestOf(granted.place)).toEqual(manifestOf(without.place))
    expect(manifestOf(granted.place).packs[0]?.grants).toEqual([])
    expect(recordOf(granted.place).granted).toEqual([
      { pack: 'a', definition: null, network: [], secrets: ['TOKEN'], cloud: true },
      { pack: null, definition: null, network: [], secrets: ['TOKEN'], cloud: false },
      { pack: null, definition: null, network: 'all', secrets: [], cloud: false },
    ])
  })

  it('can be bound to the bytes of a task.yml', async () => {
    const text = task('a', { constraints: { secrets: ['TOKEN'] }, ...test('test -n "$TOKEN"') })
    const config = { policy: { grants: { a: { secrets: ['TOKEN'], definition: sha256(text) } } } }
    const files = withConfig(config, { 'task-packs/a/task.yml': text })
    await codex(files, { args: ['run'], env: { TOKEN: SECRET }, exitCode: 0 })
    const edited = { ...files, 'task-packs/a/task.yml': `${text}# edited\n` }
    await codex(edited, { args: ['run'], env: { TOKEN: SECRET }, exitCode: 3, stderr: ['another version'] })
  })

  it.each(['', 'all', 'network=', 'network=host', 'secret', 'secret=', 'secret=A-B', 'cloud=1', 'secrets=A'])(
    'that is no capability is refused: --allow=%s',
    async (word) => {
      await codex(pack('a'), { args: ['run', `--allow=${word}`], exitCode: 2, stderr: ['secret=NAME'] })
    },
  )

  it.each([
    [{ grants: { a: { secret: ['TOKEN'] } } }, 'secret'],
    [{ grants: { a: { network: true } } }, 'network'],
    [{ grants: { 'Not An Id': {} } }, 'Not An Id'],
    [{ grants: { a: { definition: 'abc' } } }, 'definition'],
    [{ grants: { a: { network: ['no-port'] } } }, 'no-port'],
  ])('that is misspelt in the configuration is an error: %j', async (policy, named) => {
    await codex(withConfig({ policy }, pack('a')), { args: ['run'], exitCode: 2, stderr: [named] })
  })
})

describe.concurrent('a secret', () => {
  it.each(['bubblewrap', 'unshare', 'none'])('reaches the actions of its pack alone, in %s', async (sandbox) => {
    const files = {
      ...asking(
        `test "$(printf %s "$TOKEN" | sha256sum)" = '${sha256(SECRET)}  -' && test -z "$CODEX_SECRET_0" && ! grep -qF -- "$TOKEN" /proc/1/cmdline`,
      ),
      ...pack('b', test('test -z "$TOKEN" && test -z "$CODEX_SECRET_0"')),
    }
    const { place } = await codex(files, {
      args: ['run', '-j1', '--allow', 'secret=TOKEN', `--sandbox=${sandbox}`],
      env: { TOKEN: SECRET },
      exitCode: 0,
    })
    expect(manifestOf(place).packs.map(({ grants }) => grants)).toEqual([['secret:TOKEN'], []])
    expectHidden(place)
  })

  it('is granted again by the command that a failure tells', async () => {
    const stderr = ['again: codex run a --allow secret=TOKEN\n']
    const call = { args: ['run', '--allow', 'secret=TOKEN'], env: { TOKEN: SECRET } }
    await codex(asking('test -z "$TOKEN"'), { ...call, exitCode: 1, stderr })
  })

  it('may hold any bytes that a variable can', async () => {
    const value = ` a\\0101\n%s'"$(id)\`id\`\tü\n\n`
    const run = `test "$(printf %s "$TOKEN" | sha256sum)" = '${sha256(value)}  -'`
    await codex(asking(run), { args: ['run', '--allow', 'secret=TOKEN'], env: { TOKEN: value }, exitCode: 0 })
  })

  it('of a name that means something to other programs does nothing outside', async () => {
    const fields = { constraints: { secrets: ['LD_PRELOAD'] }, ...test('test "$LD_PRELOAD" = /nowhere.so') }
    await codex(pack('a', fields), {
      args: ['run', '--allow', 'secret=LD_PRELOAD'],
      env: { LD_PRELOAD: '/nowhere.so' },
      exitCode: 0,
    })
  })

  it('is masked in logs, names and errors before a byte of it is on the disk', async () => {
    const run = [
      'printf "%s" "$TOKEN" | head -c 7; sleep 0.2; printf "%s\\n" "$TOKEN" | tail -c +8',
      'printf "%s" "x$TOKEN" | base64 -w0; echo; printf "%s" "$TOKEN" | od -An -tx1 | tr -d " \\n"; echo',
      'mkdir -p out && touch "out/$(printf %s "$TOKEN" | tr / _)" "undeclared-$(printf %s "$TOKEN" | od -An -tx1 | tr -d " \\n")"',
    ].join('\n')
    const { place, stdout, stderr } = await codex(asking(run, { outputs: ['out/'] }), {
      args: ['run', '--jsonl', '--allow', 'secret=TOKEN'],
      env: { TOKEN: SECRET },
      exitCode: 1,
    })
    expectHidden(place, stdout, stderr)
    const hex = Buffer.from(SECRET).toString('hex')
    for (const [name, bytes] of evidenceOf(place)) expect(bytes.includes(hex), name).toBe(false)
    expect(read(place, `${LATEST}/logs/a/tests/1/1.log`)).toMatch(/^\*\*\*\n.{0,3}\*\*\*.{0,5}\n\*\*\*\n$/)
    const [action] = manifestOf(place).actions
    expect(action?.reason).toEqual({ kind: 'undeclared-writes', paths: ['task-packs/a/undeclared-***'] })
  })

  it('is not part of a key or the manifest', async () => {
    const digests = await Promise.all(
      ['one value', 'another'].map(async (TOKEN) => {
        const ran = await codex(asking('test -n "$TOKEN"'), {
          args: ['run', '--allow', 'secret=TOKEN'],
          env: { TOKEN },
          exitCode: 0,
        })
        return ran.stdout
      }),
    )
    expect(digests[0]).toBe(digests[1])
  })

  it.each([undefined, ''])('without a value refuses the run: %j', async (TOKEN) => {
    const { place } = await codex(asking('test -n "$TOKEN"'), {
      args: ['run', '--allow', 'secret=TOKEN'],
      env: { TOKEN },
      exitCode: 3,
      stderr: ['`a` needs the secret `TOKEN`, and no variable of that name has a value.'],
    })
    expect(manifestOf(place).refusals).toEqual([{ code: 'secret-unset', pack: 'a', field: 'constraints.secrets' }])
  })

  it('is on no command line and in no file while its action runs', async () => {
    const place = placeFor(asking('sleep 2'))
    const seen: string[] = []
    const watching = setInterval(() => seen.push(...sightings(place)), 100)
    await codex(place, { args: ['run', '--allow', 'secret=TOKEN'], env: { TOKEN: SECRET }, exitCode: 0 })
    clearInterval(watching)
    expect(seen).toEqual([])
  })
})

/** Where the secret stands at this moment: command lines of any process, files of the run in progress. */
function sightings(place: Place): readonly string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const looked = [...processes.map((pid) => `/proc/${pid}/cmdline`), ...filesBelow(place.temporary)]
  return looked.filter((path) => attemptRead(path).includes(SECRET))
}

/** Folder by folder, because they go while they are listed. */
function filesBelow(folder: string): readonly string[] {
  return listed(folder).flatMap((name) => [join(folder, name), ...filesBelow(join(folder, name))])
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function attemptRead(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
