import { describe, expect, it } from 'vitest'
import { compileGraph } from '../../src/graph/compile.ts'
import type { ActionId, Graph } from '../../src/model/graph.ts'
import type { ActionOutcome } from '../../src/model/outcome.ts'
import type { PreparedAction } from '../../src/model/plan.ts'
import type { ResolvedPack } from '../../src/model/pack.ts'
import { treeOf, type TreeEntry } from '../../src/model/tree.ts'
import { planActions } from '../../src/plan/dryrun.ts'
import { createPreparer, toolKey, type PlanContext, type Prepare } from '../../src/plan/prepare.ts'
import { outcome } from '../support/actions.ts'
import { memoryStore } from '../support/memory-store.ts'
import { packOf } from '../support/packs.ts'
import { UNFILTERED } from '../support/guarantees.ts'

function graphOf(...packs: readonly ResolvedPack[]): Graph {
  const { graph, diagnostics } = compileGraph(packs)
  if (!graph) throw new Error(JSON.stringify(diagnostics))
  return graph
}

function preparing(context: Pick<PlanContext, 'store'> & Partial<PlanContext>): Prepare {
  return createPreparer({ guarantees: UNFILTERED, tools: new Map(), callerEnv: {}, ...context })
}

const made = (id: ActionId, ...entries: TreeEntry[]): [ActionId, ActionOutcome] => [
  id,
  outcome(id, { outputs: treeOf(entries) }),
]

function prepareOne(
  prepare: Prepare,
  graph: Graph,
  id: ActionId,
  ...outcomes: [ActionId, ActionOutcome][]
): PreparedAction {
  const action = graph.actions.find((each) => each.id === id)
  if (!action) throw new Error(`no action ${id}`)
  const result = prepare(action, new Map(outcomes))
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

const pathsOf = ({ inputs }: PreparedAction): readonly string[] => inputs.entries.map(({ path }) => path)

describe('the input tree', () => {
  const store = () => memoryStore({ 'packs/p/task.yml': 'a', 'packs/p/run.sh': { text: 'b', executable: true } })
  const pack = packOf('p', {
    files: ['task.yml', 'run.sh'],
    steps: [{ id: 'a', outputs: ['out/'] }, { id: 'b', needs: ['a'], outputs: ['b.txt'] }, { id: 'c' }],
    tests: [{}, {}, { files: ['task.yml'] }],
    required: ['out/x', 'run.sh'],
  })

  it('holds the sources, each read once, and is one object for all that read the same', () => {
    const files = store()
    const [graph, prepare] = [graphOf(pack), preparing({ store: files })]
    const first = prepareOne(prepare, graph, 'p:steps/a')
    expect(pathsOf(first)).toEqual(['packs/p/run.sh', 'packs/p/task.yml'])
    expect(first.inputs.entries[0]).toMatchObject({ executable: true, size: 1 })
    expect(prepareOne(prepare, graph, 'p:steps/c').inputs).toBe(first.inputs)
    expect([...files.reads.values()]).toEqual([1, 1])
  })

  it('holds the outputs of providers, and is hashed once for the same ones', () => {
    const files = store()
    const [graph, prepare] = [graphOf(pack), preparing({ store: files })]
    const outcomes = [
      made('p:steps/a', files.keep('packs/p/out/x', 'x'), files.keep('packs/p/out/y', 'y')),
      made('p:steps/b', files.keep('packs/p/b.txt', 'b')),
    ]
    const [, b] = outcomes
    expect(pathsOf(prepareOne(prepare, graph, 'p:steps/b', ...outcomes))).toEqual([
      'packs/p/out/x',
      'packs/p/out/y',
      'packs/p/run.sh',
      'packs/p/task.yml',
    ])
    const test = prepareOne(prepare, graph, 'p:tests/1', ...outcomes)
    expect(pathsOf(test)).toContain('packs/p/b.txt')
    expect(prepareOne(prepare, graph, 'p:tests/2', ...outcomes).inputs).toBe(test.inputs)
    expect(pathsOf(prepareOne(prepare, graph, 'p:tests/3', ...outcomes))).toEqual([
      'packs/p/b.txt',
      'packs/p/out/x',
      'packs/p/out/y',
      'packs/p/task.yml',
    ])
    const again = made('p:steps/a', files.keep('packs/p/out/x', 'other'))
    expect(prepareOne(prepare, graph, 'p:tests/1', again, ...(b ? [b] : [])).key).not.toBe(test.key)
  })

  it('of a gate holds what the commands of its pack made and the required sources', () => {
    const files = store()
    const [graph, prepare] = [graphOf(pack), preparing({ store: files })]
    const outcomes = [made('p:steps/a', files.keep('packs/p/out/x', 'x')), made('p:steps/b')]
    const gate = prepareOne(prepare, graph, 'p:gate/artifacts', ...outcomes)
    expect(pathsOf(gate)).toEqual(['packs/p/out/x', 'packs/p/run.sh'])
    expect(gate).toMatchObject({ env: {}, tools: [], mounts: [] })
    expect(gate.key).toMatch(/^[0-9a-f]{64}$/)
  })

  it('can’t be made before the providers have ended', () => {
    const [graph, prepare] = [graphOf(pack), preparing({ store: store() })]
    expect(() => prepareOne(prepare, graph, 'p:steps/b')).toThrow(RangeError)
  })

  it('is an error where a source is gone', () => {
    const graph = graphOf(packOf('p', { files: ['task.yml', 'gone.txt'] }))
    const prepare = preparing({ store: store() })
    const [action] = graph.actions
    expect(action && prepare(action, new Map())).toMatchObject({
      ok: false,
      error: { code: 'ENOENT', path: 'packs/p/gone.txt' },
    })
    expect(planActions(graph, prepare)).toMatchObject({ ok: false, error: { path: 'packs/p/gone.txt' } })
  })
})

describe('artifacts', () => {
  const producer = packOf('inv', { tests: [{ outputs: ['artifacts/', 'private.txt'] }] })
  const consumer = packOf('use', {
    needs: ['inv'],
    inputs: {
      artifacts: [
        { from: 'inv', path: 'artifacts/i.json', as: 'data/i.json' },
        { from: 'inv', path: 'artifacts/all/', as: 'all' },
      ],
    },
    tests: [{}, {}],
  })

  it('are mounted where the pack wants them, without the other outputs of their producer', () => {
    const files = memoryStore({ 'packs/use/task.yml': 'u' })
    const [graph, prepare] = [graphOf(producer, consumer), preparing({ store: files })]
    const paths = ['artifacts/i.json', 'artifacts/other.json', 'artifacts/all/1', 'artifacts/all/deep/2', 'private.txt']
    const ended = made('inv:tests/1', ...paths.map((path) => files.keep(`packs/inv/${path}`, path)))
    const first = prepareOne(prepare, graph, 'use:tests/1', ended)
    expect(pathsOf(first)).toEqual([
      'packs/use/all/1',
      'packs/use/all/deep/2',
      'packs/use/data/i.json',
      'packs/use/task.yml',
    ])
    expect(Buffer.from(files.read(first.inputs.entries[2] ?? files.keep('', ''))).toString()).toBe('artifacts/i.json')
    expect(prepareOne(prepare, graph, 'use:tests/2', ended).inputs).toBe(first.inputs)
  })

  it('that their producer did not make are an error', () => {
    const files = memoryStore({ 'packs/use/task.yml': 'u' })
    const graph = graphOf(producer, consumer)
    const action = graph.actions.find(({ id }) => id === 'use:tests/1')
    const result = action && preparing({ store: files })(action, new Map([made('inv:tests/1')]))
    expect(result).toMatchObject({ ok: false, error: { code: 'ENOENT', path: 'packs/inv/artifacts/i.json' } })
  })
})

describe('tools, mounts and variables', () => {
  const pack = packOf('p', {
    inputs: {
      env: ['FLAVOR'],
      tools: { python3: '*', node: '>=20' },
      mounts: [{ path: '/node_modules', identity: '/package-lock.json' }],
    },
  })
  const node = { name: 'node', version: '20.19.0', digest: '1'.repeat(64), path: '/usr/bin/node' }
  const python = { name: 'python3', version: '3.11.2', digest: '2'.repeat(64), path: '/usr/bin/python3' }
  const tools = new Map([
    [toolKey('node', '>=20'), node],
    [toolKey('python3', '*'), python],
  ])

  it('are given to the action', () => {
    const store = memoryStore({ 'packs/p/task.yml': 'p', 'package-lock.json': 'lock' })
    const prepare = preparing({ store, tools, callerEnv: { FLAVOR: 'mint' } })
    const prepared = prepareOne(prepare, graphOf(pack), 'p:tests/1')
    const digest = store.keep('package-lock.json', 'lock').digest
    expect(prepared.tools).toEqual([node, python])
    expect(prepared.mounts).toEqual([{ path: 'node_modules', identity: 'package-lock.json', digest }])
    expect(prepared.env).toMatchObject({ FLAVOR: 'mint', CODEX_ACTION: 'p:tests/1' })
    expect(pathsOf(prepared)).toEqual(['packs/p/task.yml'])
  })

  it('fail where a mount has no identity, or a tool was forgotten', () => {
    const graph = graphOf(pack)
    const store = memoryStore({ 'packs/p/task.yml': 'p' })
    const [action] = graph.actions
    expect(action && preparing({ store, tools })(action, new Map())).toMatchObject({
      ok: false,
      error: { path: 'package-lock.json' },
    })
    const locked = memoryStore({ 'packs/p/task.yml': 'p', 'package-lock.json': 'lock' })
    expect(() => prepareOne(preparing({ store: locked }), graph, 'p:tests/1')).toThrow('node')
  })
})

describe('planActions', () => {
  it('gives every key that is known before anything runs, and names what the others wait for', () => {
    const graph = graphOf(
      packOf('a', { steps: [{ id: 'make', outputs: ['x'] }, { id: 'other', outputs: ['y'] }, { id: 'quiet' }] }),
      packOf('b', { needs: ['a'], inputs: { artifacts: [{ from: 'a', path: 'x', as: 'x' }] } }),
      packOf('c', { needs: ['a'] }),
    )
    const store = memoryStore({ 'packs/a/task.yml': 'a', 'packs/b/task.yml': 'b', 'packs/c/task.yml': 'c' })
    const prepare = preparing({ store })
    const planned = planActions(graph, prepare)
    if (!planned.ok) throw new Error(planned.error.message)
    expect(planned.value.map(({ action, key, waitsFor }) => [action.id, key !== null, waitsFor])).toEqual([
      ['a:steps/make', true, []],
      ['a:steps/other', true, []],
      ['a:steps/quiet', true, []],
      ['a:tests/1', false, ['a:steps/make', 'a:steps/other']],
      ['a:gate/artifacts', false, ['a:steps/make', 'a:steps/other']],
      ['a:gate/secrets', false, ['a:steps/make', 'a:steps/other']],
      ['b:tests/1', false, ['a:steps/make']],
      ['c:tests/1', true, []],
      ['b:gate/artifacts', true, []],
      ['b:gate/secrets', true, []],
      ['c:gate/artifacts', true, []],
      ['c:gate/secrets', true, []],
    ])
    expect(planned.value[0]?.key).toBe(prepareOne(preparing({ store }), graph, 'a:steps/make').key)
  })
})
