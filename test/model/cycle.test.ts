import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cyclesOf as cyclicOf } from '../../src/model/cycle.ts'

type Graph = Readonly<Record<string, readonly string[]>>

function cyclesOf(graph: Graph): string[][] {
  return cyclicOf(Object.keys(graph), (name) => graph[name] ?? []).map(({ cycle }) => [...cycle])
}

it.each<[Graph, string[][]]>([
  [{}, []],
  [{ a: ['b'], b: ['c'], c: [] }, []],
  [{ a: ['a'] }, [['a']]],
  [{ a: ['b'], b: ['a'] }, [['a', 'b']]],
  [{ a: ['b'], b: ['c'], c: ['a', 'b'] }, [['b', 'c']]],
  [
    { a: ['b'], b: ['a'], c: ['d'], d: ['c'], e: ['a', 'c'] },
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  [{ a: ['x', 'b'], b: ['a'] }, [['a', 'b']]],
])('%j', (graph, expected) => {
  expect(cyclesOf(graph)).toEqual(expected)
})

it('neither overflows nor takes quadratic time for a chain or a ring of 100,000', () => {
  const names = Array.from({ length: 100_000 }, (_, at) => `n${at}`)
  const next = (last: readonly string[]) => (name: string) => {
    const at = Number(name.slice(1))
    return at + 1 < names.length ? [`n${at + 1}`] : last
  }
  expect(cyclicOf(names, next([]))).toEqual([])
  expect(cyclicOf(names, next(['n0']))).toEqual([{ cycle: names, cut: null, least: true }])
})

it('finds a cycle of the least length that a search from every node finds', () => {
  const graphs = fc
    .integer({ min: 1, max: 8 })
    .chain((size) => fc.array(fc.array(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }))
  fc.assert(
    fc.property(graphs, (edges) => {
      const graph = Object.fromEntries(edges.map((targets, at) => [`n${at}`, targets.map((target) => `n${target}`)]))
      const found = cyclesOf(graph)
      for (const cycle of found) {
        for (const [at, name] of cycle.entries()) expect(graph[name]).toContain(cycle[(at + 1) % cycle.length])
        expect(new Set(cycle).size).toBe(cycle.length)
      }
      expect(Math.min(Infinity, ...found.map((cycle) => cycle.length))).toBe(girth(edges))
    }),
    { numRuns: 1000 },
  )
})

function girth(edges: readonly (readonly number[])[]): number {
  let least = Infinity
  for (const start of edges.keys()) {
    let level = new Set(edges[start])
    for (let length = 1; length <= edges.length; length++) {
      if (level.has(start)) least = Math.min(least, length)
      level = new Set([...level].flatMap((node) => edges[node] ?? []))
    }
  }
  return least
}
