import type { Change } from './change.ts'
import type { Digest } from './digest.ts'
import type { ActionId, Phase } from './graph.ts'
import type { Reason, Status, Verdict } from './outcome.ts'
import type { PackId } from './pack.ts'
import type { Guarantees } from './plan.ts'
import type { PluginMode } from './plugin.ts'
import type { TreeEntry } from './tree.ts'

export const MANIFEST_VERSION = 1

export interface ManifestPack {
  readonly id: PackId
  /** SHA-256 of the bytes of task.yml. */
  readonly definition: Digest
  readonly needs: readonly PackId[]
  /** What was asked for and granted. */
  readonly grants: readonly string[]
  /** What was let become of its plugin; absent: it has none. */
  readonly plugin?: PluginMode
  readonly verdict: 'passed' | 'failed' | 'interrupted'
  /** Files kept under `artifacts/<pack>/`, paths relative to the workspace root. */
  readonly artifacts: readonly TreeEntry[]
  /** Of a change pack only, and only where its gate `scope` has passed. */
  readonly change?: Change
}

export interface ManifestAction {
  readonly id: ActionId
  readonly pack: PackId
  readonly phase: Phase
  /** `null` for a gate. */
  readonly command: readonly string[] | null
  readonly key: Digest | null
  /** Digest of the input tree, listed in `inputs/<action>.sha256`. */
  readonly inputs: Digest | null
  readonly needs: readonly ActionId[]
  readonly status: Status
  readonly reason: Reason | null
  readonly exitCode: number | null
  readonly outputs: readonly TreeEntry[]
  /** What went wrong with a plugin by itself, which has passed all the same because nobody asked for strictness. */
  readonly tolerated?: Reason
  /** Of a gate `scope` that has passed only. */
  readonly change?: Change
}

/** What a run is to do: the part of its manifest that is known before anything has run. */
export interface ManifestPlan {
  readonly packs: readonly Omit<ManifestPack, 'verdict' | 'artifacts' | 'change'>[]
  readonly actions: readonly Pick<ManifestAction, 'id' | 'pack' | 'phase' | 'command' | 'needs'>[]
}

/** The part that each action adds when it has ended. */
export type ManifestOutcome = Omit<ManifestAction, 'pack' | 'phase' | 'command' | 'needs'>

/** Why nothing was allowed to start: a diagnostic code and the field that it names. */
export interface ManifestRefusal {
  readonly code: string
  readonly pack: PackId | null
  readonly field: string
}

/**
 * manifest.json: a pure function of actions and outcomes. Times, durations, hosts, attempts, absolute paths and log bytes
 * are in run.json instead. Packs and actions are in plan order.
 */
export interface Manifest {
  readonly manifestVersion: typeof MANIFEST_VERSION
  readonly tool: { readonly name: string; readonly version: string }
  readonly verdict: Verdict
  /** Present and true where `--fail-fast` stopped the run early. */
  readonly partial?: true
  /** `null` until the sandbox has been probed. */
  readonly guarantees: Guarantees | null
  /** Why the run was refused, sorted; absent otherwise. */
  readonly refusals?: readonly ManifestRefusal[]
  readonly packs: readonly ManifestPack[]
  readonly actions: readonly ManifestAction[]
}
