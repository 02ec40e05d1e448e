import type { Digest } from '../model/digest.ts'
import type { KnownAction } from '../model/explanation.ts'
import type { Action, ActionId, CommandAction, Graph } from '../model/graph.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import type { PreparedAction } from '../model/plan.ts'
import type { FileError } from '../model/ports.ts'
import { ok, type Result } from '../model/result.ts'
import { treeOf, type TreeEntry } from '../model/tree.ts'
import { suppliersOf } from './dryrun.ts'
import type { Prepare } from './prepare.ts'

/** What an action made when it passed with this key; `null`: nobody knows. */
export type Remembered = (action: ActionId, key: Digest) => readonly TreeEntry[] | null

/**
 * An action and all whose outputs reach it, in plan order, as far as they are known before any of them runs: what an action will make
 * is known where it was made before with the same key.
 */
export function prepareTowards(
  graph: Graph,
  target: Action,
  { prepare, remembered }: { readonly prepare: Prepare; readonly remembered: Remembered },
): Result<readonly KnownAction[], FileError> {
  const wanted = withSuppliers(graph, target)
  const outcomes = new Map<ActionId, ActionOutcome>()
  const known: KnownAction[] = []
  for (const action of graph.actions) {
    if (!wanted.has(action.id)) continue
    const suppliers = new Set(suppliersOf(action))
    const waitsFor = [...wanted].filter((id) => suppliers.has(id) && !outcomes.has(id))
    const prepared = prepare(waitsFor.length > 0 ? withoutUnknown(action, new Set(waitsFor)) : action, outcomes)
    if (!prepared.ok) return prepared
    const outputs = waitsFor.length > 0 ? null : remembered(action.id, prepared.value.key)
    known.push({ action, prepared: prepared.value, waitsFor, outputs })
    if (outputs) outcomes.set(action.id, passed(prepared.value, outputs))
  }
  return ok(known)
}

/** In plan order. */
function withSuppliers({ actions }: Graph, target: Action): ReadonlySet<ActionId> {
  const byId = new Map(actions.map((action) => [action.id, action]))
  const reached = new Set([target.id])
  // A set that is being walked also yields what is added on the way.
  for (const id of reached) {
    const action = byId.get(id)
    for (const supplier of action ? suppliersOf(action) : []) reached.add(supplier)
  }
  return new Set(actions.flatMap(({ id }) => (reached.has(id) ? [id] : [])))
}

function passed({ action, key, inputs }: PreparedAction, entries: readonly TreeEntry[]): ActionOutcome {
  const exitCode = action.kind === 'gate' ? null : 0
  const outputs = treeOf(entries)
  return { id: action.id, status: 'passed', reason: null, exitCode, key, inputs, outputs, attempts: [] }
}

/** The action as if it did not read what is not known. */
function withoutUnknown(action: Action, unknown: ReadonlySet<ActionId>): Action {
  const isKnown = (id: ActionId): boolean => !unknown.has(id)
  const providers = action.providers.filter(isKnown)
  if (action.kind === 'gate') return { ...action, providers }
  const artifacts = action.artifacts.filter(({ producers }) => producers.every(isKnown))
  const reduced: CommandAction = { ...action, providers, artifacts }
  if (!action.control) return reduced
  const replace = action.control.replace.filter(({ producers }) => producers.every(isKnown))
  return { ...reduced, control: { ...action.control, replace } }
}
