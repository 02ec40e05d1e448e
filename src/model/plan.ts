import type { FileChange } from './change.ts'
import type { Digest } from './digest.ts'
import type { Action, ActionId } from './graph.ts'
import type { Reason } from './outcome.ts'
import type { Tree } from './tree.ts'

export const ASPECTS = ['network', 'filesystem', 'processes', 'environment', 'syscalls'] as const
export type Aspect = (typeof ASPECTS)[number]

/** What the sandbox was seen to enforce. */
export type Guarantees = Readonly<Record<Aspect, 'enforced' | 'none'>>

/** A declared tool as found on this machine. */
export interface Tool {
  readonly name: string
  readonly version: string
  /** SHA-256 of the real file. */
  readonly digest: Digest
  /** Absolute path of the real file on the host; never part of a key. */
  readonly path: string
}

/** A large read-only tree that is known by another file's digest; paths relative to the workspace root. */
export interface IdentifiedMount {
  readonly path: string
  readonly identity: string
  readonly digest: Digest
}

/** An action with all that identifies it. */
export interface PreparedAction<A extends Action = Action> {
  readonly action: A
  readonly inputs: Tree
  /** What is hashed: canonical JSON of a record that has the shape of a Remote Execution `Action`. */
  readonly fingerprint: string
  /** SHA-256 of the fingerprint. */
  readonly key: Digest
  readonly env: Readonly<Record<string, string>>
  readonly tools: readonly Tool[]
  readonly mounts: readonly IdentifiedMount[]
  /** Of a gate that looks at changes only: what the steps of its pack have made of its inputs. */
  readonly changes?: readonly FileChange[]
  /** Of a negative control that would prove nothing, and so is not run: what is wrong with what it puts in place. */
  readonly vain?: Extract<Reason, { kind: 'control' }>
}

/** What a dry run knows of an action: its key, or the actions whose outputs it waits for. */
export interface PlannedAction {
  readonly action: Action
  readonly key: Digest | null
  readonly waitsFor: readonly ActionId[]
}
