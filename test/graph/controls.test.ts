import { describe, expect, it } from 'vitest'
import { compileGraph, draftGraph } from '../../src/graph/compile.ts'
import { exportGraph } from '../../src/graph/export.ts'
import { GraphMemory } from '../../src/graph/memory.ts'
import type { CommandAction, GateAction, Graph } from '../../src/model/graph.ts'
import type { ResolvedPack } from '../../src/model/pack.ts'
import { packOf, type PackParts } from '../support/packs.ts'

function graphOf(...packs: readonly ResolvedPack[]): Graph {
  const { graph, diagnostics } = compileGraph(packs)
  expect(diagnostics).toEqual([])
  if (!graph) throw new Error('no graph')
  return graph
}

function commandOf(graph: Graph, id: string): CommandAction {
  const action = graph.actions.find((each) => each.id === id)
  if (action?.kind !== 'command')
    throw new Error(`no command ${id} among ${graph.actions.map((each) => each.id).join()}`)
  return action
}

function gateOf(graph: Graph, id: string): GateAction | undefined {
  return graph.actions.filter((action) => action.kind === 'gate').find((gate) => gate.id === id)
}

const before = (graph: Graph, id: string): string[] =>
  graph.edges.filter(({ to }) => to === id).map(({ from, kind }) => `${from} ${kind}`)

const PARTS: PackParts = {
  files: ['task.yml', 'data/a', 'data/b', 'bad/a', '/shared/x'],
  steps: [{ id: 'make', outputs: ['build/raw/', 'build/out'] }],
  lint: [{ id: 'one', outputs: ['build/lint'], control: { 'data/a': 'bad/a' } }],
  tests: [
    {},
    {
      run: 'node t.mjs',
      outputs: ['report.json'],
      env: { LEVEL: '3' },
      retries: { attempts: 4, repeatErrorLimit: 3 },
      control: { 'data/b': 'elsewhere/unlisted', 'build/out': 'build/raw/x', '/shared/x': 'build/lint' },
    },
  ],
}

describe('a control', () => {
  const graph = graphOf(packOf('p', PARTS))

  it('is its command once more, with the files that it puts in place', () => {
    const { id, phase, place, needs, control, retries, ...same } = commandOf(graph, 'p:controls/tests-2')
    const command = commandOf(graph, 'p:tests/2')
    expect(command).toMatchObject(same)
    expect({ id, phase }).toEqual({ id: 'p:controls/tests-2', phase: 'controls' })
    expect(place.file).toBe(command.place.file)
    expect(needs).toEqual(command.needs)
    expect(retries.attempts).toBe(1)
    expect(control).toEqual({
      of: 'p:tests/2',
      replace: [
        { target: 'packs/p/build/out', source: 'packs/p/build/raw/x', producers: ['p:steps/make'] },
        { target: 'packs/p/data/b', source: 'packs/p/elsewhere/unlisted', producers: [] },
        { target: 'shared/x', source: 'packs/p/build/lint', producers: ['p:lint/one'] },
      ],
    })
    expect(Object.isFrozen(control) && Object.isFrozen(control?.replace)).toBe(true)
  })

  it('waits for what its command waits for, and not for the command', () => {
    expect(before(graph, 'p:controls/lint-one')).toEqual(['p:steps/make phase'])
    expect(before(graph, 'p:controls/tests-2')).toEqual(['p:lint/one phase'])
    expect(commandOf(graph, 'p:tests/1').needs).toEqual(['p:lint/one'])
  })

  it('is awaited by every gate, one of which is its own', () => {
    const last = ['p:controls/lint-one', 'p:controls/tests-2', 'p:tests/1', 'p:tests/2']
    for (const name of ['artifacts', 'controls', 'secrets']) {
      expect(gateOf(graph, `p:gate/${name}`)?.needs).toEqual(last)
    }
    const gate = gateOf(graph, 'p:gate/controls')
    expect(gate).toMatchObject({ gate: 'controls', controls: ['p:controls/lint-one', 'p:controls/tests-2'] })
    expect(gate).toMatchObject({ required: [], providers: [], sources: [], logs: [] })
  })

  it('prints into logs that are looked through for credentials, and makes nothing that anybody sees', () => {
    expect(gateOf(graph, 'p:gate/secrets')?.logs).toContain('p:controls/tests-2')
    const seen = graph.actions.flatMap(({ providers }) => providers)
    expect(seen.filter((id) => id.includes(':controls/'))).toEqual([])
  })

  it('is awaited by the packs that need its pack', () => {
    const two = graphOf(packOf('p', PARTS), packOf('q', { needs: ['p'], tests: [{ control: { 'task.yml': '/x' } }] }))
    const gates = ['p:gate/artifacts pack', 'p:gate/controls pack', 'p:gate/secrets pack']
    expect(before(two, 'q:tests/1')).toEqual(gates)
    expect(before(two, 'q:controls/tests-1')).toEqual(gates)
  })

  it('is in the export, and a pack without one has no gate for it', () => {
    expect(exportGraph(graph)).toMatchObject({
      nodes: expect.arrayContaining([
        {
          key: 'p:controls/lint-one',
          attributes: expect.objectContaining({
            phase: 'controls',
            control: {
              of: 'p:lint/one',
              replace: [{ target: 'packs/p/data/a', source: 'packs/p/bad/a', producers: [] }],
            },
          }) as unknown,
        },
      ]) as unknown,
    })
    expect(gateOf(graphOf(packOf('p')), 'p:gate/controls')).toBeUndefined()
  })

  it('has an id of its own in every phase', () => {
    const control = { 'task.yml': '/x' }
    const ids = ['a', 'b-a', '1'].map((id) => ({ id, control }))
    const { actions } = graphOf(packOf('p', { format: ids, lint: ids, tests: ids }))
    expect(new Set(actions.map(({ id }) => id)).size).toBe(9 + 9 + 3)
  })

  it('tells how much of acceptance is without one', () => {
    const acceptanceOf = (pack: ResolvedPack): unknown => draftGraph([pack], new GraphMemory()).acceptance()
    expect(acceptanceOf(packOf('p', PARTS))).toEqual({ commands: 3, withoutControl: ['p:tests/1'] })
    expect(acceptanceOf(packOf('p'))).toEqual({ commands: 1, withoutControl: ['p:tests/1'] })
  })
})

describe('a control that would prove nothing', () => {
  const problemsOf = (parts: PackParts, ...others: readonly ResolvedPack[]): unknown[] =>
    compileGraph([packOf('p', parts), ...others]).diagnostics.map(({ code, facts }) => ({ code, ...facts }))

  it.each([
    ['is not there at all', { tests: [{ control: { 'data/x': 'bad' } }] }],
    ['is another one in the same folder', { files: ['data/y'], tests: [{ control: { 'data/x': 'bad' } }] }],
    ['is its own output', { tests: [{ outputs: ['data/x'], control: { 'data/x': 'bad' } }] }],
    ['is made by its neighbour', { tests: [{ outputs: ['data/x'] }, { control: { 'data/x': 'bad' } }] }],
    ['is in a mount', { inputs: { mounts: [{ path: 'data', identity: 'l' }] }, tests: [{ control: { 'data/x': 'bad' } }] }], // prettier-ignore
  ])('replaces what the command does not see, because it %s', (_, parts) => {
    const action = expect.stringMatching(/^p:tests\/[12]$/) as unknown
    expect(problemsOf(parts)).toEqual([{ code: 'control-target', target: 'data/x', action, narrowed: false }])
  })

  it('replaces what the command has narrowed away', () => {
    const tests = [{ files: ['data/y'], control: { 'data/x': 'bad' } }]
    const facts = { target: 'data/x', action: 'p:tests/1', narrowed: true }
    expect(problemsOf({ files: ['data/x', 'data/y'], tests })).toEqual([{ code: 'control-target', ...facts }])
  })

  it('puts in place what is not made before it', () => {
    const control = { 'task.yml': 'out/x' }
    const facts = { source: 'out/x', action: 'p:lint/1', producer: 'p:tests/1' }
    const late = [{ code: 'control-source', ...facts }]
    expect(problemsOf({ lint: [{ control }], tests: [{ outputs: ['out/'] }] })).toEqual(late)
    expect(problemsOf({ lint: [{ control, outputs: ['out/x'] }] })).toEqual([{ ...late[0], producer: 'p:lint/1' }])
  })

  it("puts another pack's output in place without taking it", () => {
    const other = packOf('q', { steps: [{ id: 'make', outputs: ['out/x'] }] })
    const parts = { tests: [{ control: { 'task.yml': '/packs/q/out/x' } }] }
    const facts = { source: '/packs/q/out/x', action: 'p:tests/1', producer: 'q:steps/make' }
    expect(problemsOf(parts, other)).toEqual([{ code: 'control-source', ...facts }])
    expect(problemsOf({ ...parts, needs: ['q'] }, other)).toEqual([{ code: 'control-source', ...facts }])
    expect(problemsOf({ ...parts, needs: ['q'], inputs: { files: ['**', '/packs/q/out/x'] } }, other)).toEqual([])
  })

  it('may replace an artifact of another pack, and put one in place', () => {
    const other = packOf('q', { steps: [{ id: 'make', outputs: ['out/x'] }] })
    const artifacts = [{ from: 'q', path: 'out/x', as: 'in/x' }]
    const control = { 'in/x': 'bad', 'task.yml': 'in/x' }
    expect(problemsOf({ needs: ['q'], inputs: { artifacts }, tests: [{ control }] }, other)).toEqual([])
  })
})
