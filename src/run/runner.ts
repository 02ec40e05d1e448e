import type { Action, ActionId, CommandAction, GateAction } from '../model/graph.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import type { PreparedAction } from '../model/plan.ts'
import type { ContentStore, FileError } from '../model/ports.ts'
import type { Result } from '../model/result.ts'
import { runAttempts, type AttemptPorts } from './attempts.ts'
import { runArtifactsGate, runControlsGate } from './gates.ts'
import { EMPTY_TREE, ended, inputChanged, interrupted, type Ending } from './outcomes.ts'
import type { Reuse } from './reuse.ts'
import { runScopeGate, type ScopeGateInput } from './scope-gate.ts'
import { runSecretsGate, type SecretsGateInput } from './secrets-gate.ts'

/** Stages and hashes the inputs of an action whose needs have all passed. */
export type Prepare = (
  action: Action,
  outcomes: ReadonlyMap<ActionId, ActionOutcome>,
) => Result<PreparedAction, FileError> | Promise<Result<PreparedAction, FileError>>

export interface ActionRunnerInput extends AttemptPorts {
  readonly prepare: Prepare
  readonly store: ContentStore
  readonly loadPatches: ScopeGateInput['loadPatches']
  /** Absent or `null`: every command runs. */
  readonly reuse?: Reuse | null
}

/** Runs one action whose needs have passed; what it rejects with is a bug or a failure of the host, never the action's. */
export type ActionRunner = (
  action: Action,
  outcomes: ReadonlyMap<ActionId, ActionOutcome>,
  signal: AbortSignal,
) => Promise<ActionOutcome>

export function createActionRunner({ prepare, ...ports }: ActionRunnerInput): ActionRunner {
  return async (action, outcomes, signal) => {
    if (signal.aborted) return interrupted(action)
    const prepared = await prepare(action, outcomes)
    if (!prepared.ok) return inputChanged(action, prepared.error.path)
    if (isGate(prepared.value))
      return ended(prepared.value, await runGate(prepared.value, { ...ports, outcomes, signal }))
    if (isCommand(prepared.value)) return ended(prepared.value, await runCommand(prepared.value, ports, signal))
    throw new TypeError(`${action.id} is of no known kind`)
  }
}

/** Takes the outcome from the cache where there is one, and otherwise runs the command and keeps its outcome there. */
async function runCommand(
  prepared: PreparedAction<CommandAction>,
  { reuse = null, ...ports }: Omit<ActionRunnerInput, 'prepare'>,
  signal: AbortSignal,
): Promise<Ending> {
  if (prepared.vain) {
    return { status: 'failed', reason: prepared.vain, exitCode: null, outputs: EMPTY_TREE, attempts: [] }
  }
  if (reuse === null) return runAttempts(prepared, ports, signal)
  const known = await reuse.take(prepared)
  if (known !== null) return known
  let tidy = true
  // Which files git ignores is not in the key.
  const ignores = (path: string): boolean => {
    const ignored = ports.ignores(path)
    if (ignored) tidy = false
    return ignored
  }
  const ending = await runAttempts(prepared, { ...ports, ignores }, signal)
  reuse.keep(prepared, ending, tidy)
  return ending
}

async function runGate(
  prepared: PreparedAction<GateAction>,
  input: SecretsGateInput & ScopeGateInput,
): Promise<Ending> {
  switch (prepared.action.gate) {
    case 'artifacts':
      return runArtifactsGate(prepared)
    case 'secrets':
      return runSecretsGate(prepared, input)
    case 'controls':
      return runControlsGate(prepared, input.outcomes)
    case 'scope':
      return runScopeGate(prepared, input)
  }
}

function isGate(prepared: PreparedAction): prepared is PreparedAction<GateAction> {
  return prepared.action.kind === 'gate'
}

function isCommand(prepared: PreparedAction): prepared is PreparedAction<CommandAction> {
  return prepared.action.kind === 'command'
}
