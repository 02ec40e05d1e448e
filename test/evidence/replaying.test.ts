// Steps that are taken from a recorded run, on made-up files: the manifest is the same, and nothing that was forged is taken.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/model/manifest.ts'
import { selectionTest } from '../../src/model/pattern.ts'
import type { ExecutionRequest } from '../../src/model/ports.ts'
import { ok } from '../../src/model/result.ts'
import type { ReplaySource } from '../../src/model/replay.ts'
import { treeOf, type TreeEntry } from '../../src/model/tree.ts'
import { runProject, type Machine, type RunResult } from '../../src/pipeline.ts'
import { loadProject } from '../../src/project.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { exited, fakeExecutor } from '../support/fake-executor.ts'
import { recordedFrom } from '../support/memory-recorded-run.ts'
import { memoryRunFolder } from '../support/memory-run-folder.ts'
import { memoryStore, type MemoryStore } from '../support/memory-store.ts'
import { memoryWorkspace } from '../support/memory-workspace.ts'
import { task } from '../support/tasks.ts'

/** What a step does to a file of `src`. */
type Deed =
  | { readonly do: 'write'; readonly file: string; readonly text: string; readonly executable: boolean }
  | { readonly do: 'delete'; readonly file: string }

interface Story {
  readonly base: Readonly<Record<string, string>>
  /** By pack, step by step. */
  readonly deeds: readonly (readonly (readonly Deed[])[])[]
}

const NAMES = ['a', 'b', 'deep/c', 'd']
const text = fc.constantFrom('one\n', 'two\n', 'no end', '')
const file = fc.constantFrom(...NAMES).map((name) => `src/${name}.txt`)
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('write' as const), file, text, executable: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), file }) },
)
const steps = fc.array(fc.array(deed, { maxLength: 3 }), { minLength: 1, maxLength: 3 })
const story: fc.Arbitrary<Story> = fc.record({
  base: fc.dictionary(file, text, { maxKeys: 4 }),
  deeds: fc.array(steps, { minLength: 1, maxLength: 2 }),
})

/** A pack for each list of steps, each needing the one before it; the first is asked for a key. */
function filesOf({ base, deeds }: Story): Record<string, string> {
  const packs = deeds.map((list, place) => [
    `task-packs/p${place}/task.yml`,
    task(`p${place}`, {
      needs: place === 0 ? [] : [`p${place - 1}`],
      inputs: { files: ['**', '/keep.txt'] },
      constraints: { scope: ['/src/**'], secrets: place === 0 ? ['KEY'] : [] },
      steps: list.map((_, at) => ({ id: `s${at}`, run: 'x', outputs: [`out${at}.txt`] })),
      acceptance: {
        tests: [
          { run: 'x' },
          { run: 'x', inputs: { files: ['task.yml'] } },
          { run: 'x', inputs: { files: ['/keep.txt', 'out0.txt'] } },
        ],
      },
      artifacts: { required: ['out0.txt'] },
    }),
  ])
  return { ...base, 'keep.txt': 'kept', ...(Object.fromEntries(packs) as Record<string, string>) }
}

interface World {
  readonly files: Readonly<Record<string, string>>
  readonly deeds: Story['deeds']
  /** Of every command that was run. */
  readonly requests: ExecutionRequest[]
}

function doDeeds(request: ExecutionRequest, list: readonly Deed[], store: MemoryStore) {
  const inScope = selectionTest(request.scope ?? [])
  const before = new Map(request.inputs.entries.map((entry) => [entry.path, entry]))
  const after = new Map<string, TreeEntry>(before)
  for (const each of list) {
    if (each.do === 'delete') after.delete(each.file)
    else after.set(each.file, store.keep(each.file, each))
  }
  const isNew = ({ path, digest, executable }: TreeEntry): boolean =>
    before.get(path)?.digest !== digest || before.get(path)?.executable !== executable
  return {
    files: treeOf([...after.values()].filter((entry) => inScope(entry.path) && isNew(entry))),
    deleted: [...before.keys()].filter((path) => inScope(path) && !after.has(path)).toSorted(),
  }
}

function machineOf({ files, deeds, requests }: World, key: string | null): { machine: Machine; store: MemoryStore } {
  const store = memoryStore(files)
  const executor = fakeExecutor(({ id, request, end }) => {
    requests.push(request)
    const [, pack, step] = /^p(\d):steps\/s(\d)$/.exec(id) ?? []
    if (pack === undefined) return end(exited(0))
    const outputs = treeOf(request.outputs.map((path) => store.keep(path, `${id} of ${request.inputs.digest}`)))
    end(exited(0, { outputs, changes: doDeeds(request, deeds[Number(pack)]?.[Number(step)] ?? [], store) }))
  })
  const machine: Machine = {
    store,
    clock: fakeClock({ skipSleeps: true }),
    facts: { platform: 'linux', arch: 'x64', release: '6', hostname: 'h', node: '20.19.0' },
    variables: key === null ? {} : { KEY: key },
    workspace: '/workspace',
    openSandbox: async () => ok(executor),
    resolverFor: () => ({ resolve: async (name) => ({ ok: false, error: { kind: 'missing', name } }) }),
  }
  return { machine, store }
}

const GRANT = { pack: null, definition: null, network: [], secrets: ['KEY'], cloud: false } as const

interface Made {
  readonly result: RunResult
  readonly source: ReplaySource
}

/** `replay`: then nothing is granted, and there is no key. */
async function run(world: World, replay: ReplaySource | null = null): Promise<Made> {
  const workspace = memoryWorkspace({ ...world.files })
  const project = loadProject(workspace, { file: null, value: {} }, { names: [], pillars: [], tags: [] })
  expect(project.diagnostics).toEqual([])
  const folder = memoryRunFolder(replay ? '20260101T000000Z-00000001' : '20260101T000000Z-00000000')
  const { machine, store } = machineOf(world, replay ? null : 'k3y')
  const result = await runProject(
    project,
    { machine, folder, listen: () => {} },
    {
      tool: { name: 'codex', version: '1.2.3' },
      jobs: 2,
      failFast: false,
      maxAttempts: null,
      signal: new AbortController().signal,
      argv: [],
      grants: replay ? [] : [GRANT],
      attestor: null,
      replay,
    },
  )
  const exported = [...store.exported].map(
    ([path, content]) => [path.replace(`${folder.path}/`, ''), Buffer.from(content)] as const,
  )
  const recorded = recordedFrom(new Map([...folder.files, ...exported]))
  return { result, source: { run: recorded, manifest: result.manifest, digest: result.digest } }
}

const STORIES = Number(process.env['CODEX_REPLAYS'] ?? 15)

describe('a replay', () => {
  it('has the manifest of the run, whatever its steps have changed, and so has a replay of it (more with CODEX_REPLAYS)', async () => {
    let changed = 0
    await fc.assert(
      fc.asyncProperty(story, async (told) => {
        const files = filesOf(told)
        const recorded = await run({ files, deeds: told.deeds, requests: [] })
        expect(recorded.result.verdict).toBe('passed')
        changed += recorded.result.manifest.packs.filter(({ change }) => change?.patch).length
        const requests: ExecutionRequest[] = []
        const first = await run({ files, deeds: [], requests }, recorded.source)
        expect(first.result.diagnostics).toEqual([])
        expect(first.result.manifest).toEqual(recorded.result.manifest)
        expect(first.result.digest).toBe(recorded.result.digest)
        expect(requests.some(({ secrets }) => Object.keys(secrets).length > 0)).toBe(false)
        expect(requests.some(({ scope }) => scope)).toBe(false)
        const second = await run({ files, deeds: [], requests: [] }, first.source)
        expect(second.result.digest).toBe(recorded.result.digest)
      }),
      { numRuns: STORIES },
    )
    expect(changed).toBeGreaterThan(STORIES / 4)
  })
})

const TOLD: Story = {
  base: { 'src/a.txt': 'one\n', 'src/b.txt': 'two\n' },
  deeds: [
    [[{ do: 'write', file: 'src/a.txt', text: 'more\n', executable: false }], [{ do: 'delete', file: 'src/b.txt' }]],
  ],
}
const FILES = filesOf(TOLD)

async function recordedRun(): Promise<ReplaySource> {
  return (await run({ files: FILES, deeds: TOLD.deeds, requests: [] })).source
}

type Action = Manifest['actions'][number]

/** The manifest with an action that says something else. */
function forged(
  { manifest, ...source }: ReplaySource,
  id: string,
  lie: (action: Action) => Partial<Action>,
): ReplaySource {
  const actions = manifest.actions.map((action) => (action.id === id ? { ...action, ...lie(action) } : action))
  return { ...source, manifest: { ...manifest, actions } }
}

async function refusalOf(source: ReplaySource, files = FILES): Promise<unknown> {
  const { result } = await run({ files, deeds: [], requests: [] }, source)
  expect(result).toMatchObject({ verdict: 'refused', exitCode: 5, outcomes: [] })
  return result.diagnostics[0]?.facts
}

const OTHER = 'f'.repeat(64)
const GATE = 'p0:gate/scope'
const [FIRST, LAST] = ['p0:steps/s0', 'p0:steps/s1']

function changeOf({ change }: Action): NonNullable<Action['change']> {
  if (!change) throw new Error('no change')
  return change
}

function withoutChange({ manifest, ...source }: ReplaySource): ReplaySource {
  const actions = manifest.actions.map((action) => {
    const { change, ...rest } = action
    return change ? rest : action
  })
  return { ...source, manifest: { ...manifest, actions } }
}

describe('what is taken from nobody', () => {
  const lies: readonly (readonly [string, string, (action: Action) => Partial<Action>, object])[] = [
    ['a step that did not pass', LAST, () => ({ status: 'failed' }), { subject: 'step', of: LAST }],
    ['a key of nothing', FIRST, () => ({ key: OTHER }), { subject: 'key', of: FIRST }],
    ['a list of inputs that is another', FIRST, () => ({ inputs: OTHER }), { subject: 'files', of: FIRST, names: [] }],
    ['no output', FIRST, () => ({ outputs: [] }), { subject: 'outputs', names: ['task-packs/p0/out0.txt'] }],
    [
      'an output that nobody declares',
      FIRST,
      ({ outputs }) => ({ outputs: [...outputs, { path: 'src/a.txt', digest: OTHER, executable: false, size: 1 }] }),
      { subject: 'outputs', names: ['src/a.txt'] },
    ],
    [
      'an output outside of the workspace',
      FIRST,
      ({ outputs }) => ({ outputs: outputs.map((each) => ({ ...each, path: '../../../etc/passwd' })) }),
      { subject: 'outputs', names: ['task-packs/p0/out0.txt', '../../../etc/passwd'] },
    ],
    [
      'an output of other bytes',
      FIRST,
      ({ outputs }) => ({ outputs: outputs.map((each) => ({ ...each, digest: OTHER })) }),
      { subject: 'outputs' },
    ],
    [
      'an output of another size',
      FIRST,
      ({ outputs }) => ({ outputs: outputs.map((each) => ({ ...each, size: 1 })) }),
      { subject: 'outputs' },
    ],
    [
      'another patch',
      GATE,
      (action) => ({ change: { ...changeOf(action), patch: OTHER } }),
      { subject: 'patch', names: [] },
    ],
    [
      'a patch of more than is told',
      GATE,
      (action) => ({ change: { ...changeOf(action), files: changeOf(action).files.slice(1) } }),
      { subject: 'patch', names: ['src/a.txt'] },
    ],
    [
      'a patch of less than is told',
      GATE,
      (action) => ({ change: { ...changeOf(action), patch: null } }),
      { subject: 'patch', names: ['src/a.txt', 'src/b.txt'] },
    ],
    [
      'a patch of something else',
      GATE,
      (action) => ({
        change: {
          ...changeOf(action),
          files: changeOf(action).files.map((each) =>
            each.after ? { ...each, after: { ...each.after, executable: true } } : each,
          ),
        },
      }),
      { subject: 'patch', names: ['src/a.txt'] },
    ],
  ]

  it.each(lies)('%s', async (_, id, lie, facts) => {
    expect(await refusalOf(forged(await recordedRun(), id, lie))).toMatchObject(facts)
  })

  it('a change that was not let through', async () => {
    expect(await refusalOf(withoutChange(await recordedRun()))).toMatchObject({ subject: 'change', of: GATE })
  })

  it('a run of another codex, or of other packs', async () => {
    const source = await recordedRun()
    const { manifest } = source
    const older = { ...source, manifest: { ...manifest, tool: { name: 'codex', version: '1.2.2' } } }
    expect(await refusalOf(older)).toMatchObject({ subject: 'tool', of: 'codex 1.2.2', names: ['codex 1.2.3'] })
    const [pack] = manifest.packs
    const more = pack ? [...manifest.packs, { ...pack, id: 'p9' }] : []
    expect(await refusalOf({ ...source, manifest: { ...manifest, packs: more } })).toMatchObject({
      subject: 'packs',
      names: ['p9'],
    })
  })

  it.each([
    ['src/a.txt', 'in scope'],
    ['keep.txt', 'elsewhere'],
  ])('a run of another %s, %s', async (path) => {
    expect(await refusalOf(await recordedRun(), { ...FILES, [path]: 'other' })).toMatchObject({
      subject: 'files',
      of: FIRST,
      names: [path],
    })
  })
})
