import { heights } from './graph/order.ts'
import { keepProof } from './keeping.ts'
import type { CheckRecord } from './model/check.ts'
import type { Emit } from './model/event.ts'
import { diagnostic } from './model/diagnostic.ts'
import { NO_CAPABILITIES } from './model/grant.ts'
import type { ActionId, Graph } from './model/graph.ts'
import type { ActionOutcome } from './model/outcome.ts'
import type { ActionCache } from './model/action-cache.ts'
import type { Clock, ContentStore, Executor, RunFolder } from './model/ports.ts'
import { MOST_RESULT_BYTES } from './model/plugin.ts'
import type { Replay } from './model/replay.ts'
import { ok } from './model/result.ts'
import type { Prepare } from './plan/prepare.ts'
import { verdictIn } from './plugins/result.ts'
import type { Project } from './project.ts'
import { CrashError } from './run/crash.ts'
import { rehearse } from './run/rehearsal.ts'
import { createReuse } from './run/reuse.ts'
import type { PatchMaker } from './run/scope-gate.ts'
import { createActionRunner, type ActionRunner, type ActionRunnerInput } from './run/runner.ts'
import { schedule } from './run/scheduler.ts'
import { shuffledPriority } from './run/shuffle.ts'

/** What actions are run with. */
export interface Surroundings {
  readonly executor: Executor
  readonly machine: {
    readonly clock: Clock
    readonly store: ContentStore
    readonly variables: Readonly<Record<string, string | undefined>>
  }
  readonly folder: RunFolder
  readonly prepare: Prepare
  readonly emit: Emit
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
}

export interface ExecuteOptions {
  readonly tool: { readonly name: string; readonly version: string }
  readonly jobs: number
  readonly failFast: boolean
  /** Whether every action is run once before, and what it does then is compared. */
  readonly check?: boolean
  /** The seed of the order in which what is ready starts; absent: the longest way to the end first. */
  readonly shuffle?: string
  /** What actions are reused from; absent or `null`: every one runs. */
  readonly cache?: ActionCache | null
  /** Caps the attempts of every action; `null`: only the packs do. */
  readonly maxAttempts: number | null
  /** Aborts with the name of a signal as its reason. */
  readonly signal: AbortSignal
  /** What is not run, because a recorded run tells of it; absent or `null`: everything runs. */
  readonly taken?: Replay | null
}

export interface Executed {
  readonly outcomes: readonly ActionOutcome[]
  readonly partial: boolean
  /** `null`: the run was not checked. */
  readonly check: CheckRecord | null
}

const loadPatches = async (): Promise<PatchMaker> => import('./change/write.ts')

/**
 * Runs all actions of a graph and keeps what proves their outcomes.
 *
 * @throws CrashError when codex failed while it ran an action, which has been told of then
 */
export async function execute(
  { graph, packs, ignores, breakers }: Project & { readonly graph: Graph },
  { executor, machine, folder, prepare, emit, startedAt }: Surroundings,
  options: ExecuteOptions,
): Promise<Executed> {
  const { clock, store, variables: callerEnv } = machine
  const { maxAttempts, shuffle, check, signal, jobs, tool, cache = null, taken = null } = options
  const proof = keepProof({ folder, store, packs, prepare, callerEnv, known: taken?.keys ?? [] })
  const ports = { executor, loadPatches, clock, store, folder, emit, ignores, callerEnv }
  const runner = withVerdicts({ ...ports, prepare, maxAttempts })
  const planned = { actions: graph.actions, breakers, startedAt, signal, jobs }
  const told = new Set<ActionId>()
  const onAbort = (): void => emit({ type: 'run-interrupted', at: clock.now(), signal: String(signal.reason) })
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const rehearsal = check ? await rehearse({ ...planned, runner }) : null
    const reuse = createReuse({ cache, tool, executor, folder, clock, emit })
    const run = createActionRunner({ ...runner, prepare: withoutGrants(proof.prepare, taken), reuse })
    const scheduled = await schedule({
      ...planned,
      failFast: options.failFast,
      priority: shuffle === undefined ? heights(graph) : shuffledPriority(graph.actions, shuffle),
      clock,
      runAction: insteadOf(rehearsal ? rehearsal.compared(run) : run, taken),
      onFinished: listener({ graph, proof, told, clock, emit }),
    })
    return { ...scheduled, check: rehearsal?.record() ?? null }
  } catch (error) {
    const outcome = error instanceof CrashError && error.outcomes.find(({ id }) => id === error.action)
    if (outcome && !told.has(outcome.id)) emit({ type: 'action-finished', at: clock.now(), outcome })
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** What a plugin has left is read where it is kept. */
function withVerdicts(runner: ActionRunnerInput): ActionRunnerInput {
  const { store } = runner
  return {
    ...runner,
    readPluginVerdict: (result, plugin) =>
      result.size > MOST_RESULT_BYTES ? null : verdictIn(store.read(result), plugin),
  }
}

interface Listening extends Pick<Surroundings, 'emit'> {
  readonly graph: Graph
  readonly proof: ReturnType<typeof keepProof>
  /** Takes what was told. */
  readonly told: Set<ActionId>
  readonly clock: Clock
}

/** Keeps what proves an outcome, and tells of it. A plugin's own error does not bear on the verdict, but is told. */
function listener({ graph, proof, told, clock, emit }: Listening): (outcome: ActionOutcome) => void {
  const actions = new Map(graph.actions.map((action) => [action.id, action]))
  return (outcome) => {
    const action = actions.get(outcome.id)
    if (action) proof.collect(action, outcome)
    told.add(outcome.id)
    emit({ type: 'action-finished', at: clock.now(), outcome })
    const { tolerated: reason } = outcome
    if (reason === undefined || !action) return
    const facts = { pack: action.pack, action: action.id, reason }
    const warning = diagnostic('plugin-error', action.place, facts, { severity: 'warning' })
    emit({ type: 'warning', at: clock.now(), diagnostic: warning })
  }
}

/** Actions of packs whose steps are taken from a recorded run get nothing of what their packs were granted; their keys tell of it all the same. */
function withoutGrants(prepare: Prepare, taken: Replay | null): Prepare {
  if (!taken) return prepare
  return (action, outcomes) => {
    const prepared = prepare(action, outcomes)
    if (!prepared.ok || action.kind === 'gate' || !taken.packs.has(action.pack)) return prepared
    return ok({ ...prepared.value, action: { ...action, capabilities: NO_CAPABILITIES } })
  }
}

function insteadOf(run: ActionRunner, taken: Replay | null): ActionRunner {
  if (!taken) return run
  return async (action, outcomes, signal) =>
    (signal.aborted ? undefined : taken.outcomes.get(action.id)) ?? run(action, outcomes, signal)
}
