import type { AgentCommand } from '../model/agent.ts'
import { NO_BREAKERS, type RunBreakers } from '../model/breakers.ts'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import type { Grant } from '../model/grant.ts'
import type { Location } from '../model/source.ts'
import { configSchema, PACKS, type ConfigFile } from './config-schema.ts'
import { normalisePath } from './paths.ts'
import { shapeDiagnostics } from './shape.ts'
import { parseDuration } from './units.ts'

/** What codex.config.ts exports. */
export interface Config {
  /** Globs of pack folders, relative to the workspace root; a leading `!` excludes. Default: `task-packs/*` and `solutions/**`. */
  readonly packs?: readonly string[]
  /** What does the steps that say `uses: agent`. Default: nobody, and such steps are an error. */
  readonly agent?: AgentConfig
  readonly policy?: {
    /** By the id of a pack. What a pack does not ask for has no effect. */
    readonly grants?: Readonly<Record<string, PackGrant>>
    /** What ends a whole run early, with exit code 4. Default: nothing does. */
    readonly breakers?: {
      /** After so many failed actions, counted in plan order, nothing behind the last of them is accepted. At least 1. */
      readonly failures?: number
      /** When the run has taken so long, e.g. `30m`, whatever has not ended is stopped. */
      readonly time?: string
    }
  }
}

/** A program that is asked to do a step; the prompt is on its standard input. It has the constraints and grants of the step's pack. */
export interface AgentConfig {
  /** A string goes to `sh -ec`; a list is a program and its arguments, e.g. `['codex', 'exec', '-']`. */
  readonly command: string | readonly string[]
  /** Programs that it uses, itself among them, with ranges of versions as npm writes them. */
  readonly tools?: Readonly<Record<string, string>>
}

/** What one pack may use. */
export interface PackGrant {
  /** `host:port` pairs. */
  readonly network?: readonly string[]
  /** Names of variables. */
  readonly secrets?: readonly string[]
  readonly cloud?: boolean
  /** SHA-256 of the task.yml that the grant is for; with another it is void. */
  readonly definition?: string
}

/** A configuration with every default filled in. */
export interface ResolvedConfig {
  readonly packs: readonly string[]
  /** `null`: there is none. */
  readonly agent: AgentCommand | null
  readonly grants: readonly Grant[]
  readonly breakers: RunBreakers
}

const DEFAULTS: ResolvedConfig = { packs: PACKS, agent: null, grants: [], breakers: NO_BREAKERS }

/** Gives a configuration its type. */
export function defineConfig(config: Config): Config {
  return config
}

/**
 * Checks what a configuration module exports.
 *
 * @param file the module relative to the workspace root; `null` where there is none, and then `raw` is `{}`
 * @returns the defaults stand in for what is wrong
 */
export function parseConfig(
  raw: unknown,
  file: string | null,
): { config: ResolvedConfig; diagnostics: readonly Diagnostic[] } {
  const location = file === null ? null : { file, start: { line: 1, column: 1 }, end: { line: 1, column: 1 } }
  const result = configSchema.safeParse(raw ?? null, { reportInput: true })
  if (!result.success) {
    const context = { schema: configSchema, whole: file ?? '', locate: () => location, written: () => null }
    return { config: DEFAULTS, diagnostics: shapeDiagnostics(result.error, context) }
  }
  const diagnostics = result.data.packs.flatMap((pattern, index) => patternDiagnostics(pattern, index, location))
  if (diagnostics.length > 0) return { config: DEFAULTS, diagnostics }
  const { packs, agent = null, policy: decided } = result.data
  const { failures = null, time } = decided.breakers
  const config = {
    packs: packs.map(normalPattern),
    agent,
    grants: grantsOf(decided.grants),
    breakers: { failures, timeMs: time === undefined ? null : parseDuration(time) },
  }
  return { config, diagnostics }
}

function grantsOf(grants: ConfigFile['policy']['grants']): readonly Grant[] {
  return Object.entries(grants).map(([pack, { definition = null, ...granted }]) => ({ pack, definition, ...granted }))
}

function patternDiagnostics(pattern: string, index: number, location: Location | null): Diagnostic[] {
  const result = normalise(pattern)
  if (result.ok || pattern === '.') return []
  if (result.problem === 'leaves') {
    return [diagnostic('path-leaves-workspace', location, { path: pattern, through: null })]
  }
  const { expected, suggestion } = result
  return [diagnostic('invalid-value', location, { key: `packs[${index}]`, found: pattern, expected, suggestion })]
}

/** `.` is the root itself. */
function normalPattern(pattern: string): string {
  if (pattern === '.') return ''
  const result = normalise(pattern)
  const path = result.ok ? result.path.replaceAll(/^\/|\/$/g, '') : pattern
  return pattern.startsWith('!') ? `!${path}` : path
}

function normalise(pattern: string): ReturnType<typeof normalisePath> {
  return normalisePath(pattern.replace(/^!/, ''), { dir: '', folder: true, glob: true })
}
