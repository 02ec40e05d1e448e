import type { AgentPhase } from './agent.ts'
import type { Capabilities } from './grant.ts'
import type { ChangeLimits, Limits, Mount, Pack, PackId, Retries } from './pack.ts'
import type { PluginRun } from './plugin.ts'
import type { Location } from './source.ts'

export const PHASES = ['steps', 'format', 'lint', 'tests', 'controls', 'plugin', 'gate'] as const
export type Phase = (typeof PHASES)[number]

/** `<pack>:steps/<id>`, `<pack>:tests/<n>`, `<pack>:controls/<phase>-<id of its command>`, `<pack>:plugin/run`, `<pack>:gate/<name>` … */
export type ActionId = string

/**
 * An action's place in the run's folder: its id with `/` for `:`, which artifact uploads and some file systems refuse.
 * Ids hold one `:` and no `.`-only parts, so no two of them meet and none leaves the folder.
 */
export function actionPath(id: ActionId): string {
  return id.replace(':', '/')
}

/** An artifact of another pack, both paths relative to the workspace root. */
export interface ArtifactMount {
  readonly from: PackId
  /** A file, or with a trailing `/` a folder. */
  readonly path: string
  readonly as: string
  /** Actions of the pack whose outputs hold it. Only the artifact is mounted, never their other outputs. */
  readonly producers: readonly ActionId[]
}

/** One file in place of another, for a negative control. */
export interface Replacement {
  /** An input of the command: a source, an output that it sees, or a part of an artifact. */
  readonly target: string
  /** Whose bytes and mode stand there instead. */
  readonly source: string
  /** Actions of the pack whose outputs hold the source; none: it is a file of the workspace. */
  readonly producers: readonly ActionId[]
}

/**
 * What makes an action a negative control: it is a command of acceptance once more, the same but for the bytes of some of its
 * inputs, and passes where the command fails.
 */
export interface Control {
  /** The command that it is a control of. */
  readonly of: ActionId
  /** At least one, sorted by the bytes of the targets. */
  readonly replace: readonly Replacement[]
}

/** What an action sees of the changes that steps make to files of the workspace. */
export interface SeenChanges {
  /** Steps of change packs, in plan order. */
  readonly from: readonly ActionId[]
  /**
   * Which of the files that they make it sees: those that one of these selections takes. Each is a list of patterns relative to
   * the workspace root; a leading `!` leaves out, wherever it stands in the list.
   */
  readonly takes: readonly (readonly string[])[]
}

/** What the gate `scope` holds the steps of a change pack to. Paths and patterns are relative to the workspace root. */
export interface ScopeCheck {
  /** With a leading `!`: left out. */
  readonly patterns: readonly string[]
  readonly limits: ChangeLimits
  /** What judges the pack: its task.yml. */
  readonly definition: string
  /** Neither they nor anything below them can be changed. */
  readonly obstacles: readonly string[]
  /** Packs before this one in plan order that may change the same files, with no path between the two. */
  readonly rivals: readonly { readonly pack: PackId; readonly steps: readonly ActionId[] }[]
}

interface ActionBase {
  readonly id: ActionId
  readonly pack: PackId
  readonly phase: Phase
  /** Direct predecessors in plan order: all of them must pass first. */
  readonly needs: readonly ActionId[]
  /** Where the action is declared. */
  readonly place: Location
  /** Absent where no change pack comes before it. */
  readonly changes?: SeenChanges
}

/** A command in the sandbox. Every path is relative to the workspace root. */
export interface CommandAction extends ActionBase {
  readonly kind: 'command'
  readonly argv: readonly string[]
  /** What the author wrote, for people. */
  readonly text: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Names of the caller's variables to pass through. */
  readonly passEnv: readonly string[]
  /** Files of the workspace. */
  readonly sources: readonly string[]
  /** Actions whose outputs are inputs of this one; a subset of what comes before it. */
  readonly providers: readonly ActionId[]
  readonly artifacts: readonly ArtifactMount[]
  /** Files, folders (trailing `/`) or globs. */
  readonly outputs: readonly string[]
  readonly tools: Readonly<Record<string, string>>
  readonly mounts: readonly Mount[]
  readonly limits: Limits
  readonly retries: Retries
  /** What its pack asks for; an action runs only with all of it. */
  readonly capabilities: Capabilities
  /** Of a negative control only. */
  readonly control?: Control
  /** Of a step of a change pack only: which files of the workspace it may make, change and delete; `!` leaves out. */
  readonly scope?: readonly string[]
  /** Of the run of a plugin only. */
  readonly plugin?: PluginRun
  /** Of a step that an agent does only. */
  readonly agent?: AgentPhase
}

/** A built-in check at the end of a pack. */
export interface GateAction extends ActionBase {
  readonly kind: 'gate'
  /**
   * `artifacts`: what is required is there; `secrets`: no credential is in an artifact or a log; `controls`: every negative
   * control of the pack has failed as it must; `scope`: the steps have changed nothing but what they may.
   */
  readonly gate: 'artifacts' | 'secrets' | 'controls' | 'scope'
  /** Must exist, non-empty and regular; paths relative to the workspace root. */
  readonly required: readonly string[]
  /** Globs relative to the workspace root. */
  readonly optional: readonly string[]
  /** Files that the pack's plugin makes: they are kept where they are there, and meet no requirement. Absent: it has none. */
  readonly added?: readonly string[]
  /** Required paths that are files of the workspace, not outputs. */
  readonly sources: readonly string[]
  /** Actions of the pack whose outputs the gate looks through. */
  readonly providers: readonly ActionId[]
  /** Actions of the pack whose logs the gate reads: all commands and controls for `secrets`, none for the others. */
  readonly logs: readonly ActionId[]
  /** For `controls` only: the controls that must have passed, at least one. */
  readonly controls?: readonly ActionId[]
  /** Of a change pack, for `scope` and `secrets` only: the steps whose changes are looked at, in plan order. */
  readonly steps?: readonly ActionId[]
  /** For `scope` only. */
  readonly scope?: ScopeCheck
  /** What must have ended before it starts, however it ended. */
  readonly after?: readonly ActionId[]
}

export type Action = CommandAction | GateAction

/** Why one action comes before another. */
export type EdgeKind = 'needs' | 'output' | 'change' | 'phase' | 'pack'

export interface Edge {
  readonly from: ActionId
  readonly to: ActionId
  readonly kind: EdgeKind
}

/** The frozen graph. Packs and actions are in plan order: topological, ties broken by the bytes of their ids. */
export interface Graph {
  readonly packs: readonly Pack[]
  readonly actions: readonly Action[]
  /** Sorted by (from, to) in plan order. */
  readonly edges: readonly Edge[]
}

/** Packs whose plugins are among these actions. */
export function packsWithPlugin(actions: readonly Action[]): ReadonlySet<PackId> {
  return new Set(actions.flatMap((action) => (action.kind === 'command' && action.plugin ? [action.pack] : [])))
}
