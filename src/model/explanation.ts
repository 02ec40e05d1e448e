import type { Cause } from './difference.ts'
import type { Digest } from './digest.ts'
import type { Action, ActionId, Edge } from './graph.ts'
import type { Status } from './outcome.ts'
import type { Pack, PackId } from './pack.ts'
import type { Guarantees, PreparedAction } from './plan.ts'
import type { TreeEntry } from './tree.ts'

/** An action as far as it is known before it runs. */
export interface KnownAction {
  readonly action: Action
  /** Without what it waits for, so that inputs and key are those of another action, where that is not empty. */
  readonly prepared: PreparedAction
  /** Actions whose outputs are not known, in plan order; empty: the key is known. */
  readonly waitsFor: readonly ActionId[]
  /** What it made when it passed with this key; `null`: that is not known. */
  readonly outputs: readonly TreeEntry[] | null
}

/** Why an action sees a file. */
export type InputOrigin =
  /** Of the workspace; `pattern`: as the task.yml writes it, `null` where no pattern names it. */
  | { readonly kind: 'source'; readonly pattern: string | null }
  | { readonly kind: 'output'; readonly action: ActionId }
  /** `path`: in the workspace, where it was made. */
  | { readonly kind: 'artifact'; readonly pack: PackId; readonly path: string }
  /** `path`: the file that stands in its place. */
  | { readonly kind: 'control'; readonly path: string }
  /** Of codex itself: what talks to a plugin. */
  | { readonly kind: 'runtime' }

/** Where a variable has its value from; `codex`: what tells the action who it is. */
export type VariableOrigin = 'fixed' | 'declared' | 'caller' | 'codex'

/** All that enters the key of an action. */
export interface Explanation extends Omit<KnownAction, 'outputs'> {
  readonly pack: Pack
  readonly guarantees: Guarantees
  /** Sorted by path. */
  readonly inputs: readonly { readonly entry: TreeEntry; readonly origin: InputOrigin }[]
  /** Sorted by name. */
  readonly variables: readonly { readonly name: string; readonly value: string; readonly origin: VariableOrigin }[]
  /** Variables that it passes through and the caller has not set. */
  readonly unset: readonly string[]
  /** In plan order. */
  readonly needs: readonly Edge[]
}

/** An action as it would run now, beside what it was in a run. */
export interface Comparison {
  /** Whether it would have the same key. */
  readonly same: boolean
  /** Its key in that run, and how it ended there; `null`: it had none, or was not part of it. */
  readonly recorded: Digest | null
  readonly status: Status | null
  /** What would make it run again; empty where it is the same, or nothing is known. */
  readonly causes: readonly Cause[]
  /** Actions before it that would be the same and did not pass in that run, so that nobody knows what they make. */
  readonly unpassed: readonly { readonly action: ActionId; readonly status: Status | null }[]
}
