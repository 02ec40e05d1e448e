import type { AgentUse } from './agent.ts'
import type { Digest } from './digest.ts'
import type { ResolvedPlugin } from './plugin.ts'
import { locationOf, type Location, type SourceText, type Span } from './source.ts'

export const PILLARS = ['security', 'web', 'game', 'platform'] as const
export const RISKS = ['low', 'medium', 'high'] as const
export const ACCEPTANCE_PHASES = ['format', 'lint', 'tests'] as const

export type PackId = string
export type Pillar = (typeof PILLARS)[number]
export type Risk = (typeof RISKS)[number]
export type AcceptancePhase = (typeof ACCEPTANCE_PHASES)[number]

/** What an action may use before it is stopped. */
export interface Limits {
  readonly timeoutMs: number
  readonly memoryBytes: number
  readonly processes: number
  readonly logBytes: number
  readonly outputBytes: number
}

/** How task.yml calls a limit. */
const LIMIT_KEYS: Readonly<Record<keyof Limits, string>> = {
  timeoutMs: 'timeout',
  memoryBytes: 'memory',
  processes: 'processes',
  logBytes: 'log',
  outputBytes: 'output',
}

/** The key below `limits` in task.yml by the name that a fingerprint has for it; `undefined` for what is no limit. */
export function limitKey(name: string): string | undefined {
  return new Map<string, string>(Object.entries(LIMIT_KEYS)).get(name)
}

/** What a change pack may touch in one run (`changed_files`, `changed_lines`). */
export interface ChangeLimits {
  readonly files: number
  readonly lines: number
}

export interface Retries {
  /** Counts the first attempt; 1 to 5. */
  readonly attempts: number
  /** The same failure this many times ends the attempts early. */
  readonly repeatErrorLimit: number
}

export interface ArtifactInput {
  readonly from: PackId
  /** Relative to the producing pack's folder. */
  readonly path: string
  /** Where the consumer sees it, relative to its own folder. */
  readonly as: string
}

export interface Mount {
  readonly path: string
  readonly identity: string
}

/** One `run:` of a pack, as its author wrote it; all paths are still relative to the pack (a leading `/`: the workspace). */
export interface CommandDefinition {
  /** The author's id, or the 1-based place in its list. */
  readonly id: string
  /** A string goes to `sh -ec`; a list is an argv. Empty for a step of an agent. */
  readonly run: string | readonly string[]
  /** Of a step that the agent of the configuration does. */
  readonly agent?: AgentUse
  readonly needs: readonly string[]
  /** Narrows the pack's inputs; `null`: all of them. */
  readonly files: readonly string[] | null
  readonly outputs: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** The pack's limits with the command's own laid over them. */
  readonly limits: Limits
  readonly retries: Retries
  /** Files that are put in place for a negative control, target to source; `null`: no control. */
  readonly control: Readonly<Record<string, string>> | null
  /** JSON pointer of the command in its task.yml, for {@link placeOf}. */
  readonly pointer: string
}

/** A task.yml (version 1) with every default filled in. */
export interface PackDefinition {
  readonly id: PackId
  readonly title: string
  readonly description: string | null
  readonly owner: string | null
  readonly tags: readonly string[]
  readonly links: readonly string[]
  readonly pillar: Pillar
  readonly domain: string | null
  readonly risk: Risk
  readonly skills: readonly string[]
  readonly docs: Readonly<Record<string, string>>
  readonly needs: readonly PackId[]
  readonly inputs: {
    readonly files: readonly string[]
    readonly artifacts: readonly ArtifactInput[]
    readonly env: readonly string[]
    readonly tools: Readonly<Record<string, string>>
    readonly mounts: readonly Mount[]
  }
  readonly env: Readonly<Record<string, string>>
  readonly constraints: {
    /** Declared `host:port` pairs; empty: no network. */
    readonly network: readonly string[]
    readonly cloudMutations: boolean
    readonly secrets: readonly string[]
    readonly scope: readonly string[]
    readonly limits: Limits
    readonly changes: ChangeLimits
    readonly retries: Retries
  }
  readonly steps: readonly CommandDefinition[]
  readonly acceptance: Readonly<Record<AcceptancePhase, readonly CommandDefinition[]>>
  readonly artifacts: { readonly required: readonly string[]; readonly optional: readonly string[] }
  readonly plugin: string | null
}

/** A parsed and validated task.yml; every value knows its place. */
export interface Pack {
  readonly definition: PackDefinition
  /** The pack's folder relative to the workspace root, `/` between parts; empty for the root itself. */
  readonly dir: string
  readonly source: SourceText
  /** SHA-256 of the bytes of task.yml. */
  readonly digest: Digest
  /** JSON pointer of a value (`/steps/0/run`) to its range in the source; `<pointer>#key` is the range of its key. */
  readonly places: ReadonlyMap<string, Span>
}

/** A pack with the files that its `inputs.files` select: relative to the workspace root, sorted by bytes, declared outputs left out. */
export interface ResolvedPack extends Pack {
  readonly files: readonly string[]
  /** Of a change pack only: what stands in its scope before it is run. */
  readonly scope?: ResolvedScope
  /** Absent: it has none, or one that something is wrong with. */
  readonly plugin?: ResolvedPlugin
}

/** Paths relative to the workspace root, sorted by bytes. */
export interface ResolvedScope {
  /** Regular files that git does not ignore, declared outputs left out. */
  readonly files: readonly string[]
  /** Links, devices and other repositories: neither they nor anything below them can be changed by a patch. */
  readonly obstacles: readonly string[]
}

/** The place of the value at a JSON pointer, or of its nearest enclosing value that is written in the file. */
export function placeOf(pack: Pack, pointer: string): Location {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const span = pack.places.get(at)
    if (span) return locationOf(pack.source, span)
  }
  return locationOf(pack.source, pack.places.get('') ?? { start: 0, end: 0 })
}

/** Turns a path of a pack (relative to its folder, or to the workspace with a leading `/`) into one relative to the workspace. */
export function workspacePath(dir: string, path: string): string {
  if (path.startsWith('/')) return path.slice(1)
  return dir === '' ? path : `${dir}/${path}`
}
