import { DirectedGraph } from 'graphology'
import { topologicalGenerations } from 'graphology-dag'
import type { ActionId, Graph } from '../model/graph.ts'
import { compareBytes } from '../model/order.ts'

/** A node and those that come before it. */
export interface Node {
  readonly id: string
  readonly needs: Iterable<string>
}

/**
 * Plan order: topological generations, each sorted by the bytes of the ids; `null` where nodes need each other in a
 * circle.
 *
 * @throws where a node is given twice, or needs one that is not given
 */
export function planOrder(nodes: readonly Node[]): readonly string[] | null {
  const graph = new DirectedGraph()
  for (const { id } of nodes) graph.addNode(id)
  for (const { id, needs } of nodes) for (const need of new Set(needs)) graph.addDirectedEdge(need, id)
  const generations = generationsOf(graph)
  return generations && generations.flatMap((generation) => generation.toSorted(compareBytes))
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

/**
 * Of a directed graph, a cycle is all that the library can refuse; its own check for cycles walks some edges many
 * times.
 */
function generationsOf(graph: DirectedGraph): readonly (readonly string[])[] | null {
  try {
    return topologicalGenerations(graph)
  } catch {
    return null
  }
}
