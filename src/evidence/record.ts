import type { BaseRecord } from '../model/change.ts'
import type { CheckRecord } from '../model/check.ts'
import type { Digest } from '../model/digest.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Grant } from '../model/grant.ts'
import type { Action, Graph } from '../model/graph.ts'
import type { ActionOutcome, Attempt, Verdict } from '../model/outcome.ts'
import type { Pack } from '../model/pack.ts'
import type { Tool } from '../model/plan.ts'
import type { Executor } from '../model/ports.ts'
import type { ReplayRecord } from '../model/replay.ts'
import {
  RECORD_VERSION,
  type HostFacts,
  type RecordedAction,
  type RecordedAttempt,
  type RecordedPack,
  type RunRecord,
} from '../model/record.ts'
import type { Location } from '../model/source.ts'

export interface RecordInput {
  /** Name of the run's folder. */
  readonly run: string
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
  readonly finishedAt: number
  readonly host: HostFacts
  /** Absolute path of the workspace's root. */
  readonly workspace: string
  /** `null`: it did not come to that. */
  readonly executor: string | null
  /** What held actions to their limits of memory and processes; `null` as for the executor. */
  readonly limiter: Executor['limiter'] | null
  readonly jobs: number
  /** What codex was called with, its own name left out. */
  readonly argv: readonly string[]
  /** By flag and configuration, asked for or not. */
  readonly granted: readonly Grant[]
  readonly verdict: Verdict
  readonly manifest: Digest
  readonly signal: string | null
  /** The seed of the order in which what was ready started; absent: it was not shuffled. */
  readonly shuffle?: string
  /** Absent: the run was not checked. */
  readonly check?: CheckRecord
  /** What change packs were run on; absent: there were none. */
  readonly base?: BaseRecord
  /** Absent: nothing was taken from another run. */
  readonly replay?: ReplayRecord
  readonly tools: readonly Tool[]
  readonly warnings: readonly Diagnostic[]
  /** Absent: it is not known. */
  readonly graph?: Pick<Graph, 'packs' | 'actions'>
  /** In plan order. */
  readonly outcomes: readonly RecordedOutcome[]
}

export type RecordedOutcome = Pick<ActionOutcome, 'id' | 'status' | 'attempts' | 'reused'> &
  Partial<Pick<ActionOutcome, 'reason'>>

export function buildRecord({ startedAt, finishedAt, outcomes, warnings, ...rest }: RecordInput): RunRecord {
  const actions = new Map(rest.graph?.actions.map((action) => [action.id, action]))
  return {
    recordVersion: RECORD_VERSION,
    run: rest.run,
    verdict: rest.verdict,
    manifest: rest.manifest,
    startedAt: isoTime(startedAt),
    finishedAt: isoTime(finishedAt),
    durationMs: finishedAt - startedAt,
    signal: rest.signal,
    host: rest.host,
    workspace: rest.workspace,
    executor: rest.executor,
    limiter: rest.limiter,
    jobs: rest.jobs,
    argv: rest.argv,
    ...(rest.shuffle === undefined ? {} : { shuffle: rest.shuffle }),
    ...(rest.check ? { check: rest.check } : {}),
    ...(rest.base ? { base: rest.base } : {}),
    ...(rest.replay ? { replay: rest.replay } : {}),
    granted: rest.granted,
    tools: rest.tools,
    warnings: warnings.map(({ code, severity, location, facts }) => ({
      code,
      severity,
      place: location && placeText(location),
      facts,
    })),
    packs: (rest.graph?.packs ?? []).map(recordPack),
    actions: outcomes.map((outcome) => recordAction(outcome, actions.get(outcome.id) ?? null)),
  }
}

/** run.json as it is written: for people as well, so indented, with a line break at its end. */
export function recordBytes(record: RunRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`
}

function recordPack({ definition, dir }: Pack): RecordedPack {
  const { id, title, pillar, domain, risk } = definition
  return { id, title, pillar, domain, risk, dir }
}

/** `action`: as the graph has it; `null`: it is not known. */
export function recordAction(
  { id, status, reason, attempts, reused }: RecordedOutcome,
  action: Action | null,
): RecordedAction {
  const [first] = attempts
  const last = attempts.at(-1)
  return {
    id,
    status,
    place: action && placeText(action.place),
    ...(reason?.kind === 'limit' && action?.kind === 'command' ? { limits: action.limits } : {}),
    durationMs: first && last ? last.startedAt + last.durationMs - first.startedAt : 0,
    reused: reused ?? null,
    attempts: attempts.map(recordAttempt),
  }
}

function recordAttempt(attempt: Attempt): RecordedAttempt {
  const connections = attempt.connections.map((connection) => ({ ...connection, at: isoTime(connection.at) }))
  return { ...attempt, startedAt: isoTime(attempt.startedAt), connections }
}

function placeText({ file, start }: Location): string {
  return `${file}:${start.line}:${start.column}`
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
