// What enters a key, asked of the real program, and checked against the keys that runs have.
import { realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonicalJson, type Json } from '../../src/model/canonical.ts'
import { sha256 } from '../../src/model/digest.ts'
import { actionOf, codex, LATEST, manifestOf, placeFor, putFiles, type Files, type Place } from '../support/cli.ts'
import { pack } from '../support/tasks.ts'

const STEPS = [
  { id: 'one', run: 'cat x.txt > one.txt', inputs: { files: ['x.txt'] }, outputs: ['one.txt'] },
  {
    id: 'two',
    run: 'cat one.txt y.txt > two.txt',
    inputs: { files: ['one.txt', '*.txt', '!x.txt'] },
    outputs: ['two.txt'],
  },
]
const FILES: Files = {
  ...pack(
    'a',
    {
      inputs: { env: ['FLAVOR', 'UNSET'], tools: { sh: '*' } },
      env: { LEVEL: '3' },
      steps: STEPS,
      artifacts: { required: ['two.txt'] },
    },
    { 'x.txt': 'x', 'y.txt': 'y' },
  ),
  ...pack(
    'b',
    {
      needs: ['a'],
      inputs: { artifacts: [{ from: 'a', path: 'two.txt', as: 'in/two.txt' }] },
      acceptance: {
        tests: [{ run: 'grep -q x in/two.txt', control: { replace: { 'in/two.txt': 'other.txt' } } }],
      },
    },
    { 'other.txt': 'o' },
  ),
}

const ISOLATION = ['--sandbox=none', '--json'] as const

interface Document {
  readonly id: string
  readonly key: string | null
  readonly fingerprint: Json
  readonly waitsFor: readonly string[]
  readonly inputs: readonly { readonly path: string; readonly digest: string; readonly origin: object }[]
  readonly environment: readonly { readonly name: string; readonly value: string; readonly origin: string }[]
  readonly unset: readonly string[]
  readonly needs: readonly object[]
  readonly tools: readonly { readonly name: string; readonly path: string }[]
  readonly against: {
    readonly same: boolean
    readonly status: string | null
    readonly causes: readonly { readonly kind: string; readonly path?: string }[]
    readonly unpassed: readonly object[]
  } | null
}

async function explained(place: Place, args: readonly string[], exitCode = 0): Promise<Document> {
  const { stdout } = await codex(place, { args: ['explain', ...args, ...ISOLATION], env: { FLAVOR: 'mint' }, exitCode })
  return JSON.parse(stdout) as Document
}

async function runIn(place: Place, exitCode = 0): Promise<string> {
  await codex(place, { args: ['run', '-q', '--sandbox=none'], env: { FLAVOR: 'mint' }, exitCode })
  return basename(realpathSync(join(place.root, LATEST)))
}

describe.concurrent('codex explain', () => {
  it('tells every key of a run, before it and after it, and why each part is there', async () => {
    const place = placeFor(FILES)
    const early = await explained(place, ['a:steps/one'])
    const run = await runIn(place)
    const { actions } = manifestOf(place)
    expect(early.key).toBe(actionOf(manifestOf(place), 'a:steps/one').key)
    const late = new Map<string, Document>()
    for (const { id } of actions) late.set(id, await explained(place, [id, '--against', run]))
    expect([...late].map(([id, { key }]) => [id, key])).toEqual(actions.map(({ id, key }) => [id, key]))
    for (const { key, fingerprint, against } of late.values()) {
      expect(sha256(canonicalJson(fingerprint))).toBe(key)
      expect(against).toMatchObject({ same: true, status: 'passed', causes: [] })
    }
    const two = late.get('a:steps/two')
    expect(two?.inputs.map(({ path, origin }) => [path, origin])).toEqual([
      ['task-packs/a/one.txt', { kind: 'output', action: 'a:steps/one' }],
      ['task-packs/a/y.txt', { kind: 'source', pattern: '*.txt' }],
    ])
    const origins = Object.fromEntries(two?.environment.map(({ name, origin }) => [name, origin]) ?? [])
    expect(origins).toMatchObject({ FLAVOR: 'caller', LEVEL: 'declared', TZ: 'fixed', CODEX_ACTION: 'codex' })
    expect(two?.unset).toEqual(['UNSET'])
    expect(two?.needs).toEqual([{ action: 'a:steps/one', kind: 'output' }])
    expect(two?.tools[0]?.path).toMatch(/^\//)
    const artifact = { kind: 'artifact', pack: 'a', path: 'task-packs/a/two.txt' }
    expect(late.get('b:tests/1')?.inputs[0]?.origin).toEqual(artifact)
    const control = late.get('b:controls/tests-1')?.inputs[0]
    expect(control).toMatchObject({ digest: sha256('o'), origin: { kind: 'control', path: 'task-packs/b/other.txt' } })
  })

  it('says what is not known before others have run', async () => {
    const place = placeFor(FILES)
    const two = await explained(place, ['a:steps/two'])
    expect(two).toMatchObject({ key: null, fingerprint: null, waitsFor: ['a:steps/one'], against: null })
    expect(two.inputs.map(({ path }) => path)).toEqual(['task-packs/a/y.txt'])
    await codex(place, {
      args: ['explain', 'a:steps/two', '--sandbox=none'],
      exitCode: 0,
      stdout: [/^a:steps\/two {2}its key is not known yet$/m, /^not known before they have run\n {2}a:steps\/one$/m],
    })
  })

  it('says what would make an action run again, in the words of diff', async () => {
    const place = placeFor(FILES)
    const run = await runIn(place)
    putFiles(place.root, { 'task-packs/a/y.txt': 'Y' })
    const test = await explained(place, ['b:tests/1', '--against', run], 1)
    expect(test).toMatchObject({ key: null, against: { same: false, status: 'passed' } })
    expect(test.against?.causes).toMatchObject([
      { kind: 'file', path: 'task-packs/a/y.txt', followers: expect.anything() as unknown },
    ])
    await codex(place, {
      args: ['explain', 'two', '-q', '--sandbox=none', '--against', 'latest'],
      env: { FLAVOR: 'plum' },
      exitCode: 1,
      stdout: [
        /: its key was sha256:[0-9a-f]{12}, and it passed there\. It would run again, because:$/m,
        /The variable `FLAVOR` changed: `mint` -> `plum`\./,
        /`task-packs\/a\/y.txt` changed: sha256/,
      ],
    })
    await explained(place, ['a:steps/one', '--against', run])
  })

  it('knows what an action that did not pass leaves unknown', async () => {
    const place = placeFor(
      pack('a', {
        steps: [{ id: 'one', run: 'exit 3', outputs: ['o'] }],
        acceptance: { tests: [{ run: 'test -s o' }] },
      }),
    )
    const run = await runIn(place, 1)
    const test = await explained(place, ['a:tests/1', '--against', run], 1)
    expect(test.against).toMatchObject({
      same: false,
      status: 'skipped',
      causes: [],
      unpassed: [{ action: 'a:steps/one', status: 'failed' }],
    })
    await codex(place, {
      args: ['explain', 'a:tests/1', '-q', '--sandbox=none', '--against', run],
      exitCode: 1,
      stdout: [/`a:steps\/one` would be the same, but failed there: what it makes is not known\./],
    })
  })

  it('tells of an action and of a pack that were not part of the run', async () => {
    const place = placeFor(pack('a'))
    const run = await runIn(place)
    putFiles(place.root, pack('b'))
    const test = await explained(place, ['b:tests/1', '--against', run], 1)
    expect(test.against).toMatchObject({ same: false, status: null, causes: [{ kind: 'pack', pack: 'b', run: 'to' }] })
  })

  it.each([
    ['twoo', 2, /There is no action 'twoo'\. Did you mean 'two'\?/],
    ['a:steps/tow', 2, /Did you mean 'a:steps\/two'\?/],
    ['gate/secrets', 2, /'gate\/secrets' may be any of 2 actions: a:gate\/secrets, b:gate\/secrets/],
    ['zz:tests/1', 2, /unknown-selector/],
    ['', 2, /named by an empty word/],
  ])('says what %j could have meant', async (name, exitCode, said) => {
    await codex(FILES, { args: ['explain', name, '--sandbox=none'], exitCode, stderr: [said] })
  })

  it('explains an action of a sound pack beside one that is not, and refuses as a run would', async () => {
    const files = {
      ...pack('a'),
      ...pack('bad', { pillar: 'none' }),
      ...pack('c', { constraints: { cloud_mutations: true } }),
    }
    const place = placeFor(files)
    await codex(place, { args: ['explain', 'a:tests/1', '--sandbox=none'], exitCode: 0 })
    await codex(place, { args: ['explain', 'bad:tests/1', '--sandbox=none'], exitCode: 2 })
    await codex(place, {
      args: ['explain', 'c:tests/1', '--sandbox=none'],
      exitCode: 3,
      stderr: [/nobody has granted/],
    })
    await codex(place, {
      args: ['explain', 'c:tests/1', '--sandbox=none', '--allow=cloud'],
      exitCode: 0,
      stdout: [/^grants\n {2}cloud$/m],
    })
  })

  it('shows twenty files to people, and all of them with -v', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, place) => [`f${place}`, '']))
    const place = placeFor(pack('a', {}, many))
    const args = ['explain', 'a:tests/1', '--sandbox=none']
    await codex(place, {
      args,
      exitCode: 0,
      stdout: [/^inputs: 31 files, sha256:[0-9a-f]{64}$/m, /^ {2}and 11 more; -v shows them$/m],
    })
    expect((await codex(place, { args: [...args, '-v'], exitCode: 0 })).stdout).toContain('task-packs/a/f29')
  })
})
