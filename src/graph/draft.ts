import type { ActionId, ArtifactMount, GateAction } from '../model/graph.ts'
import type { AcceptancePhase, CommandDefinition, ResolvedPack } from '../model/pack.ts'
import type { Capabilities } from '../model/grant.ts'
import type { PluginRun } from '../model/plugin.ts'
import type { Pattern } from './pattern.ts'

export type CommandPhase = 'steps' | AcceptancePhase | 'plugin'
type GateName = GateAction['gate']

/** A command on its way to becoming an action: what is known of it grows until the graph is frozen. */
export interface Draft {
  readonly id: ActionId
  readonly pack: ResolvedPack
  readonly phase: CommandPhase
  readonly command: CommandDefinition
  readonly outputs: readonly Output[]
  sources: readonly string[]
  artifacts: readonly ArtifactMount[]
  /** Actions of this pack or others whose outputs it sees. */
  readonly providers: Set<Draft>
  /** Actions of the same phase that come first, with the reason. */
  readonly predecessors: Map<Draft, 'needs' | 'output'>
  /** Of the run of a plugin only. */
  readonly plugin?: PluginDraft
}

/** What the run of a plugin has beside what every command has. */
export interface PluginDraft extends PluginRun {
  readonly capabilities: Capabilities
  /** As its author wrote it. */
  readonly text: string
}

/** What a control puts in place of what; both relative to the workspace. */
export interface ReplacementDraft {
  readonly target: string
  readonly source: string
  readonly producers: ReadonlySet<Draft>
}

/** The negative control of a command on its way to becoming an action. */
export interface ControlDraft {
  readonly id: ActionId
  readonly of: Draft
  readonly replace: ReplacementDraft[]
}

/** A pack's commands by phase; phases without commands are left out. */
export interface PackDraft {
  readonly pack: ResolvedPack
  /** What its commands see of the workspace unless they say otherwise, sorted by bytes. */
  readonly seen: readonly string[]
  readonly phases: readonly (readonly Draft[])[]
  readonly controls: readonly ControlDraft[]
  /** `controls` only where there are any, `scope` only of a change pack. */
  readonly gates: Readonly<Record<'artifacts' | 'secrets', ActionId>> & Partial<Readonly<Record<GateName, ActionId>>>
}

/** One declared output of one action. */
export interface Output {
  readonly draft: Draft
  /** Relative to the workspace; a folder has a trailing `/`. */
  readonly path: string
  readonly pattern: Pattern
  /** JSON pointer of the declaration. */
  readonly pointer: string
}
