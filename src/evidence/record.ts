import type { CheckRecord } from '../model/check.ts'
import type { Digest } from '../model/digest.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Grant } from '../model/grant.ts'
import type { ActionId } from '../model/graph.ts'
import type { ActionOutcome, Attempt, Connection, Status, Verdict } from '../model/outcome.ts'
import type { Tool } from '../model/plan.ts'
import type { Executor } from '../model/ports.ts'

export const RECORD_VERSION = 1

/** The machine that ran it. */
export interface HostFacts {
  readonly platform: string
  readonly arch: string
  readonly release: string
  readonly hostname: string
  readonly node: string
}

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
  readonly tools: readonly Tool[]
  readonly warnings: readonly Diagnostic[]
  /** In plan order. */
  readonly outcomes: readonly Pick<ActionOutcome, 'id' | 'status' | 'attempts'>[]
}

/**
 * run.json: all that may differ between two runs with the same manifest. Times are ISO 8601 in UTC. Until the run has ended its
 * verdict is `started` and its end is its beginning.
 */
export interface RunRecord {
  readonly recordVersion: typeof RECORD_VERSION
  readonly run: string
  readonly verdict: Verdict
  /** SHA-256 of manifest.json. */
  readonly manifest: Digest
  readonly startedAt: string
  readonly finishedAt: string
  readonly durationMs: number
  readonly signal: string | null
  readonly host: HostFacts
  readonly workspace: string
  /** `null`: the run ended before one was found. */
  readonly executor: string | null
  readonly limiter: Executor['limiter'] | null
  readonly jobs: number
  readonly argv: readonly string[]
  readonly shuffle?: string
  readonly check?: CheckRecord
  readonly granted: readonly Grant[]
  readonly tools: readonly Tool[]
  readonly warnings: readonly { readonly code: string; readonly place: string | null; readonly facts: object }[]
  readonly actions: readonly {
    readonly id: ActionId
    readonly status: Status
    /** From the start of the first attempt to the end of the last; 0 without attempts. */
    readonly durationMs: number
    readonly attempts: readonly RecordedAttempt[]
  }[]
}

type RecordedAttempt = Omit<Attempt, 'startedAt' | 'connections'> & {
  readonly startedAt: string
  readonly connections: readonly (Omit<Connection, 'at'> & { readonly at: string })[]
}

export function buildRecord({ startedAt, finishedAt, outcomes, warnings, ...rest }: RecordInput): RunRecord {
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
    granted: rest.granted,
    tools: rest.tools,
    warnings: warnings.map(({ code, location, facts }) => ({ code, place: placeText(location), facts })),
    actions: outcomes.map(recordAction),
  }
}

/** run.json as it is written: for people as well, so indented, with a line break at its end. */
export function recordBytes(record: RunRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`
}

export function recordAction({ id, status, attempts }: RecordInput['outcomes'][number]): RunRecord['actions'][number] {
  const [first] = attempts
  const last = attempts.at(-1)
  const durationMs = first && last ? last.startedAt + last.durationMs - first.startedAt : 0
  return { id, status, durationMs, attempts: attempts.map(recordAttempt) }
}

function recordAttempt(attempt: Attempt): RecordedAttempt {
  const connections = attempt.connections.map((connection) => ({ ...connection, at: isoTime(connection.at) }))
  return { ...attempt, startedAt: isoTime(attempt.startedAt), connections }
}

function placeText(location: Diagnostic['location']): string | null {
  return location === null ? null : `${location.file}:${location.start.line}:${location.start.column}`
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
