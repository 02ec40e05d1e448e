import type { Action, ActionId } from '../model/graph.ts'
import type { ActionOutcome, Attempt, Reason, RunBreakerReason, Status } from '../model/outcome.ts'
import { compareBytes } from '../model/order.ts'
import type { PreparedAction } from '../model/plan.ts'
import { treeOf, type Tree } from '../model/tree.ts'

export const EMPTY_TREE: Tree = treeOf([])

/** An action that did not run: it never became ready, so it has neither key nor inputs. */
function unrun(action: Action, status: Status, reason: Reason | null): ActionOutcome {
  return { id: action.id, status, reason, exitCode: null, key: null, inputs: null, outputs: EMPTY_TREE, attempts: [] }
}

export function skipped(action: Action, cause: ActionId): ActionOutcome {
  return unrun(action, 'skipped', { kind: 'cause', action: cause })
}

export function interrupted(action: Action): ActionOutcome {
  return unrun(action, 'interrupted', null)
}

/** A breaker of the whole run has stopped the action, or kept it from starting; what it has tried stays on record. */
export function stopped(action: Action, breaker: RunBreakerReason, attempts: readonly Attempt[] = []): ActionOutcome {
  return { ...unrun(action, 'breaker', breaker), attempts }
}

/** What becomes of an action because of the first of its needs, in plan order, that did not pass. */
export function withheldBy(need: ActionOutcome, action: Action): ActionOutcome {
  if (need.status === 'interrupted') return interrupted(action)
  if (need.reason?.kind === 'run-breaker') return stopped(action, need.reason)
  return skipped(action, need.reason?.kind === 'cause' ? need.reason.action : need.id)
}

/** What was to be staged for the action can't be: it vanished, changed its kind, or can't be read any more. */
export function inputChanged(action: Action, path: string): ActionOutcome {
  return unrun(action, 'failed', { kind: 'input-changed', path })
}

/** Codex itself failed while it ran the action. Only the error's code or name is told, because messages hold paths of the host. */
export function crashed(action: Action, error: unknown): ActionOutcome {
  return unrun(action, 'failed', { kind: 'internal', error: errorName(error) })
}

function errorName(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

/** How a prepared action ended, less what its preparation says. */
export type Ending = Pick<
  ActionOutcome,
  'status' | 'reason' | 'exitCode' | 'outputs' | 'tolerated' | 'attempts' | 'changes' | 'change' | 'patch' | 'reused'
>

export function ended(prepared: PreparedAction, ending: Ending): ActionOutcome {
  return { id: prepared.action.id, key: prepared.key, inputs: prepared.inputs, ...ending }
}

/** By bytes and each once: reasons are part of the manifest. */
export function sortedPaths(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].toSorted(compareBytes)
}

/** A reason is part of the manifest, which must not grow with what a command has done wrong. */
export const MOST_LISTED = 1_000

export function listed(paths: readonly string[]): { readonly paths: readonly string[]; readonly more?: number } {
  const sorted = sortedPaths(paths)
  if (sorted.length <= MOST_LISTED) return { paths: sorted }
  return { paths: sorted.slice(0, MOST_LISTED), more: sorted.length - MOST_LISTED }
}
