import type { Digest } from './digest.ts'
import type { ActionId } from './graph.ts'
import type { ActionOutcome, Attempt, Verdict } from './outcome.ts'
import type { Guarantees } from './plan.ts'

/** All that happens in a run, in order; reporters and the journal only listen. `at`: milliseconds since the Unix epoch. */
export type RunEvent =
  | {
      readonly type: 'run-started'
      readonly at: number
      /** Name of the run's folder. */
      readonly run: string
      readonly executor: string
      readonly guarantees: Guarantees
      readonly jobs: number
      /** All actions in plan order. */
      readonly actions: readonly ActionId[]
    }
  | { readonly type: 'action-started'; readonly at: number; readonly action: ActionId; readonly attempt: number }
  | {
      readonly type: 'attempt-finished'
      readonly at: number
      readonly action: ActionId
      readonly attempt: Attempt
      readonly retryInMs: number | null
    }
  | { readonly type: 'action-finished'; readonly at: number; readonly outcome: ActionOutcome }
  | { readonly type: 'run-interrupted'; readonly at: number; readonly signal: string }
  | { readonly type: 'run-finished'; readonly at: number; readonly verdict: Verdict; readonly manifest: Digest }

export type Emit = (event: RunEvent) => void
