import type { StepChanges } from '../model/change.ts'
import { actionPath, type CommandAction } from '../model/graph.ts'
import type { Emit } from '../model/event.ts'
import type { Attempt, Connection } from '../model/outcome.ts'
import type { PreparedAction } from '../model/plan.ts'
import type { Clock, Execution, ExecutionRequest, Executor, LogFolder } from '../model/ports.ts'
import { treeOf, type Tree, type TreeEntry } from '../model/tree.ts'
import { isOfGit } from './scope-gate.ts'
import { judge, type Judgement } from './judge.ts'
import { judgePlugin, type PluginJudgement, type ReadPluginVerdict } from './judge-plugin.ts'
import { createMasker, maskText } from './mask.ts'
import { createLogSink, type LogTail } from './log.ts'
import { EMPTY_TREE, type Ending } from './outcomes.ts'
import { failureSignature } from './signature.ts'

/** No pack and no caller may ask for more. */
const MOST_ATTEMPTS = 5

const FIRST_BACKOFF_MS = 500

/** What every action of a run is run with. */
export interface AttemptPorts {
  readonly executor: Executor
  readonly clock: Clock
  readonly folder: LogFolder
  readonly emit: Emit
  /** Whether an undeclared write at this path (relative to the workspace) is dropped silently. */
  readonly ignores: (path: string) => boolean
  /** The caller's variables, of which an action gets the secrets that its pack names. */
  readonly callerEnv: Readonly<Record<string, string | undefined>>
  /** Caps every action's attempts; `null`: only the pack does. */
  readonly maxAttempts: number | null
  /** Absent: no result of a plugin is known to be one. */
  readonly readPluginVerdict?: ReadPluginVerdict
}

interface Try {
  readonly attempt: Attempt
  readonly judgement: Judgement
  /** What it has left, if it may be kept. */
  readonly outputs: Tree
  /** What a step has changed. */
  readonly changes: StepChanges | null
  /** Whether what went wrong, if anything did, is a plugin's own matter. */
  readonly blame: 'plugin' | null
  readonly tail: LogTail
}

/**
 * Runs a command until it passes, can't be retried, fails in the same way too often, or has had all its attempts.
 * Only `failed` and `timed-out` are tried again: a violation, another limit or an interruption would not go away.
 * The pause before try n + 1 is 2^(n - 1) times 500 ms; there is no jitter, because nothing is left to chance.
 */
export async function runAttempts(
  prepared: PreparedAction<CommandAction>,
  ports: AttemptPorts,
  signal: AbortSignal,
): Promise<Ending> {
  const { retries } = prepared.action
  const most = Math.max(1, Math.min(retries.attempts, ports.maxAttempts ?? MOST_ATTEMPTS, MOST_ATTEMPTS))
  const attempts: Attempt[] = []
  const seen = new Map<string, number>()
  for (let number = 1; ; number++) {
    const current = await runOnce(prepared, number, { ports, signal })
    attempts.push(current.attempt)
    const again = number < most && isRetryable(current.judgement)
    const times = again ? count(seen, current) : 0
    const trips = again && times >= retries.repeatErrorLimit
    const retryInMs = again && !trips ? FIRST_BACKOFF_MS * 2 ** (number - 1) : null
    ports.emit({
      type: 'attempt-finished',
      at: ports.clock.now(),
      action: prepared.action.id,
      attempt: current.attempt,
      retryInMs,
    })
    const end = (judgement: Judgement): Ending => ({ ...endingOf(prepared.action, judgement, current), attempts })
    if (trips) return end(breaker(current.judgement, times))
    if (retryInMs === null) return end(current.judgement)
    await ports.clock.sleep(retryInMs, signal)
    if (signal.aborted) return end({ status: 'interrupted', reason: null, exitCode: null })
  }
}

function isRetryable({ status }: Judgement): boolean {
  return status === 'failed' || status === 'timed-out'
}

/** How often the attempts have failed in this way, this one included. */
function count(seen: Map<string, number>, { judgement, tail }: Try): number {
  const signature = `${judgement.status} ${failureSignature(judgement.exitCode, tail.bytes, tail.cut)}`
  const times = (seen.get(signature) ?? 0) + 1
  seen.set(signature, times)
  return times
}

function breaker({ exitCode }: Judgement, times: number): Judgement {
  return { status: 'breaker', reason: { kind: 'repeated-error', times }, exitCode }
}

/**
 * What an action that did not pass has left behind is evidence of nothing, and how much of it there is may be chance. The same
 * goes for a control that passed, because its command did not.
 */
function endingOf(
  { control, plugin }: CommandAction,
  judgement: Judgement,
  { outputs, changes, blame }: Pick<Try, 'outputs' | 'changes' | 'blame'>,
): Omit<Ending, 'attempts'> {
  const { status, reason } = judgement
  if (blame !== null && plugin?.strict === false && reason !== null && status !== 'interrupted') {
    return { ...judgement, status: 'passed', reason: null, tolerated: reason, outputs }
  }
  const isKept = status === 'passed' && control === undefined
  const changed = status === 'passed' && changes ? { changes } : {}
  return { ...judgement, outputs: isKept ? outputs : EMPTY_TREE, ...changed }
}

async function runOnce(
  prepared: PreparedAction<CommandAction>,
  number: number,
  { ports, signal }: { readonly ports: AttemptPorts; readonly signal: AbortSignal },
): Promise<Try> {
  const { action } = prepared
  const { clock, emit, executor } = ports
  const secrets = secretsOf(action, ports.callerEnv)
  const values = Object.values(secrets)
  const log = createLogSink(ports.folder, `logs/${actionPath(action.id)}/${number}.log`, {
    limit: action.limits.logBytes,
    masker: createMasker(values),
  })
  const connections: Connection[] = []
  const startedAt = clock.now()
  emit({ type: 'action-started', at: startedAt, action: action.id, attempt: number })
  const ran = await executor.execute({
    ...requestOf(prepared, ports),
    secrets,
    onConnection: (connection) => connections.push({ ...connection, host: maskText(connection.host, values) }),
    onOutput: log.write,
    signal,
  })
  const execution = withoutSecrets(ran, values)
  if (execution.end.kind === 'not-started') log.write(Buffer.from(`${execution.end.message}\n`))
  const { outputs, blame, ...judgement } = judged(action, execution, { exceeded: log.exceeded, ports })
  const record = log.finish()
  const { status, exitCode } = judgement
  const durationMs = clock.now() - startedAt
  const attempt: Attempt = { number, startedAt, durationMs, status, exitCode, log: record, connections }
  return { attempt, judgement, outputs, changes: execution.changes ?? null, blame, tail: log.tail() }
}

function judged(
  action: CommandAction,
  execution: Execution,
  { exceeded, ports }: { readonly exceeded: boolean; readonly ports: AttemptPorts },
): PluginJudgement {
  const judgement = judge(action, execution, exceeded)
  if (!action.plugin) return { ...judgement, outputs: execution.outputs, blame: null }
  return judgePlugin(action, { judgement, execution }, ports.readPluginVerdict ?? (() => null))
}

type Request = Omit<ExecutionRequest, 'secrets' | 'onConnection' | 'onOutput' | 'signal'>

function requestOf({ action, ...prepared }: PreparedAction<CommandAction>, { ignores }: AttemptPorts): Request {
  const { argv, cwd, outputs, limits, capabilities, scope } = action
  const { env, inputs, tools, mounts } = prepared
  const { network, cloud } = capabilities
  const request = { argv, cwd, env, inputs, outputs, tools, mounts, limits, network, cloud }
  return scope ? { ...request, scope, ignores: (path) => !isOfGit(path) && ignores(path) } : { ...request, ignores }
}

/** The run was refused where one of them has no value. */
function secretsOf({ capabilities }: CommandAction, callerEnv: AttemptPorts['callerEnv']): Record<string, string> {
  return Object.fromEntries(capabilities.secrets.map((name) => [name, callerEnv[name] ?? '']))
}

/** A name can tell a secret as well as a log can, and there is no other name to keep an output under. */
function withoutSecrets(execution: Execution, values: readonly string[]): Execution {
  if (values.length === 0) return execution
  const mask = (path: string): string => maskText(path, values)
  const tells = ({ path }: TreeEntry): boolean => mask(path) !== path
  const { outputs, changes } = execution
  const files = changes?.files.entries ?? []
  const telling = [...outputs.entries, ...files].filter(tells).map(({ path }) => path)
  return {
    ...execution,
    outputs: treeOf(outputs.entries.filter((entry) => !tells(entry))),
    unusable: [...execution.unusable, ...telling].map(mask),
    altered: execution.altered.map(mask),
    undeclared: execution.undeclared.map(mask),
    ...(changes ? { changes: { ...changes, files: treeOf(files.filter((entry) => !tells(entry))) } } : {}),
  }
}
