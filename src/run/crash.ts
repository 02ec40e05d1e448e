import type { Action, ActionId } from '../model/graph.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import { crashed } from './outcomes.ts'

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

/** The action in which codex failed did not pass, even if its command did: its evidence is not complete. */
export function crashError(action: Action, outcomes: readonly ActionOutcome[], error: unknown): CrashError {
  const told = outcomes.map((outcome) => (outcome.id === action.id ? crashed(action, error) : outcome))
  return new CrashError(action.id, told, error)
}
