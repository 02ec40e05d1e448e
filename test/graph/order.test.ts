import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGraph } from '../../src/graph/compile.ts'
import { exportGraph } from '../../src/graph/export.ts'
import { heights, planOrder, type Node } from '../../src/graph/order.ts'
import { compareBytes } from '../../src/model/order.ts'
import type { ResolvedPack } from '../../src/model/pack.ts'
import { packOf, type CommandParts, type PackParts } from '../support/packs.ts'

/** Nodes with names in no useful order, each needing some of those before it, then shuffled. */
const dags: fc.Arbitrary<readonly Node[]> = fc
  .uniqueArray(fc.stringMatching(/^[a-z\u{1F600}\uFF5E]{1,3}$/u), { minLength: 1, maxLength: 25 })
  .chain((ids) =>
    fc.tuple(...ids.map((id, place) => fc.subarray(ids.slice(0, place)).map((needs): Node => ({ id, needs })))),
  )
  .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length, maxLength: nodes.length }))

/** The length of the longest path to each node, found the slow way. */
function depths(nodes: readonly Node[]): ReadonlyMap<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const depth = (id: string): number => Math.max(0, ...[...(byId.get(id)?.needs ?? [])].map((need) => depth(need) + 1))
  return new Map(nodes.slice(0, 12).map(({ id }) => [id, depth(id)]))
}

describe('planOrder', () => {
  it('puts everything after what it needs, for all graphs without circles', () => {
    fc.assert(
      fc.property(dags, (nodes) => {
        const order = planOrder(nodes) ?? []
        const place = new Map(order.map((id, index) => [id, index]))
        expect(order.toSorted()).toEqual(nodes.map(({ id }) => id).toSorted())
        for (const { id, needs } of nodes) {
          for (const need of needs) expect(place.get(need)).toBeLessThan(place.get(id) ?? -1)
        }
      }),
    )
  })

  it('goes by generation, then by the bytes of the ids, whatever the order in which nodes are given', () => {
    fc.assert(
      fc.property(dags, (nodes) => {
        const order = planOrder(nodes) ?? []
        const depth = depths(nodes)
        const known = order.filter((id) => depth.has(id))
        const sorted = known.toSorted((a, b) => (depth.get(a) ?? 0) - (depth.get(b) ?? 0) || compareBytes(a, b))
        expect(known).toEqual(sorted)
        expect(planOrder(nodes.toReversed())).toEqual(order)
      }),
    )
  })

  it('is null where nodes need each other in a circle, also through themselves', () => {
    expect(
      planOrder([
        { id: 'a', needs: ['b'] },
        { id: 'b', needs: ['a'] },
        { id: 'c', needs: [] },
      ]),
    ).toBeNull()
    expect(planOrder([{ id: 'a', needs: ['a'] }])).toBeNull()
    expect(planOrder([])).toEqual([])
  })
})

/** Packs with steps, phases and needs among them; what a pack reads and makes is its own. */
const workspaces: fc.Arbitrary<readonly ResolvedPack[]> = fc
  .uniqueArray(fc.stringMatching(/^[a-z]{1,2}(-[0-9])?$/), { minLength: 1, maxLength: 8 })
  .chain((ids) =>
    fc.tuple(
      ...ids.map((id, place) =>
        fc
          .tuple(fc.subarray(ids.slice(0, place)), stepsOf(), fc.nat(2), fc.nat(2))
          .map(([needs, steps, lint, tests]) => {
            const parts: PackParts = {
              needs,
              steps,
              lint: Array.from({ length: lint }, () => ({})),
              tests: Array.from({ length: tests + 1 }, (_, index) => ({ outputs: [`report-${index}.json`] })),
              inputs: { artifacts: needs.map((from) => ({ from, path: 'report-0.json', as: `in/${from}.json` })) },
            }
            return packOf(id, parts)
          }),
      ),
    ),
  )

function stepsOf(): fc.Arbitrary<readonly CommandParts[]> {
  return fc.array(fc.record({ reads: fc.boolean(), writes: fc.boolean() }), { maxLength: 5 }).map((steps) =>
    steps.map(({ reads, writes }, place) => ({
      id: `s${9 - place}`,
      ...(writes ? { outputs: [`out/${place}.json`] } : {}),
      ...(reads && place > 0 && steps[place - 1]?.writes ? { files: [`out/${place - 1}.json`] } : {}),
    })),
  )
}

describe('compileGraph', () => {
  it('gives the same bytes for all orders in which packs are found', () => {
    const found = workspaces.chain((packs) =>
      fc.tuple(
        fc.constant(packs),
        fc.shuffledSubarray([...packs], { minLength: packs.length, maxLength: packs.length }),
      ),
    )
    fc.assert(
      fc.property(found, ([packs, shuffled]) => {
        const [one, other] = [compileGraph(packs), compileGraph(shuffled)]
        if (!one.graph || !other.graph) throw new Error(JSON.stringify(one.diagnostics))
        expect(JSON.stringify(exportGraph(other.graph))).toBe(JSON.stringify(exportGraph(one.graph)))
        expect(JSON.stringify(other.graph)).toBe(JSON.stringify(one.graph))
      }),
    )
  })

  it('gives the same complaints for all orders in which packs are found', () => {
    const packs = ['a', 'b', 'c', 'd'].map((id) =>
      packOf(id, { tests: [{ outputs: ['/same.json'], files: ['/packs/a/x'] }], steps: [{ id: 's', outputs: ['x'] }] }),
    )
    const { diagnostics } = compileGraph(packs)
    expect(diagnostics.length).toBe(6)
    fc.assert(
      fc.property(fc.shuffledSubarray(packs, { minLength: 4, maxLength: 4 }), (shuffled) => {
        expect(compileGraph(shuffled).diagnostics).toEqual(diagnostics)
      }),
    )
  })

  it('keeps needs, providers and edges consistent with the order, for all workspaces', () => {
    fc.assert(
      fc.property(workspaces, (packs) => {
        const { graph } = compileGraph(packs)
        if (!graph) throw new Error('no graph')
        const before = new Map<string, ReadonlySet<string>>()
        for (const { id, needs } of graph.actions) {
          for (const need of needs) expect(before.has(need)).toBe(true)
          before.set(id, new Set(needs.flatMap((need) => [need, ...(before.get(need) ?? [])])))
        }
        for (const action of graph.actions) {
          const producers = action.kind === 'command' ? action.artifacts.flatMap((artifact) => artifact.producers) : []
          for (const id of [...action.providers, ...producers]) expect(before.get(action.id)?.has(id)).toBe(true)
        }
        const edges = graph.edges.map(({ from, to }) => `${from} ${to}`)
        expect(edges.toSorted()).toEqual(
          graph.actions.flatMap(({ id, needs }) => needs.map((need) => `${need} ${id}`)).toSorted(),
        )
      }),
    )
  })
})

describe('heights', () => {
  it('are the number of actions on the longest path to the end', () => {
    const { graph } = compileGraph([
      packOf('a', { steps: [{ id: 'long' }, { id: 'next', needs: ['long'] }, { id: 'short' }] }),
      packOf('b', { needs: ['a'] }),
    ])
    if (!graph) throw new Error('no graph')
    expect([...heights(graph)]).toEqual([
      ['a:steps/long', 6],
      ['a:steps/short', 5],
      ['a:steps/next', 5],
      ['a:tests/1', 4],
      ['a:gate/artifacts', 3],
      ['a:gate/secrets', 3],
      ['b:tests/1', 2],
      ['b:gate/artifacts', 1],
      ['b:gate/secrets', 1],
    ])
  })
})
