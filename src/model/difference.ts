import type { Json } from './canonical.ts'
import type { Digest } from './digest.ts'
import type { ActionId } from './graph.ts'
import type { ManifestRefusal } from './manifest.ts'
import type { Reason, Status } from './outcome.ts'
import type { PackId } from './pack.ts'
import type { Guarantees } from './plan.ts'
import type { PluginMode } from './plugin.ts'
import type { Location } from './source.ts'

/** What was in the first run and what is in the second; `null`: nothing. */
export interface FromTo<T> {
  readonly from: T
  readonly to: T
}

export interface AddedRemoved {
  /** Sorted by bytes. */
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

export interface ToolIdentity {
  readonly version: string
  readonly digest: Digest
}

/** How an action ended. */
export interface Ending {
  readonly status: Status | null
  readonly exitCode: number | null
  readonly reason: Reason | null
}

/** One thing in which an action itself differs between two runs, whatever came before it. */
export type OwnChange =
  /** A file of the workspace among its inputs; `null`: it is none in that run. */
  | ({ readonly kind: 'file'; readonly path: string } & FromTo<Digest | null>)
  /** The same bytes, with or without the permission to execute them. */
  | ({ readonly kind: 'mode'; readonly path: string } & FromTo<boolean>)
  | ({ readonly kind: 'variable'; readonly name: string } & FromTo<string | null>)
  | ({ readonly kind: 'tool'; readonly name: string } & FromTo<ToolIdentity | null>)
  /** By the digest of the file that identifies it. */
  | ({ readonly kind: 'mount'; readonly path: string } & FromTo<Digest | null>)
  | ({ readonly kind: 'command' } & FromTo<readonly string[]>)
  | ({ readonly kind: 'folder' } & FromTo<string>)
  /** Which sources it reads is declared otherwise. */
  | ({ readonly kind: 'selection' } & AddedRemoved)
  | ({ readonly kind: 'outputs' } & AddedRemoved)
  | ({ readonly kind: 'limit'; readonly name: string } & FromTo<number | null>)
  | ({ readonly kind: 'grants' } & AddedRemoved)
  | ({ readonly kind: 'artifacts'; readonly list: 'required' | 'optional' | 'added' } & AddedRemoved)
  | ({ readonly kind: 'needs' } & AddedRemoved)
  | ({ readonly kind: 'guarantees' } & FromTo<Json>)
  /** A part of the key that only codex decides. */
  | ({ readonly kind: 'field'; readonly name: string } & FromTo<Json>)
  | { readonly kind: 'added' }
  | { readonly kind: 'removed' }
  /** The same key, and it ended otherwise or made something else. */
  | ({ readonly kind: 'outcome'; readonly outputs: readonly OutputChange[] } & FromTo<Ending>)
  /** It did not come to its end in this run, for a reason that is not its own. */
  | { readonly kind: 'stopped'; readonly run: Side; readonly how: 'interrupted' | 'fail-fast' | 'breaker' | 'crash' }
  /** A file could not be read in this run. */
  | { readonly kind: 'unreadable'; readonly run: Side; readonly path: string }
  /** It differs, and what is kept does not tell why. */
  | { readonly kind: 'unexplained' }

export type Side = 'from' | 'to'

export type OutputChange = { readonly path: string } & FromTo<Digest | null>

/** What was changed, as one thing, however many actions it enters. */
export type Subject =
  /** `renamed`: what it was called before. */
  | ({ readonly kind: 'file'; readonly path: string; readonly renamed: string | null } & FromTo<Digest | null>)
  | ({ readonly kind: 'mode'; readonly path: string } & FromTo<boolean>)
  /** The task.yml of a pack: all that it declares. */
  | ({ readonly kind: 'definition'; readonly pack: PackId; readonly file: string | null } & FromTo<Digest>)
  /** A pack that is part of one run only; `run`: of which. */
  | { readonly kind: 'pack'; readonly pack: PackId; readonly run: Side }
  /** What was let become of a pack's plugin. */
  | ({ readonly kind: 'plugin'; readonly pack: PackId } & FromTo<PluginMode>)
  | ({ readonly kind: 'moved'; readonly pack: PackId } & FromTo<string>)
  | ({ readonly kind: 'variable'; readonly name: string } & FromTo<string | null>)
  | ({ readonly kind: 'tool'; readonly name: string } & FromTo<ToolIdentity>)
  | ({ readonly kind: 'mount'; readonly path: string } & FromTo<Digest>)
  | ({ readonly kind: 'guarantees' } & FromTo<Guarantees | null>)
  | ({ readonly kind: 'codex' } & FromTo<string>)
  | ({ readonly kind: 'refusals' } & FromTo<readonly ManifestRefusal[]>)
  | ({
      readonly kind: 'nondeterminism'
      readonly action: ActionId
      readonly outputs: readonly OutputChange[]
    } & FromTo<Ending>)
  | { readonly kind: 'stopped'; readonly run: Side; readonly how: 'interrupted' | 'fail-fast' | 'breaker' | 'crash' }
  | { readonly kind: 'unreadable'; readonly run: Side; readonly path: string }
  | { readonly kind: 'unexplained' }

/** What an action, or a pack as a whole (`action` is `null`), has to do with a cause. */
export interface Detail {
  readonly action: ActionId | null
  readonly change: OwnChange
  /** Where it is declared: in the second run if it is there, otherwise in the first. */
  readonly place: Location | null
}

export interface Cause {
  readonly subject: Subject
  /** More than the subject tells, sorted by action in plan order. */
  readonly details: readonly Detail[]
  /** Actions that it enters by itself, in plan order. */
  readonly actions: readonly ActionId[]
  /** Actions that differ only because of what others made of it, in plan order. */
  readonly followers: readonly ActionId[]
}

/** Why two runs differ. */
export interface Difference {
  readonly same: boolean
  /** In plan order of the first action that each enters; those of the run as a whole first. */
  readonly causes: readonly Cause[]
  /** How many actions there are in either run, and how many of them are the same in both. */
  readonly total: number
  readonly unchanged: number
  /** Actions that differ by themselves, and those that only follow: each action that differs is in one of them. */
  readonly roots: readonly ActionId[]
  readonly followers: readonly ActionId[]
  /** Actions that ran in both runs and did not end in the same way, in plan order. */
  readonly endings: readonly ({ readonly action: ActionId } & FromTo<Ending>)[]
}
