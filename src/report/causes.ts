import type { ActionId } from '../model/graph.ts'
import type { Reason, Status } from '../model/outcome.ts'

/** How an action ended, as far as causes go. */
export interface Caused {
  readonly id: ActionId
  readonly status: Status
  readonly reason: Reason | null
}

/** By the action that went wrong by itself: how many were skipped because of it. */
export function countSkippedByRoot(outcomes: ReadonlyMap<ActionId, Caused>): ReadonlyMap<ActionId, number> {
  const roots = new Map<ActionId, ActionId>()
  const counts = new Map<ActionId, number>()
  for (const outcome of outcomes.values()) {
    if (outcome.status !== 'skipped' || outcome.reason?.kind !== 'cause') continue
    const root = rootOf(outcome.id, outcomes, roots)
    counts.set(root, (counts.get(root) ?? 0) + 1)
  }
  return counts
}

/** Follows causes to the action that was not skipped itself; remembers each answer, so that long chains are walked once. */
function rootOf(id: ActionId, outcomes: ReadonlyMap<ActionId, Caused>, known: Map<ActionId, ActionId>): ActionId {
  const path: ActionId[] = []
  const seen = new Set<ActionId>()
  let at = id
  while (!seen.has(at)) {
    seen.add(at)
    const answer = known.get(at)
    if (answer !== undefined) at = answer
    const outcome = outcomes.get(at)
    if (outcome?.status !== 'skipped' || outcome.reason?.kind !== 'cause') break
    path.push(at)
    at = outcome.reason.action
  }
  for (const step of path) known.set(step, at)
  return at
}

/** It went wrong by itself; an action that was interrupted, or stopped by a breaker of the whole run, says nothing about itself. */
export function isFailure({ status, reason }: Pick<Caused, 'status' | 'reason'>): boolean {
  const held = status === 'passed' || status === 'skipped' || status === 'interrupted'
  return !held && reason?.kind !== 'run-breaker'
}
