import TinyQueue from 'tinyqueue'
import type { RunBreakers } from '../model/breakers.ts'
import type { Action, ActionId } from '../model/graph.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import type { Clock } from '../model/ports.ts'
import { crashError } from './crash.ts'
import { createFailureBound, hasFailed, type FailureBound } from './failure-bound.ts'
import { interrupted, skipped, stopped, withheldBy } from './outcomes.ts'
import { dependentsOf, needsOf } from './places.ts'

export interface ScheduleInput {
  /** In plan order: every action after all that it needs. */
  readonly actions: readonly Action[]
  /** The greatest starts first; ties go by plan order. What is missing counts as 0. */
  readonly priority: ReadonlyMap<ActionId, number>
  /** How many commands may run at once, at least 1. Gates run inline and take no slot. */
  readonly jobs: number
  /** Start nothing new once an action has failed. */
  readonly failFast: boolean
  readonly breakers: RunBreakers
  readonly clock: Clock
  /** When the run began, by the clock: what `breakers.timeMs` counts from. */
  readonly startedAt: number
  /** Aborted: nothing new starts, and what has not ended is interrupted. */
  readonly signal: AbortSignal
  /**
   * Runs one action whose needs have all passed. `outcomes` holds every action that has ended so far. Its `signal` aborts
   * with the schedule's, when another action has crashed, and when a breaker stops it. A rejection is a bug: see
   * `CrashError`.
   */
  runAction(action: Action, outcomes: ReadonlyMap<ActionId, ActionOutcome>, signal: AbortSignal): Promise<ActionOutcome>
  /**
   * Called once for each action, skipped and interrupted ones included, with the outcome that stays: in the order in which they
   * end, or in plan order where a breaker counts failures, because one that comes before may yet fail.
   */
  onFinished(outcome: ActionOutcome): void
}

export interface ScheduleResult {
  /** One for each action, in plan order. */
  readonly outcomes: readonly ActionOutcome[]
  /** Whether fail-fast held back an action that was ready. */
  readonly partial: boolean
}

/**
 * Runs actions in the order of their needs. A dependent of an action that did not pass is skipped with the root cause:
 * the first in plan order of its direct needs that did not pass, or that one's own cause. So without fail-fast, an abort or
 * the breaker of time, the outcomes depend on neither the number of jobs nor the order in which actions end.
 *
 * Behind the last failure that `breakers.failures` allows, in plan order, nothing is accepted, not even what has run and
 * passed by then. What needs an action that failed up to there is skipped all the same, since it could not have run;
 * everything else ends as `breaker`.
 *
 * @throws RangeError if an action comes before one that it needs, or `jobs` is no positive integer.
 * @throws CrashError if `runAction` rejects or `onFinished` throws.
 */
export async function schedule(input: ScheduleInput): Promise<ScheduleResult> {
  return new Schedule(input).run()
}

/**
 * Indexes are places in plan order. An action waits until all its needs have ended, not until the first has failed, so that
 * its cause is the same in every order.
 */
class Schedule {
  readonly #input: ScheduleInput
  readonly #needs: readonly (readonly number[])[]
  readonly #dependents: readonly (readonly number[])[]
  /** How many of those that each action waits for have not ended. */
  readonly #waiting: number[]
  readonly #readyCommands: TinyQueue<number>
  readonly #readyGates: number[] = []
  readonly #outcomes = new Map<ActionId, ActionOutcome>()
  readonly #told = new Set<ActionId>()
  /** What ends each action that runs, by its place. */
  readonly #running = new Map<number, AbortController>()
  readonly #bound: FailureBound
  /** Where a breaker counts failures: every place before this one has been told. */
  #tellNext = 0
  #runningCommands = 0
  #firstFailure: ActionId | null = null
  #halted: 'from outside' | 'crash' | 'time' | null = null
  #crash: { readonly action: Action; readonly error: unknown } | null = null
  #wake: () => void = () => {}

  constructor(input: ScheduleInput) {
    if (!Number.isInteger(input.jobs) || input.jobs < 1) throw new RangeError(`jobs is ${input.jobs}`)
    this.#input = input
    this.#bound = createFailureBound(input.breakers.failures)
    this.#needs = needsOf(input.actions)
    const before = needsOf(input.actions, { after: true })
    this.#dependents = dependentsOf(before)
    this.#waiting = before.map((places) => places.length)
    const priority = input.actions.map((action) => input.priority.get(action.id) ?? 0)
    this.#readyCommands = new TinyQueue<number>([], (a, b) => (priority[b] ?? 0) - (priority[a] ?? 0) || a - b)
  }

  async run(): Promise<ScheduleResult> {
    const { signal } = this.#input
    const stop = (): void => this.#halt('from outside', signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    const ended = new AbortController()
    void this.#watchTime(ended.signal)
    for (const [index, waiting] of this.#waiting.entries()) if (waiting === 0) this.#enqueue(index)
    for (this.#startReady(); this.#running.size > 0; this.#startReady()) await this.#nextEnd()
    ended.abort()
    signal.removeEventListener('abort', stop)
    return this.#conclude()
  }

  async #watchTime(ended: AbortSignal): Promise<void> {
    const { breakers, clock, startedAt } = this.#input
    if (breakers.timeMs === null) return
    const left = startedAt + breakers.timeMs - clock.now()
    if (left > 0) await clock.sleep(left, ended)
    if (!ended.aborted) this.#halt('time', 'time')
  }

  #halt(why: 'from outside' | 'crash' | 'time', reason: unknown): void {
    this.#halted ??= why
    for (const controller of this.#running.values()) controller.abort(reason)
  }

  #startReady(): void {
    while (!this.#closed()) {
      const index = this.#readyGates.pop() ?? this.#nextCommand()
      if (index === undefined) return
      if (index <= this.#bound.place) void this.#start(index)
    }
  }

  #nextCommand(): number | undefined {
    return this.#runningCommands < this.#input.jobs ? this.#readyCommands.pop() : undefined
  }

  #closed(): boolean {
    return this.#halted !== null || (this.#input.failFast && this.#firstFailure !== null)
  }

  /** Never rejects: an error is kept for {@link #conclude}. */
  async #start(index: number): Promise<void> {
    const action = this.#action(index)
    const slots = action.kind === 'command' ? 1 : 0
    const controller = new AbortController()
    this.#running.set(index, controller)
    this.#runningCommands += slots
    try {
      this.#end(index, await this.#input.runAction(action, this.#outcomes, controller.signal))
    } catch (error) {
      this.#fail(action, error)
    }
    this.#running.delete(index)
    this.#runningCommands -= slots
    this.#wake()
  }

  #fail(action: Action, error: unknown): void {
    this.#crash ??= { action, error }
    this.#halt('crash', error)
  }

  async #nextEnd(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  /** A loop and not a recursion, because one failure may skip a chain of thousands. */
  #end(index: number, outcome: ActionOutcome): void {
    this.#record(index, this.#inTime(index, outcome))
    if (outcome.status !== 'passed') this.#firstFailure ??= outcome.id
    if (hasFailed(outcome) && this.#bound.count(index)) this.#stopBehind()
    const settled = [index]
    for (let at = settled.pop(); at !== undefined; at = settled.pop()) {
      for (const dependent of this.#dependents[at] ?? []) {
        const waiting = (this.#waiting[dependent] ?? 0) - 1
        this.#waiting[dependent] = waiting
        if (waiting > 0) continue
        const withheld = this.#withheld(dependent)
        if (withheld === null) this.#enqueue(dependent)
        else {
          this.#record(dependent, withheld)
          settled.push(dependent)
        }
      }
    }
    this.#tellInOrder()
  }

  /** What was interrupted because the time was up says so. */
  #inTime(index: number, outcome: ActionOutcome): ActionOutcome {
    const limit = this.#input.breakers.timeMs
    if (outcome.status !== 'interrupted' || this.#halted !== 'time' || limit === null) return outcome
    return stopped(this.#action(index), { kind: 'run-breaker', breaker: 'time', limit }, outcome.attempts)
  }

  #stopBehind(): void {
    for (const [index, controller] of this.#running) if (index > this.#bound.place) controller.abort('failures')
  }

  #record(index: number, outcome: ActionOutcome): void {
    this.#outcomes.set(outcome.id, outcome)
    if (this.#input.breakers.failures === null) this.#tell(index, outcome)
  }

  /** Where all that comes before has ended, no failure can take an outcome back any more. */
  #tellInOrder(): void {
    if (this.#input.breakers.failures === null) return
    for (const { actions } = this.#input; this.#tellNext <= this.#bound.place; this.#tellNext++) {
      const id = actions[this.#tellNext]?.id
      const outcome = id === undefined ? undefined : this.#outcomes.get(id)
      if (outcome === undefined) return
      this.#tell(this.#tellNext, outcome)
    }
  }

  #tell(index: number, outcome: ActionOutcome): void {
    this.#told.add(outcome.id)
    if (this.#crash !== null) return
    try {
      this.#input.onFinished(outcome)
    } catch (error) {
      this.#fail(this.#action(index), error)
    }
  }

  #enqueue(index: number): void {
    if (this.#action(index).kind === 'gate') this.#readyGates.push(index)
    else this.#readyCommands.push(index)
  }

  /** The outcome of an action that can't start because a need has not passed; `null` if all have. */
  #withheld(index: number): ActionOutcome | null {
    const action = this.#action(index)
    for (const need of this.#needs[index] ?? []) {
      const outcome = this.#outcomes.get(this.#action(need).id)
      if (outcome === undefined) return interrupted(action)
      if (outcome.status !== 'passed') return withheldBy(outcome, action)
    }
    return null
  }

  /** In plan order, so that an action's needs have the outcomes that stay. */
  #conclude(): ScheduleResult {
    let partial = false
    const outcomes = this.#input.actions.map((action, index) => {
      const known = index > this.#bound.place ? undefined : this.#outcomes.get(action.id)
      const outcome = known ?? this.#unaccepted(index)
      partial ||= outcome === null
      return this.#settle(index, outcome ?? skipped(action, this.#firstFailure ?? action.id))
    })
    if (this.#crash === null) return { outcomes, partial }
    throw crashError(this.#crash.action, outcomes, this.#crash.error)
  }

  /** The outcome of an action that has none, or none that stays; `null` if only fail-fast held it back. */
  #unaccepted(index: number): ActionOutcome | null {
    const { actions, breakers } = this.#input
    const action = this.#action(index)
    const attempts = this.#outcomes.get(action.id)?.attempts ?? []
    const withheld = this.#withheld(index)
    if (withheld !== null) return { ...withheld, attempts }
    const last = index > this.#bound.place ? actions[this.#bound.place] : undefined
    if (last !== undefined && breakers.failures !== null) {
      const reason = { kind: 'run-breaker', breaker: 'failures', limit: breakers.failures, action: last.id } as const
      return stopped(action, reason, attempts)
    }
    return this.#halted === null ? null : this.#inTime(index, interrupted(action))
  }

  #settle(index: number, outcome: ActionOutcome): ActionOutcome {
    this.#outcomes.set(outcome.id, outcome)
    if (!this.#told.has(outcome.id)) this.#tell(index, outcome)
    return outcome
  }

  #action(index: number): Action {
    const action = this.#input.actions[index]
    if (action === undefined) throw new RangeError(`no action has the place ${index}`)
    return action
  }
}
