import { setMaxListeners } from 'node:events'
import TinyQueue from 'tinyqueue'
import type { Action, ActionId } from '../model/graph.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import { crashed, interrupted, skipped } from './outcomes.ts'

export interface ScheduleInput {
  /** In plan order: every action after all that it needs. */
  readonly actions: readonly Action[]
  /** The greatest starts first; ties go by plan order. What is missing counts as 0. */
  readonly priority: ReadonlyMap<ActionId, number>
  /** How many commands may run at once, at least 1. Gates run inline and take no slot. */
  readonly jobs: number
  /** Start nothing new once an action has failed. */
  readonly failFast: boolean
  /** Aborted: nothing new starts, and what has not ended is interrupted. */
  readonly signal: AbortSignal
  /**
   * Runs one action whose needs have all passed. `outcomes` holds every action that has ended so far. Its `signal` aborts
   * with the schedule's, and when another action has crashed. A rejection is a bug: see {@link CrashError}.
   */
  runAction(action: Action, outcomes: ReadonlyMap<ActionId, ActionOutcome>, signal: AbortSignal): Promise<ActionOutcome>
  /** Called once for each action, skipped and interrupted ones included, in the order in which they end. */
  onFinished(outcome: ActionOutcome): void
}

export interface ScheduleResult {
  /** One for each action, in plan order. */
  readonly outcomes: readonly ActionOutcome[]
  /** Whether fail-fast held back an action that was ready. */
  readonly partial: boolean
}

/** Codex failed while it ran an action; `cause` is the error. The other actions were stopped and waited for. */
export class CrashError extends Error {
  override readonly name = 'CrashError'
  readonly action: ActionId
  /** One for each action in plan order; that of {@link action} is `failed` with the reason `internal`. */
  readonly outcomes: readonly ActionOutcome[]

  constructor(action: ActionId, outcomes: readonly ActionOutcome[], cause: unknown) {
    super(`${action} could not be run to its end`, { cause })
    this.action = action
    this.outcomes = outcomes
  }
}

/**
 * Runs actions in the order of their needs. A dependent of an action that did not pass is skipped with the root cause:
 * the first in plan order of its direct needs that did not pass, or that one's own cause. So without fail-fast or an
 * abort, the outcomes depend on neither the number of jobs nor the order in which actions end.
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
  /** How many needs of each action have not ended. */
  readonly #waiting: number[]
  readonly #readyCommands: TinyQueue<number>
  readonly #readyGates: number[] = []
  readonly #outcomes = new Map<ActionId, ActionOutcome>()
  readonly #stop = new AbortController()
  #running = 0
  #runningCommands = 0
  #firstFailure: ActionId | null = null
  #crash: { readonly action: Action; readonly error: unknown } | null = null
  #wake: () => void = () => {}

  constructor(input: ScheduleInput) {
    if (!Number.isInteger(input.jobs) || input.jobs < 1) throw new RangeError(`jobs is ${input.jobs}`)
    this.#input = input
    // One listener for each command at once is no leak, and Node's warning of one would go to the user's terminal.
    setMaxListeners(0, this.#stop.signal)
    this.#needs = needsOf(input.actions)
    this.#dependents = dependentsOf(this.#needs)
    this.#waiting = this.#needs.map((needs) => needs.length)
    const priority = input.actions.map((action) => input.priority.get(action.id) ?? 0)
    this.#readyCommands = new TinyQueue<number>([], (a, b) => (priority[b] ?? 0) - (priority[a] ?? 0) || a - b)
  }

  async run(): Promise<ScheduleResult> {
    const stop = (): void => this.#stop.abort(this.#input.signal.reason)
    if (this.#input.signal.aborted) stop()
    else this.#input.signal.addEventListener('abort', stop, { once: true })
    for (const [index, waiting] of this.#waiting.entries()) if (waiting === 0) this.#enqueue(index)
    for (this.#startReady(); this.#running > 0; this.#startReady()) await this.#nextEnd()
    this.#input.signal.removeEventListener('abort', stop)
    return this.#conclude()
  }

  #startReady(): void {
    while (!this.#closed()) {
      const index = this.#readyGates.pop() ?? this.#nextCommand()
      if (index === undefined) return
      void this.#start(index)
    }
  }

  #nextCommand(): number | undefined {
    return this.#runningCommands < this.#input.jobs ? this.#readyCommands.pop() : undefined
  }

  #closed(): boolean {
    return this.#stop.signal.aborted || (this.#input.failFast && this.#firstFailure !== null)
  }

  /** Never rejects: an error is kept for {@link #conclude}. */
  async #start(index: number): Promise<void> {
    const action = this.#action(index)
    const slots = action.kind === 'command' ? 1 : 0
    this.#running += 1
    this.#runningCommands += slots
    try {
      const outcome = await this.#input.runAction(action, this.#outcomes, this.#stop.signal)
      this.#end(index, outcome)
    } catch (error) {
      this.#crash ??= { action, error }
      this.#stop.abort(error)
    }
    this.#running -= 1
    this.#runningCommands -= slots
    this.#wake()
  }

  async #nextEnd(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  /** A loop and not a recursion, because one failure may skip a chain of thousands. */
  #end(index: number, outcome: ActionOutcome): void {
    this.#record(outcome)
    if (outcome.status !== 'passed') this.#firstFailure ??= outcome.id
    const settled = [index]
    for (let at = settled.pop(); at !== undefined; at = settled.pop()) {
      for (const dependent of this.#dependents[at] ?? []) {
        const waiting = (this.#waiting[dependent] ?? 0) - 1
        this.#waiting[dependent] = waiting
        if (waiting > 0) continue
        const withheld = this.#withheld(dependent)
        if (withheld === null) this.#enqueue(dependent)
        else {
          this.#record(withheld)
          settled.push(dependent)
        }
      }
    }
  }

  #record(outcome: ActionOutcome): void {
    this.#outcomes.set(outcome.id, outcome)
    if (this.#crash === null) this.#input.onFinished(outcome)
  }

  #enqueue(index: number): void {
    if (this.#action(index).kind === 'gate') this.#readyGates.push(index)
    else this.#readyCommands.push(index)
  }

  /** The outcome of an action that can't start because a need has not passed; `null` if all have. */
  #withheld(index: number): ActionOutcome | null {
    for (const need of this.#needs[index] ?? []) {
      const outcome = this.#outcomes.get(this.#action(need).id)
      if (outcome?.status === 'passed') continue
      if (outcome === undefined || outcome.status === 'interrupted') return interrupted(this.#action(index))
      return skipped(this.#action(index), outcome.reason?.kind === 'cause' ? outcome.reason.action : outcome.id)
    }
    return null
  }

  #conclude(): ScheduleResult {
    let partial = false
    for (const [index, action] of this.#input.actions.entries()) {
      if (this.#outcomes.has(action.id)) continue
      const withheld = this.#stop.signal.aborted ? interrupted(action) : this.#withheld(index)
      partial ||= withheld === null
      this.#recordUnrun(action, withheld ?? skipped(action, this.#firstFailure ?? action.id))
    }
    const outcomes = this.#input.actions.map((action) => this.#outcomes.get(action.id) ?? interrupted(action))
    if (this.#crash === null) return { outcomes, partial }
    throw crashError(this.#crash.action, outcomes, this.#crash.error)
  }

  #recordUnrun(action: Action, outcome: ActionOutcome): void {
    try {
      this.#record(outcome)
    } catch (error) {
      this.#crash ??= { action, error }
    }
  }

  #action(index: number): Action {
    const action = this.#input.actions[index]
    if (action === undefined) throw new RangeError(`no action has the place ${index}`)
    return action
  }
}

/** The places of each action's needs, ascending. */
function needsOf(actions: readonly Action[]): number[][] {
  const places = new Map<ActionId, number>()
  return actions.map((action, index) => {
    const needs = [...new Set(action.needs)].map((need) => {
      const place = places.get(need)
      if (place === undefined) throw new RangeError(`${action.id} does not come after ${need}`)
      return place
    })
    places.set(action.id, index)
    return needs.toSorted((a, b) => a - b)
  })
}

function dependentsOf(needs: readonly (readonly number[])[]): number[][] {
  const dependents: number[][] = needs.map(() => [])
  for (const [index, places] of needs.entries()) for (const place of places) dependents[place]?.push(index)
  return dependents
}

/** The action in which codex failed did not pass, even if its command did: its evidence is not complete. */
function crashError(action: Action, outcomes: readonly ActionOutcome[], error: unknown): CrashError {
  const told = outcomes.map((outcome) => (outcome.id === action.id ? crashed(action, error) : outcome))
  return new CrashError(action.id, told, error)
}
