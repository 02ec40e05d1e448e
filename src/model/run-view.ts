import type { Json } from './canonical.ts'
import type { Digest } from './digest.ts'
import type { ActionId } from './graph.ts'
import type { Manifest, ManifestAction, ManifestPack } from './manifest.ts'
import type { Status, Verdict } from './outcome.ts'
import type { Pack, PackId } from './pack.ts'

/** A run as far as it can be told why it is what it is: one that was recorded, or the one that would come next. */
export interface RunView {
  /** SHA-256 of manifest.json; `null`: it has not run. */
  readonly digest: Digest | null
  readonly tool: Manifest['tool']
  readonly guarantees: Manifest['guarantees']
  readonly refusals: NonNullable<Manifest['refusals']>
  /** `null`: it has not run. */
  readonly verdict: Verdict | null
  readonly partial: boolean
  readonly packs: readonly Pick<ManifestPack, 'id' | 'definition' | 'needs' | 'grants' | 'plugin'>[]
  /** In plan order. */
  readonly actions: readonly ViewedAction[]
  /** What entered the action's key, or will without what it waits for; `null` where that is not known. */
  readonly fingerprint: (action: ViewedAction) => Fingerprint | null
  /** The files that the action sees, less those that it waits for; `null` where that is not known. */
  readonly inputs: (action: ViewedAction) => ReadonlyMap<string, Digest> | null
  /** The pack's task.yml as it was; `null` where that is not known. */
  readonly definition: (pack: PackId) => Pack | null
}

export type Fingerprint = Readonly<Record<string, Json>>

export interface ViewedAction extends Omit<ManifestAction, 'status'> {
  /** `null`: it has not run. */
  readonly status: Status | null
  /** Of an action that has not run and has no key yet: those whose outputs it waits for. */
  readonly waitsFor: readonly ActionId[]
}
