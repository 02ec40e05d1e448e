import type { ActionOutcome, Status, Verdict } from '../model/outcome.ts'

export type StopSignal = 'SIGHUP' | 'SIGINT' | 'SIGTERM'

/** 128 and the signal's number, as shells report it. */
const BY_SIGNAL: Readonly<Record<StopSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

const STOPPED: ReadonlySet<Status> = new Set(['timed-out', 'limit', 'breaker'])

/** Of a command that was asked to stop. */
export function exitCodeOfSignal(signal: StopSignal): number {
  return BY_SIGNAL[signal]
}

export interface Ended {
  readonly verdict: Verdict
  readonly outcomes: readonly ActionOutcome[]
  /** What ended the run early; `null`: it went to its end. */
  readonly signal: StopSignal | null
  /** Why the run is not signed although it should be; `null`: it is, or need not be. */
  readonly signingProblem: string | null
}

/**
 * The exit code of a run: by signal; 3 refused; 5 where an action did not do the same twice; 4 where a time-out, a limit or a
 * breaker ended one; 1 for all else that was not accepted; 0 only for a run that passed, 2 if it was to be signed and could not
 * be. In a run with several, the gravest of 3, 5, 4, 1 in that order.
 * A run that has no verdict, or an interrupted one that no signal explains, is a bug: 70.
 */
export function exitCodeOf({ verdict, outcomes, signal, signingProblem }: Ended): number {
  if (signal !== null) return BY_SIGNAL[signal]
  switch (verdict) {
    case 'refused':
      return 3
    case 'passed':
      if (outcomes.length === 0 || outcomes.some(({ status }) => status !== 'passed')) return 70
      return signingProblem === null ? 0 : 2
    case 'failed':
      if (outcomes.some(({ reason }) => reason?.kind === 'nondeterministic')) return 5
      return outcomes.some(({ status }) => STOPPED.has(status)) ? 4 : 1
    case 'started':
    case 'interrupted':
      return 70
  }
}
