import { DirectedGraph } from 'graphology'
import { describe, expect, it } from 'vitest'
import { compileGraph } from '../../src/graph/compile.ts'
import { exportGraph } from '../../src/graph/export.ts'
import { canonicalJson } from '../../src/model/canonical.ts'
import { packOf } from '../support/packs.ts'

const packs = [
  packOf('b', { needs: ['a'], inputs: { artifacts: [{ from: 'a', path: 'x.json', as: 'in.json' }] } }),
  packOf('a', { steps: [{ id: 's', run: ['make', 'x'], outputs: ['x.json'] }], required: ['x.json'] }),
]

describe('exportGraph', () => {
  const { graph } = compileGraph(packs)
  if (!graph) throw new Error('no graph')
  const exported = exportGraph(graph)

  it('is what graphology writes, nodes in plan order, edges in the order of the graph', () => {
    expect(exported).toMatchObject({
      options: { type: 'directed', multi: false, allowSelfLoops: false },
      attributes: {
        packs: [
          { id: 'a', needs: [] },
          { id: 'b', needs: ['a'] },
        ],
      },
      nodes: [
        {
          key: 'a:steps/s',
          attributes: {
            kind: 'command',
            pack: 'a',
            phase: 'steps',
            command: ['make', 'x'],
            text: 'make x',
            cwd: 'packs/a',
            sources: 1,
            outputs: ['packs/a/x.json'],
            needs: [],
            file: 'packs/a/task.yml',
          },
        },
        { key: 'a:tests/1', attributes: { needs: ['a:steps/s'], providers: ['a:steps/s'] } },
        { key: 'a:gate/artifacts', attributes: { kind: 'gate', gate: 'artifacts', required: ['packs/a/x.json'] } },
        { key: 'a:gate/secrets', attributes: { kind: 'gate', gate: 'secrets', required: ['packs/a/x.json'] } },
        { key: 'b:tests/1', attributes: { artifacts: [{ from: 'a', path: 'packs/a/x.json', as: 'packs/b/in.json' }] } },
        { key: 'b:gate/artifacts' },
        { key: 'b:gate/secrets' },
      ],
      edges: [
        { key: 'a:steps/s -> a:tests/1', source: 'a:steps/s', target: 'a:tests/1', attributes: { kind: 'phase' } },
        { source: 'a:tests/1', target: 'a:gate/artifacts' },
        { source: 'a:tests/1', target: 'a:gate/secrets' },
        { source: 'a:gate/artifacts', target: 'b:tests/1', attributes: { kind: 'pack' } },
        { source: 'a:gate/secrets', target: 'b:tests/1', attributes: { kind: 'pack' } },
        { source: 'b:tests/1', target: 'b:gate/artifacts' },
        { source: 'b:tests/1', target: 'b:gate/secrets' },
      ],
    })
  })

  it('comes back through graphology as it was', () => {
    const text = JSON.stringify(exported)
    const imported = DirectedGraph.from(JSON.parse(text))
    expect(imported.order).toBe(graph.actions.length)
    expect(imported.size).toBe(graph.edges.length)
    expect(JSON.stringify(imported.export())).toBe(text)
  })

  it('can be written as canonical JSON', () => {
    expect(JSON.parse(canonicalJson(exported))).toEqual(exported)
  })
})
