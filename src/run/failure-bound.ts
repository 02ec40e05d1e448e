import type { ActionOutcome, Status } from '../model/outcome.ts'

const OWN_FAILURES: ReadonlySet<Status> = new Set(['failed', 'timed-out', 'limit', 'violated', 'breaker'])

/** Whether an action failed by itself: not because of another, nor because the run was stopped. */
export function hasFailed({ status, reason }: ActionOutcome): boolean {
  return OWN_FAILURES.has(status) && reason?.kind !== 'run-breaker'
}

/**
 * The place in plan order behind which nothing is accepted, because as many actions up to it have failed as a run may have.
 * Which ones have failed so far depends on who was quicker; but the bound only ever falls, and what comes before the final
 * one was never behind an earlier one, so that it has run, whatever else did.
 */
export interface FailureBound {
  /** The place of the last failure that counts; `Infinity` as long as there are fewer. */
  readonly place: number
  /** Counts the failed action at this place; true if the bound has fallen. */
  count(failed: number): boolean
}

/** @param most failures that end a run; `null`: no number does */
export function createFailureBound(most: number | null): FailureBound {
  /** The smallest places so far, ascending, as many as may count. */
  const counted: number[] = []
  let place = Infinity
  return {
    get place() {
      return place
    },
    count: (failed) => {
      if (most === null || failed >= place) return false
      const at = counted.findLastIndex((earlier) => earlier < failed) + 1
      counted.splice(at, 0, failed)
      counted.length = Math.min(counted.length, most)
      if (counted.length < most) return false
      place = counted.at(-1) ?? place
      return true
    },
  }
}
