import type { Action, ActionId, Edge, Graph } from '../model/graph.ts'
import { matcher } from '../model/pattern.ts'

/** The part of a graph that these actions are: they, their packs, and the edges between them. */
export function partOf(graph: Graph, ids: ReadonlySet<ActionId>): Graph {
  const actions = graph.actions.filter(({ id }) => ids.has(id))
  const packs = new Set(actions.map(({ pack }) => pack))
  return {
    packs: graph.packs.filter(({ definition }) => packs.has(definition.id)),
    actions,
    edges: graph.edges.filter(({ from, to }) => ids.has(from) && ids.has(to)),
  }
}

/** These actions, all that comes before them and all that comes after them, at most so many edges away (`null`: however far). */
export function around(graph: Graph, ids: readonly ActionId[], depth: number | null): ReadonlySet<ActionId> {
  const far = depth ?? graph.actions.length
  const before = neighbours(graph.edges, ({ from, to }) => [to, from])
  const after = neighbours(graph.edges, ({ from, to }) => [from, to])
  return new Set([...reach(ids, before, far), ...reach(ids, after, far)])
}

type Neighbours = ReadonlyMap<ActionId, readonly ActionId[]>

function neighbours(edges: readonly Edge[], direction: (edge: Edge) => readonly [ActionId, ActionId]): Neighbours {
  const found = new Map<ActionId, ActionId[]>()
  for (const edge of edges) {
    const [near, far] = direction(edge)
    const known = found.get(near)
    if (known) known.push(far)
    else found.set(near, [far])
  }
  return found
}

function reach(ids: readonly ActionId[], next: Neighbours, depth: number): ReadonlySet<ActionId> {
  const seen = new Set(ids)
  let edge: readonly ActionId[] = ids
  for (let left = depth; edge.length > 0 && left > 0; left -= 1) {
    const found = new Set(edge.flatMap((id) => next.get(id) ?? []).filter((id) => !seen.has(id)))
    for (const id of found) seen.add(id)
    edge = [...found]
  }
  return seen
}

/** The shortest way from one action to another, both included; the first in plan order of several. `null`: there is none. */
export function pathBetween(graph: Graph, from: ActionId, to: ActionId): readonly ActionId[] | null {
  const after = neighbours(graph.edges, (edge) => [edge.from, edge.to])
  const before = new Map<ActionId, ActionId | null>([[from, null]])
  // A map that is being walked also yields what is added on the way.
  for (const [id] of before) {
    if (id === to) return wayTo(id, before)
    for (const next of after.get(id) ?? []) if (!before.has(next)) before.set(next, id)
  }
  return null
}

function wayTo(end: ActionId, before: ReadonlyMap<ActionId, ActionId | null>): readonly ActionId[] {
  const way: ActionId[] = []
  for (let at: ActionId | null = end; at !== null; at = before.get(at) ?? null) way.push(at)
  return way.toReversed()
}

/** Actions whose outputs, logs or verdicts an action takes in. */
type SuppliersOf = (action: Action) => readonly ActionId[]

/**
 * Actions that may do something else when a file or folder of the workspace is another: those that see it, are known by it or are
 * declared in it, and all that take in what these make. Whoever only waits for them is not among them.
 */
export function affectedBy(graph: Graph, path: string, suppliersOf: SuppliersOf): ReadonlySet<ActionId> {
  const isIn = (file: string): boolean => file === path || file.startsWith(`${path}/`)
  // What is made is of no matter before it is made; from then on it is its maker's.
  const makers = new Set(graph.actions.filter((action) => makes(action, path)).map(({ id }) => id))
  const found = new Set<ActionId>()
  for (const action of graph.actions) {
    const follows = suppliersOf(action).some((id) => found.has(id) || makers.has(id))
    if (follows || reads(action, isIn) || isMounted(action, path)) found.add(action.id)
  }
  return found
}

function makes(action: Action, path: string): boolean {
  return action.kind === 'command' && action.outputs.some((output) => matcher(output)(path))
}

function reads(action: Action, isIn: (file: string) => boolean): boolean {
  if (isIn(action.place.file) || action.sources.some(isIn)) return true
  if (action.kind === 'gate') return false
  const replaced = action.control?.replace ?? []
  return (
    action.mounts.some(({ identity, path }) => isIn(identity) || isIn(path)) ||
    replaced.some(({ source, producers }) => producers.length === 0 && isIn(source))
  )
}

function isMounted(action: Action, path: string): boolean {
  return action.kind === 'command' && action.mounts.some((mount) => path.startsWith(`${mount.path}/`))
}
