import type { ActionId, Graph } from '../model/graph.ts'
import { compareBytes } from '../model/order.ts'

/** A node and those that come before it. */
export interface Node {
  readonly id: string
  readonly needs: Iterable<string>
}

/**
 * Plan order: topological generations (Kahn 1962), each sorted by the bytes of the ids; `null` where nodes need each other in
 * a circle.
 *
 * @throws TypeError where a node is given twice, or needs one that is not given
 */
export function planOrder(nodes: readonly Node[]): readonly string[] | null {
  const places = new Map(nodes.map(({ id }, place) => [id, place]))
  if (places.size < nodes.length) throw new TypeError('a node is given twice')
  const { dependents, open } = linksOf(nodes, places)
  const order: string[] = []
  let generation = [...nodes.keys()].filter((place) => open[place] === 0)
  while (generation.length > 0) {
    for (const id of sortedIds(generation, nodes)) order.push(id)
    const next: number[] = []
    for (const place of generation) {
      for (const dependent of dependents[place] ?? []) {
        const left = (open[dependent] ?? 0) - 1
        open[dependent] = left
        if (left === 0) next.push(dependent)
      }
    }
    generation = next
  }
  return order.length === nodes.length ? order : null
}

interface Links {
  /** By the place of a node, the places of those that need it. */
  readonly dependents: readonly (readonly number[])[]
  /** How many each node needs. */
  readonly open: Int32Array
}

function linksOf(nodes: readonly Node[], places: ReadonlyMap<string, number>): Links {
  const dependents = nodes.map((): number[] => [])
  const open = new Int32Array(nodes.length)
  for (const [place, { id, needs }] of nodes.entries()) {
    for (const need of new Set(needs)) {
      const list = dependents[places.get(need) ?? -1]
      if (!list) throw new TypeError(`${id} needs ${need}, which is not given`)
      list.push(place)
      open[place] = (open[place] ?? 0) + 1
    }
  }
  return { dependents, open }
}

function sortedIds(generation: readonly number[], nodes: readonly Node[]): readonly string[] {
  return generation.map((place) => nodes[place]?.id ?? '').toSorted(compareBytes)
}

/**
 * For each action the number of actions on the longest path from it to the end, itself included: what runs first when
 * all can't run at once.
 */
export function heights(graph: Graph): ReadonlyMap<ActionId, number> {
  const found = new Map<ActionId, number>(graph.actions.map(({ id }) => [id, 1]))
  for (const { id, needs } of graph.actions.toReversed()) {
    const above = (found.get(id) ?? 1) + 1
    for (const need of needs) if ((found.get(need) ?? 1) < above) found.set(need, above)
  }
  return found
}
