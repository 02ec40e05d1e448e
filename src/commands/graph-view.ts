// The part of a graph that was asked for.
import { affectedBy, around, partOf, pathBetween } from '../graph/part.ts'
import type { Action, ActionId, Graph } from '../model/graph.ts'
import { suppliersOf } from '../plan/dryrun.ts'
import type { GraphView } from '../report/graph-view.ts'
import { escapeText } from '../report/style.ts'
import { findAction } from './actions.ts'
import type { Context } from './context.ts'
import type { ViewOptions } from './graph-options.ts'
import { UsageError } from './options.ts'

export interface Asked extends ViewOptions {
  /** Paths that were asked for, relative to the workspace. */
  readonly paths: readonly string[]
}

/** Fails where what was named is not there; says what is not shown because there is nothing like it. */
export function partAsked(context: Context, graph: Graph, { focus, depth, why, paths }: Asked): Omit<GraphView, 'run'> {
  if (depth !== undefined && focus === undefined)
    throw new UsageError('--depth says how far from an action: --focus names it')
  if (focus !== undefined) return shown(graph, around(graph, focused(graph, focus), depth ?? null))
  if (why !== undefined) return way(context, graph, why)
  if (paths.length > 0) return affected(context, graph, paths)
  return { graph, whole: graph, isWay: false }
}

function shown(graph: Graph, ids: ReadonlySet<ActionId>): Omit<GraphView, 'run'> {
  return { graph: partOf(graph, ids), whole: graph, isWay: false }
}

/** An action, or all of a pack. */
function focused(graph: Graph, name: string): readonly ActionId[] {
  const own = graph.actions.filter(({ pack }) => pack === name).map(({ id }) => id)
  return own.length > 0 ? own : [findAction(graph, name).id]
}

function way(context: Context, graph: Graph, names: readonly string[]): Omit<GraphView, 'run'> {
  const [first, last] = names
  if (first === undefined || last === undefined || names.length > 2) {
    throw new UsageError('--why takes two actions: the one that comes first, and the other. Packs are named before it')
  }
  const [from, to] = [findAction(graph, first).id, findAction(graph, last).id]
  const path = pathBetween(graph, from, to) ?? pathBetween(graph, to, from)
  if (path === null) {
    context.err(
      `note: nothing leads from ${escapeText(from)} to ${escapeText(to)} or back: neither waits for the other\n`,
    )
  } else if (path[0] !== from) context.err(`note: ${escapeText(to)} comes before ${escapeText(from)}\n`)
  return { ...shown(graph, new Set(path ?? [])), isWay: true }
}

function affected(context: Context, graph: Graph, paths: readonly string[]): Omit<GraphView, 'run'> {
  const found = new Set<ActionId>()
  for (const path of paths) {
    const own = affectedBy(graph, path, takesFrom)
    for (const id of own) found.add(id)
    if (own.size === 0) context.err(`note: no action takes in '${escapeText(path)}'\n`)
  }
  return shown(graph, found)
}

/** Gates look at more than outputs. */
function takesFrom(action: Action): readonly ActionId[] {
  if (action.kind === 'command') return suppliersOf(action)
  return [...action.providers, ...action.logs, ...(action.controls ?? [])]
}
