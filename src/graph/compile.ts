import { sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import type { Graph } from '../model/graph.ts'
import type { ResolvedPack } from '../model/pack.ts'
import { acceptanceOf, type Acceptance } from './acceptance.ts'
import { changeFlow } from './changes.ts'
import { predecessorsOf } from './edges.ts'
import { freezeGraph } from './freeze.ts'
import { GraphMemory, type GraphOptions, type PackEntry } from './memory.ts'
import { planOrder } from './order.ts'
import { needsBetween } from './reach.ts'

/** `graph` is `null` where a diagnostic is an error, and where packs need each other in a circle. */
export interface Compilation {
  readonly graph: Graph | null
  /** Sorted as {@link sortDiagnostics} does. */
  readonly diagnostics: readonly Diagnostic[]
}

/** What is known of packs before their graph is put together, which takes most of the time. */
export interface Drafted {
  /** Sorted as {@link sortDiagnostics} does. */
  readonly diagnostics: readonly Diagnostic[]
  /** How many actions the graph has; `null` where there is none. */
  readonly actions: number | null
  readonly acceptance: () => Acceptance | null
  /** To be called before anything else is drafted with the same memory. */
  readonly freeze: () => Graph | null
}

const NO_GRAPH: Omit<Drafted, 'diagnostics'> = { actions: null, acceptance: () => null, freeze: () => null }

/**
 * Turns packs into the frozen graph of their actions. The order in which the packs are given does not matter.
 *
 * @param packs each valid by itself, with unique ids, and with every pack that one of them needs; circles among them
 *   are reported where packs are validated, so here they only give no graph
 */
export function compileGraph(packs: readonly ResolvedPack[], options: GraphOptions = {}): Compilation {
  const { diagnostics, freeze } = draftGraph(packs, new GraphMemory(options))
  return { graph: freeze(), diagnostics }
}

/** As {@link compileGraph}, but the graph is put together when it is asked for. */
export function draftGraph(packs: readonly ResolvedPack[], memory: GraphMemory): Drafted {
  const order = memory.order(packs)
  if (!order) return { diagnostics: [], ...NO_GRAPH }
  const given = new Map(packs.map((pack) => [pack.definition.id, pack]))
  const entries = order.flatMap((id) => {
    const pack = given.get(id)
    return pack ? [memory.entry(pack)] : []
  })
  memory.resolve(entries, {
    packs: new Map(entries.map(({ pack, draft }) => [pack.definition.id, draft])),
    dirs: new Set(packs.map(({ dir }) => dir)),
    needs: needsBetween(entries.map(({ pack }) => pack.definition)),
  })
  const problems = entries.flatMap((entry) => entry.problems)
  const diagnostics = sortDiagnostics([...memory.collisions, ...problems])
  if (diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics, ...NO_GRAPH }
  return {
    diagnostics,
    actions: entries.reduce((sum, { size }) => sum + size, 0),
    acceptance: () => acceptanceOf(entries.map(({ draft }) => draft)),
    freeze: () => graphOf(entries),
  }
}

/** Commands that need each other in a circle were reported, and packs that do have no order. */
function graphOf(entries: readonly PackEntry[]): Graph {
  const packs = new Map(entries.map(({ pack, draft }) => [pack.definition.id, draft]))
  const predecessors = predecessorsOf(packs)
  const changes = changeFlow(packs)
  const after = new Map(
    [...packs].map(([id, { gates }]) => [gates.scope, changes.rivalsOf(id).flatMap(({ steps }) => steps)]),
  )
  const order = planOrder(
    [...predecessors].map(([id, before]) => ({ id, needs: [...before.keys(), ...(after.get(id) ?? [])] })),
  )
  if (!order) throw new TypeError('actions need each other in a circle that was not found')
  const artifacts = new Map(entries.map((entry) => [entry.pack.definition.id, entry.artifacts]))
  return freezeGraph({ packs, order, predecessors, artifacts, changes })
}
