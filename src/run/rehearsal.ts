import type { CheckRecord, Difference } from '../model/check.ts'
import type { Action, ActionId } from '../model/graph.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import type { Executor, LogFolder } from '../model/ports.ts'
import type { Tree } from '../model/tree.ts'
import { compareOutcomes } from './compare.ts'
import { CrashError } from './crash.ts'
import { crashed, EMPTY_TREE, interrupted, listed } from './outcomes.ts'
import { createActionRunner, type ActionRunner, type ActionRunnerInput } from './runner.ts'
import { schedule, type ScheduleInput } from './scheduler.ts'

/** What a clock that counts in seconds needs to show another time. */
const PAUSE_MS = 1_000

export interface RehearsalInput extends Pick<ScheduleInput, 'actions' | 'breakers' | 'startedAt' | 'signal'> {
  /** What the run itself is run with. */
  readonly runner: ActionRunnerInput
  /** How many commands the run itself starts at once. */
  readonly jobs: number
}

/** Every action once, so that what it does then can be compared with what it does in the run itself. */
export interface Rehearsal {
  /** How it was run, and what was found so far. */
  record(): CheckRecord
  /** Runs actions as `run` does; one that does not do what it has done before does not pass. */
  compared(run: ActionRunner): ActionRunner
}

/**
 * Runs the whole graph with what may not matter changed: the last action in plan order that is ready starts first, another
 * number of them at once, their inputs written in reverse order, and at another time. Its logs are kept under `check/`, and
 * nothing else of it.
 *
 * @throws CrashError as {@link schedule} does; of the run itself nothing has begun then
 */
export async function rehearse(input: RehearsalInput): Promise<Rehearsal> {
  const { clock, emit } = input.runner
  const jobs = otherJobs(input.jobs)
  emit({ type: 'rehearsal-started', at: clock.now(), jobs })
  const { outcomes } = await schedule(otherwise(input, jobs)).catch((error: unknown) => {
    throw error instanceof CrashError ? beforeAll(error, input.actions) : error
  })
  await clock.sleep(PAUSE_MS, input.signal)
  const differences = new Map<ActionId, Difference>()
  return {
    record: () => ({
      jobs,
      logs: outcomes.flatMap(logsOf),
      differences: input.actions.flatMap(({ id }) => differences.get(id) ?? []),
    }),
    compared: comparer(outcomes, input.runner, differences),
  }
}

/** The same actions, with everything else changed. */
function otherwise({ runner, ...input }: RehearsalInput, jobs: number): ScheduleInput {
  const { clock, emit } = runner
  const aside = { executor: reversing(runner.executor), folder: folderAside(runner.folder), emit: () => {} }
  return {
    ...input,
    jobs,
    clock,
    priority: new Map(input.actions.map(({ id }, place) => [id, place])),
    breakers: { ...input.breakers, failures: null },
    failFast: false,
    runAction: createActionRunner({ ...runner, ...aside }),
    onFinished: ({ id, status }) => emit({ type: 'action-rehearsed', at: clock.now(), action: id, status }),
  }
}

/** @param differences takes what is found */
function comparer(
  outcomes: readonly ActionOutcome[],
  { clock, emit, store }: ActionRunnerInput,
  differences: Map<ActionId, Difference>,
): Rehearsal['compared'] {
  const earlier = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
  return (run) => async (action, ended, signal) => {
    const outcome = await run(action, ended, signal)
    const before = earlier.get(action.id)
    const found = before ? compareOutcomes(before, outcome, store) : null
    if (!found) return outcome
    const difference = { ...found, log: found.log && placeAside(found.log) }
    differences.set(action.id, difference)
    emit({ type: 'action-differed', at: clock.now(), action: action.id, difference })
    return nondeterministic(outcome, difference)
  }
}

function logsOf({ attempts }: ActionOutcome): CheckRecord['logs'] {
  return attempts.flatMap(({ log: { path, digest } }) =>
    path === null || digest === null ? [] : [{ path: placeAside(path), digest }],
  )
}

/** Fewer, unless there is one only: what does not wait for what it needs shows where nothing else keeps it waiting. */
function otherJobs(jobs: number): number {
  return jobs === 1 ? 2 : Math.ceil(jobs / 2)
}

function nondeterministic(outcome: ActionOutcome, { files }: Difference): ActionOutcome {
  const reason = { kind: 'nondeterministic', ...listed(files.map(({ path }) => path)) } as const
  return { ...outcome, status: 'failed', reason, outputs: EMPTY_TREE }
}

/** Codex failed before the run itself had begun: of that, nothing has ended. */
function beforeAll({ action: id, cause }: CrashError, actions: readonly Action[]): CrashError {
  const outcomes = actions.map((action) => (action.id === id ? crashed(action, cause) : interrupted(action)))
  return new CrashError(id, outcomes, cause)
}

/** Writes inputs last first, because some file systems list a folder in the order of its making. */
function reversing(executor: Executor): Executor {
  const reversed = new WeakMap<Tree, Tree>()
  const reverse = (tree: Tree): Tree => {
    const known = reversed.get(tree) ?? { ...tree, entries: tree.entries.toReversed() }
    reversed.set(tree, known)
    return known
  }
  return {
    name: executor.name,
    limiter: executor.limiter,
    guarantees: executor.guarantees,
    tryNetwork: () => executor.tryNetwork(),
    close: () => executor.close(),
    execute: (request) => executor.execute({ ...request, inputs: reverse(request.inputs) }),
  }
}

function placeAside(path: string): string {
  return `check/${path}`
}

/** The run's folder, with what is written to it under a folder of its own. */
function folderAside(folder: LogFolder): LogFolder {
  return {
    append: (path, bytes) => folder.append(placeAside(path), bytes),
    closeFile: (path) => folder.closeFile(placeAside(path)),
    chunks: (path) => folder.chunks(placeAside(path)),
  }
}
