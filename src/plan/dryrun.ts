import type { Action, ActionId, Graph } from '../model/graph.ts'
import type { PlannedAction } from '../model/plan.ts'
import type { FileError } from '../model/ports.ts'
import { ok, type Result } from '../model/result.ts'
import type { Prepare } from './prepare.ts'

/**
 * What is known before anything runs, in plan order: the key of every action that reads sources only; of the others,
 * whose outputs they wait for. The first source that can't be read is an error.
 */
export function planActions(graph: Graph, prepare: Prepare): Result<readonly PlannedAction[], FileError> {
  const rank = new Map(graph.actions.map(({ id }, place) => [id, place]))
  const planned: PlannedAction[] = []
  for (const action of graph.actions) {
    const waitsFor = suppliersOf(action).toSorted((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0))
    const prepared = waitsFor.length > 0 ? null : prepare(action, new Map())
    if (prepared && !prepared.ok) return prepared
    planned.push({ action, key: prepared?.value.key ?? null, waitsFor })
  }
  return ok(planned)
}

/** Actions whose outputs an action reads. */
export function suppliersOf(action: Action): readonly ActionId[] {
  const { artifacts = [], control } = action.kind === 'command' ? action : {}
  const made = [...artifacts, ...(control?.replace ?? [])].flatMap(({ producers }) => producers)
  const { from = [] } = action.changes ?? {}
  const steps = action.kind === 'gate' ? (action.steps ?? []) : []
  return [...new Set([...action.providers, ...made, ...from, ...steps])]
}
