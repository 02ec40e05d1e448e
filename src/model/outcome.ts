import type { Change, StepChanges } from './change.ts'
import type { Digest } from './digest.ts'
import type { ActionId } from './graph.ts'
import type { PackId } from './pack.ts'
import type { SecretFinding } from './secrets.ts'
import type { Tree } from './tree.ts'

export const STATUSES = [
  'passed',
  'failed',
  'timed-out',
  'limit',
  'violated',
  'breaker',
  'skipped',
  'interrupted',
] as const
export type Status = (typeof STATUSES)[number]

export type LimitName = 'timeout' | 'memory' | 'processes' | 'log' | 'output'

/**
 * Why an action did not pass, as facts. Everything in it is a function of the graph and its actions alone, the breaker of
 * time apart, so that a failing run has one manifest as well.
 */
export type Reason =
  | { readonly kind: 'exit' }
  | { readonly kind: 'missing-outputs'; readonly paths: readonly string[] }
  /** `more`: how many there are beside the first by bytes, which are listed. */
  | { readonly kind: 'unusable-outputs'; readonly paths: readonly string[]; readonly more?: number }
  | { readonly kind: 'altered-inputs'; readonly paths: readonly string[]; readonly more?: number }
  | { readonly kind: 'undeclared-writes'; readonly paths: readonly string[]; readonly more?: number }
  /** `files`: the most that one command may leave behind, where that was what it passed. */
  | { readonly kind: 'limit'; readonly limit: LimitName; readonly files?: number }
  | { readonly kind: 'repeated-error'; readonly times: number }
  | { readonly kind: 'not-started'; readonly command: string }
  | { readonly kind: 'input-changed'; readonly path: string }
  /** A negative control that proves nothing; see {@link ControlProblem}. */
  | { readonly kind: 'control'; readonly problem: ControlProblem; readonly paths: readonly string[] }
  /** Run twice with the same key, it did not do the same. `paths`: the outputs that differed; none: it ended differently. */
  | { readonly kind: 'nondeterministic'; readonly paths: readonly string[]; readonly more?: number }
  | { readonly kind: 'artifacts'; readonly missing: readonly string[]; readonly empty: readonly string[] }
  | {
      readonly kind: 'secrets'
      /** The first ones by path, line and rule, each once. */
      readonly findings: readonly SecretFinding[]
      /** Whether there are others behind them. */
      readonly more: boolean
    }
  /** `more`: how many there are beside those that are listed. */
  | { readonly kind: 'scope'; readonly refused: readonly RefusedChange[]; readonly more?: number }
  /** More than the pack may change (`limits.changed_files`, `limits.changed_lines`). */
  | {
      readonly kind: 'changes'
      readonly limit: 'changed_files' | 'changed_lines'
      readonly most: number
      readonly found: number
    }
  /** Files that another pack changes too, with no path between the two. */
  | { readonly kind: 'conflict'; readonly pack: PackId; readonly paths: readonly string[]; readonly more?: number }
  /** A plugin did not pass, or left no result that says how it ended; see {@link PluginProblem}. */
  | { readonly kind: 'plugin'; readonly problem: PluginProblem }
  | { readonly kind: 'cause'; readonly action: ActionId }
  | { readonly kind: 'internal'; readonly error: string }
  | RunBreakerReason

/**
 * Why a negative control proves nothing, with the paths that are meant by it:
 *
 * - `accepted`: its command exited with 0, whatever stood at these paths
 * - `not-run`: a program was not found or can't be run (exit codes 127 and 126), so that nothing looked at these paths
 * - `unseen`: there is no such file among the inputs that could be replaced
 * - `no-source`: the action that declares these files as outputs did not make them
 * - `unchanged`: what was put in place is what stood there
 */
export const CONTROL_PROBLEMS = ['accepted', 'not-run', 'unseen', 'no-source', 'unchanged'] as const
export type ControlProblem = (typeof CONTROL_PROBLEMS)[number]

/**
/**
 * Why a change that lies in scope is refused all the same:
 *
 * - `ignored`: git ignores it, so that no patch could hold it
 * - `git`: it is git's own
 * - `workflow`: it runs with the rights of the repository, and scope does not name it literally
 * - `definition`: it judges the pack, or configures who does
 * - `obstacle`: a link, a device or another repository stands there, or above it
 */
export const CHANGE_PROBLEMS = ['ignored', 'git', 'workflow', 'definition', 'obstacle'] as const

export interface RefusedChange {
  readonly path: string
  readonly problem: (typeof CHANGE_PROBLEMS)[number]
}

/**
 * What a plugin's run did not pass for:
 *
 * - `failed`: it says that the pack is not as it should be
 * - `error`: it did not answer as it has to, and its runner says so
 * - `result`: its runner has left no result, or what lies there is none
 */
export const PLUGIN_PROBLEMS = ['failed', 'error', 'result'] as const
export type PluginProblem = (typeof PLUGIN_PROBLEMS)[number]

/** A breaker of the whole run (`policy.breakers`) and the bound at which it tripped. */
export type RunBreakerReason =
  | {
      readonly kind: 'run-breaker'
      readonly breaker: 'failures'
      readonly limit: number
      /** The last failure that counted: nothing behind it in plan order is accepted. */
      readonly action: ActionId
    }
  /** `limit` in milliseconds. */
  | { readonly kind: 'run-breaker'; readonly breaker: 'time'; readonly limit: number }

/** How an action ended. Every outcome has every field, whatever the status. */
export interface ActionOutcome {
  readonly id: ActionId
  readonly status: Status
  readonly reason: Reason | null
  /** The command's exit code, which is not 0 where a negative control has passed; 128 + n for signal n; `null` where no command ended by itself. */
  readonly exitCode: number | null
  /** `null` where the action never became ready. */
  readonly key: Digest | null
  /** `null` where the action never became ready. */
  readonly inputs: Tree | null
  readonly outputs: Tree
  /** Of a plugin that has passed although something went wrong with it by itself: what that was. */
  readonly tolerated?: Reason
  readonly attempts: readonly Attempt[]
  /** Of a step of a change pack that has passed. */
  readonly changes?: StepChanges
  /** Of a gate `scope` that has passed. */
  readonly change?: Change
  /** What `changes/<pack>.patch` holds; present where {@link change} has a patch. */
  readonly patch?: Uint8Array
  /** Present where it did not run, but was taken from a cache: the absolute path of the entry there. For run.json only. */
  readonly reused?: string
}

/** One try of an action: volatile, for run.json only. */
export interface Attempt {
  readonly number: number
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
  readonly durationMs: number
  readonly status: Status
  readonly exitCode: number | null
  readonly log: LogRecord
  /** In the order in which they ended. */
  readonly connections: readonly Connection[]
}

/** One connection that an action asked for. */
export interface Connection {
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  /** As the action named it. */
  readonly host: string
  readonly port: number
  /** What the host stood for, connected to or not; `null`: it did not come to that. */
  readonly address: string | null
  /** `failed`: it was allowed, but could not be made. */
  readonly verdict: 'allowed' | 'refused' | 'failed'
  /** Why not. */
  readonly reason: string | null
  /** In bytes, as seen from the action. */
  readonly sent: number
  readonly received: number
}

export interface LogRecord {
  /** Relative to the run's folder; `null`: no log was written. */
  readonly path: string | null
  /** Bytes that the command printed, kept or not. */
  readonly totalBytes: number
  /** SHA-256 of the bytes kept; `null`: no log was written. */
  readonly digest: Digest | null
}

/** How a whole run ended. */
export type Verdict = 'started' | 'passed' | 'failed' | 'interrupted' | 'refused'
