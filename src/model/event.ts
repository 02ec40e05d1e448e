import type { Difference } from './check.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { Digest } from './digest.ts'
import type { ActionId } from './graph.ts'
import type { Manifest, ManifestPlan, ManifestRefusal } from './manifest.ts'
import type { ActionOutcome, Attempt, Status, Verdict } from './outcome.ts'
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
      readonly tool: Manifest['tool']
      readonly plan: ManifestPlan
      /** The seed of the order in which what is ready starts; absent: the longest way to the end first. */
      readonly shuffle?: string
    }
  /** Every action is run once before, to be compared: nothing of that is in the manifest. */
  | { readonly type: 'rehearsal-started'; readonly at: number; readonly jobs: number }
  | { readonly type: 'action-rehearsed'; readonly at: number; readonly action: ActionId; readonly status: Status }
  /** An action did not do what it did when it was rehearsed. */
  | {
      readonly type: 'action-differed'
      readonly at: number
      readonly action: ActionId
      readonly difference: Difference
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
  /** Something that does not bear on the verdict. */
  | { readonly type: 'warning'; readonly at: number; readonly diagnostic: Diagnostic }
  | { readonly type: 'run-interrupted'; readonly at: number; readonly signal: string }
  | {
      readonly type: 'run-refused'
      readonly at: number
      readonly run: string
      readonly tool: Manifest['tool']
      readonly refusals: readonly ManifestRefusal[]
    }
  | {
      readonly type: 'run-finished'
      readonly at: number
      readonly verdict: Verdict
      /** SHA-256 of manifest.json. */
      readonly manifest: Digest
      /** Whether fail-fast held back an action that could have run. */
      readonly partial: boolean
      /** Whether a signal or a crash ended the run. */
      readonly interrupted: boolean
      /** Who signed, `null` for nobody. Absent in the journal, because signatures cover it. */
      readonly signed?: string | null
    }

export type Emit = (event: RunEvent) => void

/** What a journal may hold beside what happened in the run: that codex failed, or that the run was completed afterwards. */
export type JournalEvent =
  | RunEvent
  | {
      readonly type: 'run-crashed'
      readonly at: number
      readonly run: string
      readonly tool: Manifest['tool']
      /** The error in words. */
      readonly error: string
    }
  | {
      readonly type: 'run-repaired'
      readonly at: number
      readonly run: string
      readonly tool: Manifest['tool']
      /** The part of a line that was found at the end of the journal, in base64; `null`: it ended with a whole one. */
      readonly torn: string | null
    }
