import { sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import type { Graph } from '../model/graph.ts'
import type { PackId, ResolvedPack } from '../model/pack.ts'
import { draftPack } from './actions.ts'
import { artifactsOf, type RequiredArtifacts } from './artifacts.ts'
import { resolveControls } from './controls.ts'
import { commandCycles } from './cycles.ts'
import type { PackDraft } from './draft.ts'
import { predecessorsOf } from './edges.ts'
import { freezeGraph } from './freeze.ts'
import { resolveInputs, type World } from './inputs.ts'
import { planOrder } from './order.ts'
import { collisions, OutputIndex } from './outputs.ts'
import { needsBetween } from './reach.ts'

/** `graph` is `null` where a diagnostic is an error, and where packs need each other in a circle. */
export interface Compilation {
  readonly graph: Graph | null
  /** Sorted as {@link sortDiagnostics} does. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Turns packs into the frozen graph of their actions. The order in which the packs are given does not matter.
 *
 * @param packs each valid by itself, with unique ids, and with every pack that one of them needs; circles among them
 *   are reported where packs are validated, so here they only give no graph
 */
export function compileGraph(packs: readonly ResolvedPack[]): Compilation {
  const order = planOrder(packs.map(({ definition }) => definition))
  if (!order) return { graph: null, diagnostics: [] }
  const given = new Map(packs.map((pack) => [pack.definition.id, pack]))
  const drafts = new Map<PackId, PackDraft>()
  for (const id of order) {
    const pack = given.get(id)
    if (pack) drafts.set(id, draftPack(pack))
  }
  const artifacts = new Map([...drafts].map(([id, draft]) => [id, artifactsOf(draft)]))
  const problems = [resolveAll(drafts), ...[...artifacts.values()].map((found) => found.problems)].flat()
  return link(drafts, artifacts, problems)
}

/** Resolves inputs against outputs, for all packs. */
function resolveAll(drafts: ReadonlyMap<PackId, PackDraft>): readonly Diagnostic[] {
  const packs = [...drafts.values()]
  const outputs = packs.flatMap(({ phases }) => phases.flat().flatMap((draft) => draft.outputs))
  const index = new OutputIndex(outputs)
  const dirs = new Set(packs.map(({ pack }) => pack.dir))
  const needs = needsBetween(packs.map(({ pack }) => pack.definition))
  const world: World = { index, packs: drafts, dirs, needs, unordered: new Set() }
  const inputs = packs.flatMap((draft) => resolveInputs(draft, world))
  return [...collisions(outputs, index), ...inputs, ...packs.flatMap((draft) => resolveControls(draft, world))]
}

function link(
  packs: ReadonlyMap<PackId, PackDraft>,
  artifacts: ReadonlyMap<PackId, RequiredArtifacts>,
  problems: readonly Diagnostic[],
): Compilation {
  const predecessors = predecessorsOf(packs)
  const order = planOrder([...predecessors].map(([id, before]) => ({ id, needs: before.keys() })))
  const diagnostics = sortDiagnostics(order ? problems : [...problems, ...commandCycles([...packs.values()])])
  if (!order || diagnostics.some(({ severity }) => severity === 'error')) return { graph: null, diagnostics }
  return { graph: freezeGraph({ packs, order, predecessors, artifacts }), diagnostics }
}
