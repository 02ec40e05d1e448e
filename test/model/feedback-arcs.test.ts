import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cyclesOf } from '../../src/model/cycle.ts'
import { feedbackArcs, type Arc } from '../../src/model/feedback-arcs.ts'

type Graph = readonly (readonly number[])[]

function graphs(most: number, degree: number): fc.Arbitrary<Graph> {
  return fc
    .integer({ min: 1, max: most })
    .chain((size) =>
      fc.array(fc.uniqueArray(fc.nat(size - 1), { maxLength: degree }), { minLength: size, maxLength: size }),
    )
}

function cut(graph: Graph): ReturnType<typeof feedbackArcs> {
  return feedbackArcs([...graph.keys()], (node) => graph[node] ?? [])
}

/** Kahn's way: whatever can't be taken away from the front is on a cycle. */
function isAcyclic(graph: Graph, without: readonly Arc[]): boolean {
  const gone = new Set(without.map(String))
  const left = new Set(graph.keys())
  const leads = (from: number, to: number): boolean =>
    graph[from]?.includes(to) === true && left.has(from) && !gone.has(String([from, to]))
  for (let before = -1; before !== left.size;) {
    before = left.size
    for (const node of left) if (![...left].some((from) => leads(from, node))) left.delete(node)
  }
  return left.size === 0
}

/** The size of the smallest set of arcs without which nothing is cyclic, by trying all sets of each size. */
function leastCut(graph: Graph): number {
  const arcs = graph.flatMap((targets, from) => targets.map((to): Arc => [from, to]))
  const tryAll = (size: number, start: number, chosen: readonly Arc[]): boolean => {
    if (chosen.length === size) return isAcyclic(graph, chosen)
    return arcs.some((arc, at) => at >= start && tryAll(size, at + 1, [...chosen, arc]))
  }
  let size = 0
  while (!tryAll(size, 0, [])) size++
  return size
}

describe('feedbackArcs', () => {
  it('are the fewest that leave no cycle, for all small graphs', () => {
    fc.assert(
      fc.property(graphs(6, 2), (graph) => {
        const { arcs, least } = cut(graph)
        expect(least).toBe(true)
        expect(new Set(arcs.map(String)).size).toBe(arcs.length)
        for (const [from, to] of arcs) expect(graph[from]).toContain(to)
        expect(isAcyclic(graph, arcs)).toBe(true)
        expect(arcs.length).toBe(leastCut(graph))
      }),
      { numRuns: 300 },
    )
  })

  it('leave no cycle, and none of them is for nothing, for all larger graphs', () => {
    fc.assert(
      fc.property(graphs(60, 4), (graph) => {
        const { arcs } = cut(graph)
        expect(isAcyclic(graph, arcs)).toBe(true)
        for (const arc of arcs)
          expect(
            isAcyclic(
              graph,
              arcs.filter((other) => other !== arc),
            ),
          ).toBe(false)
      }),
      { numRuns: 50 },
    )
  })

  it('are found in a row of rings, whatever its length, as the one arc of each', () => {
    // Two long rings that share an arc: cutting that one is enough.
    const size = 5_000
    const graph = Array.from({ length: size }, (_, node) => [(node + 1) % size])
    graph[0]?.push(2_500)
    expect(cut(graph)).toEqual({ arcs: [[2_500, 2_501]], least: true })
  })

  it('says where it has only come near the least', () => {
    const size = 40
    const graph = Array.from({ length: size }, (_, node) => [1, 2, 3, 5].map((step) => (node + step) % size))
    const { arcs, least } = cut(graph)
    expect(least).toBe(false)
    expect(isAcyclic(graph, arcs)).toBe(true)
    // Each cycle goes round once at least, so that 1 + 2 + 3 + 5 arcs across one place are enough.
    expect(arcs.length).toBeLessThanOrEqual(11)
  })

  it('take no more than a moment for thousands of nodes that all lead to others', () => {
    const size = 3_000
    const graph = Array.from({ length: size }, (_, node) => [1, 7, 31].map((step) => (node * step + step) % size))
    expect(cut(graph).arcs.length).toBeLessThan(size)
  })
})

describe('the cut of a cyclic part', () => {
  it('is left out of a ring, and is one arc where that is on every cycle', () => {
    const needs: Readonly<Record<string, readonly string[]>> = { a: ['b'], b: ['c'], c: ['a', 'b'], x: ['y'], y: ['x'] }
    expect(cyclesOf(Object.keys(needs), (name) => needs[name] ?? [])).toEqual([
      { cycle: ['b', 'c'], cut: [{ from: 'b', to: 'c' }], least: true },
      { cycle: ['x', 'y'], cut: null, least: true },
    ])
  })
})
