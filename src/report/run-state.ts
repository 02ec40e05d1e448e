import type { Difference } from '../model/check.ts'
import type { Digest } from '../model/digest.ts'
import type { RunEvent } from '../model/event.ts'
import type { ActionId } from '../model/graph.ts'
import type { ActionOutcome, Status, Verdict } from '../model/outcome.ts'
import type { Guarantees } from '../model/plan.ts'

/** What the events so far add up to. Times are milliseconds since the Unix epoch. */
export interface RunState {
  readonly startedAt: number
  readonly lastAt: number
  readonly run: string
  readonly executor: string
  readonly guarantees: Guarantees | null
  readonly jobs: number
  readonly total: number
  /** What runs now, in the order of its start. */
  readonly running: ReadonlyMap<ActionId, { readonly since: number; readonly attempt: number }>
  readonly outcomes: ReadonlyMap<ActionId, ActionOutcome>
  /** How many of `outcomes` neither passed nor were skipped or stopped by a breaker. */
  readonly failed: number
  /** How many of them were taken from a cache. */
  readonly reused: number
  /** From the first start to the end, waits between attempts included. */
  readonly durations: ReadonlyMap<ActionId, number>
  /** What actions did otherwise than when they were rehearsed. */
  readonly differences: ReadonlyMap<ActionId, Difference>
  /** How many actions were rehearsed; `null`: none is. */
  readonly rehearsed: number | null
  readonly signal: string | null
  readonly verdict: Verdict
  readonly manifest: Digest | null
  /** Who signed the run that has ended; `null`: nobody. */
  readonly signed: string | null
}

type Mutable = { -readonly [Key in keyof RunState]: RunState[Key] } & {
  readonly running: Map<ActionId, { readonly since: number; readonly attempt: number }>
  readonly outcomes: Map<ActionId, ActionOutcome>
  readonly durations: Map<ActionId, number>
  readonly differences: Map<ActionId, Difference>
}

/** Adds events up; the returned state is one object that changes with each event. */
export function trackRun(): { readonly state: RunState; readonly apply: (event: RunEvent) => void } {
  const state: Mutable = {
    startedAt: 0,
    lastAt: 0,
    run: '',
    executor: '',
    guarantees: null,
    jobs: 0,
    total: 0,
    running: new Map(),
    outcomes: new Map(),
    failed: 0,
    reused: 0,
    durations: new Map(),
    differences: new Map(),
    rehearsed: null,
    signal: null,
    verdict: 'started',
    manifest: null,
    signed: null,
  }
  return { state, apply: (event) => applyTo(state, event) }
}

function applyTo(state: Mutable, event: RunEvent): void {
  state.lastAt = event.at
  switch (event.type) {
    case 'run-started': {
      const { run, executor, guarantees, jobs } = event
      Object.assign(state, { startedAt: event.at, run, executor, guarantees, jobs, total: event.plan.actions.length })
      break
    }
    case 'action-started': {
      const since = state.running.get(event.action)?.since ?? event.at
      state.running.set(event.action, { since, attempt: event.attempt })
      break
    }
    case 'attempt-finished':
      // The outcome may be told much later, where a breaker waits for what comes before.
      if (event.retryInMs === null) endOf(state, event.action, event.at)
      break
    case 'action-finished':
      endOf(state, event.outcome.id, event.at)
      countOutcome(state, event.outcome)
      break
    case 'rehearsal-started':
    case 'action-rehearsed':
    case 'action-differed':
      applyRehearsal(state, event)
      break
    case 'run-interrupted':
      state.signal = event.signal
      break
    case 'run-refused':
    case 'warning':
      break
    case 'run-finished':
      state.verdict = event.verdict
      state.manifest = event.manifest
      state.signed = event.signed ?? null
      break
  }
}

function countOutcome(state: Mutable, outcome: ActionOutcome): void {
  const { id, status, reason, reused } = outcome
  state.outcomes.set(id, outcome)
  if (status !== 'passed' && status !== 'skipped' && reason?.kind !== 'run-breaker') state.failed += 1
  if (reused !== undefined) state.reused += 1
}

type Rehearsed = Extract<RunEvent, { type: 'rehearsal-started' | 'action-rehearsed' | 'action-differed' }>

function applyRehearsal(state: Mutable, event: Rehearsed): void {
  if (event.type === 'action-differed') state.differences.set(event.action, event.difference)
  else state.rehearsed = event.type === 'rehearsal-started' ? 0 : (state.rehearsed ?? 0) + 1
}

function endOf(state: Mutable, id: ActionId, at: number): void {
  const started = state.running.get(id)
  if (started) state.durations.set(id, Math.max(0, at - started.since))
  state.running.delete(id)
}

/** How many outcomes there are of each status, those that a breaker of the whole run has stopped apart. */
export function countByStatus(
  outcomes: Iterable<Pick<ActionOutcome, 'status' | 'reason'>>,
): ReadonlyMap<Status | 'stopped', number> {
  const counts = new Map<Status | 'stopped', number>()
  for (const { status, reason } of outcomes) {
    const counted = reason?.kind === 'run-breaker' ? 'stopped' : status
    counts.set(counted, (counts.get(counted) ?? 0) + 1)
  }
  return counts
}
