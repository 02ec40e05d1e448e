import type { Digest } from './digest.ts'
import type { ActionId } from './graph.ts'
import type { Manifest } from './manifest.ts'
import type { ActionOutcome } from './outcome.ts'
import type { PackId } from './pack.ts'
import type { PreparedAction } from './plan.ts'
import type { RecordedRun } from './ports.ts'

/** A recorded run whose evidence was found to be genuine, and whose steps another run is to take. */
export interface ReplaySource {
  readonly run: RecordedRun
  readonly manifest: Manifest
  /** SHA-256 of its manifest.json. */
  readonly digest: Digest
}

/** Steps that are not run, because a recorded run tells how they ended and what they have changed. */
export interface Replay {
  readonly outcomes: ReadonlyMap<ActionId, ActionOutcome>
  /** What entered their keys. */
  readonly keys: readonly Pick<PreparedAction, 'key' | 'fingerprint'>[]
  /** Change packs: nothing of theirs has a network, a secret or a cloud in this run, whatever was granted. */
  readonly packs: ReadonlySet<PackId>
}

/** What run.json tells of it. */
export interface ReplayRecord {
  /** Name of the recorded run's folder. */
  readonly run: string
  /** SHA-256 of its manifest.json. */
  readonly manifest: Digest
}

/**
 * In what a recorded run is not one that could have been made here, so that nothing is taken from it:
 *
 * - `tool`: another codex has made it
 * - `guarantees`: actions were isolated otherwise, in these aspects
 * - `packs`: these are not in both, or say something else
 * - `step`: it did not pass, or is none of the run
 * - `change`: the gate `scope` of the pack did not pass
 * - `key`: what entered it was not kept, because it tells a secret
 * - `fingerprint`: these members of it are others
 * - `files`: these are not as the step has seen them
 * - `outputs`, `patch`: what was kept is not there, or does not fit; these files
 */
export type ReplaySubject =
  | 'tool'
  | 'guarantees'
  | 'packs'
  | 'step'
  | 'change'
  | 'key'
  | 'fingerprint'
  | 'files'
  | 'outputs'
  | 'patch'
