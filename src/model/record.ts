import type { BaseRecord } from './change.ts'
import type { CheckRecord } from './check.ts'
import type { Severity } from './diagnostic.ts'
import type { Digest } from './digest.ts'
import type { Grant } from './grant.ts'
import type { ActionId } from './graph.ts'
import type { Attempt, Connection, Status, Verdict } from './outcome.ts'
import type { Limits, PackDefinition } from './pack.ts'
import type { Tool } from './plan.ts'
import type { Executor } from './ports.ts'
import type { ReplayRecord } from './replay.ts'

export const RECORD_VERSION = 1

/** The machine that ran it. */
export interface HostFacts {
  readonly platform: string
  readonly arch: string
  readonly release: string
  readonly hostname: string
  readonly node: string
}

/**
 * run.json: all that may differ between two runs with the same manifest, and what a reader wants beside it. Times are ISO 8601 in
 * UTC. Until the run has ended its verdict is `started` and its end is its beginning.
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
  /** What held actions to their limits of memory and processes; `null`: it was not told. */
  readonly limiter: Executor['limiter'] | null
  readonly jobs: number
  readonly argv: readonly string[]
  /** The seed of the order in which what was ready started; absent: it was not shuffled. */
  readonly shuffle?: string
  /** Absent: the run was not checked. */
  readonly check?: CheckRecord
  /** What change packs were run on; absent: there was none. */
  readonly base?: BaseRecord
  /** The run that the steps of change packs were taken from; absent: they were run. */
  readonly replay?: ReplayRecord
  readonly granted: readonly Grant[]
  readonly tools: readonly Tool[]
  /** Why the run was refused; warnings otherwise. */
  readonly warnings: readonly RecordedDiagnostic[]
  /** In plan order. */
  readonly packs: readonly RecordedPack[]
  /** In plan order. */
  readonly actions: readonly RecordedAction[]
}

export interface RecordedDiagnostic {
  readonly code: string
  readonly severity: Severity
  /** `file:line:column`. */
  readonly place: string | null
  readonly facts: object
}

export type RecordedPack = Pick<PackDefinition, 'id' | 'title' | 'pillar' | 'domain' | 'risk'> & {
  /** Its folder, relative to the workspace's root. */
  readonly dir: string
}

export interface RecordedAction {
  readonly id: ActionId
  readonly status: Status
  /** `file:line:column` of its declaration; `null`: it is not known. */
  readonly place: string | null
  /** Where one of them ended the action. */
  readonly limits?: Limits
  /** From the start of the first attempt to the end of the last; 0 without attempts. */
  readonly durationMs: number
  /** Absolute path of the entry of a cache from which it was taken; `null`: it ran. */
  readonly reused: string | null
  readonly attempts: readonly RecordedAttempt[]
}

export type RecordedAttempt = Omit<Attempt, 'startedAt' | 'connections'> & {
  readonly startedAt: string
  readonly connections: readonly RecordedConnection[]
}

export type RecordedConnection = Omit<Connection, 'at'> & { readonly at: string }
