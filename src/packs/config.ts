import * as z from 'zod'
import { NO_BREAKERS, type RunBreakers } from '../model/breakers.ts'
import type { Json } from '../model/canonical.ts'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import type { Grant } from '../model/grant.ts'
import type { Location } from '../model/source.ts'
import { normalisePath } from './paths.ts'
import { shapeDiagnostics } from './shape.ts'
import { parseDuration } from './units.ts'
import { count, duration, endpoint, identifier, unique, variable } from './values.ts'

/** What codex.config.ts exports. */
export interface Config {
  /** Globs of pack folders, relative to the workspace root; a leading `!` excludes. Default: `task-packs/*` and `solutions/**`. */
  readonly packs?: readonly string[]
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
  readonly grants: readonly Grant[]
  readonly breakers: RunBreakers
}

const PACKS = ['task-packs/*', 'solutions/**']

const grant = z.strictObject({
  network: unique(endpoint()).default([]).describe('Hosts that the pack may reach, each with its port.'),
  secrets: unique(variable()).default([]).describe('Names of secret variables that the pack gets.'),
  cloud: z.boolean().default(false).describe('Whether the pack may change resources in a cloud.'),
  definition: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a SHA-256 of 64 small hexadecimal digits')
    .optional()
    .describe('SHA-256 of the task.yml that the grant is for; with another it is void.'),
})

const MOST_FAILURES = 1_000_000_000

const breakers = z.strictObject({
  failures: count(1, MOST_FAILURES)
    .optional()
    .describe('After so many failed actions, counted in plan order, the rest of the plan is not accepted.'),
  time: duration().optional().describe('When the run has taken so long, e.g. 30m, whatever has not ended is stopped.'),
})

const policy = z.strictObject({
  grants: z.record(identifier(), grant).default({}).describe('What each pack may use beyond SAFE mode, by its id.'),
  breakers: breakers.default({}).describe('What ends a whole run early, with exit code 4.'),
})

const schema = z.strictObject({
  packs: z
    .array(z.string().regex(/\S/, 'text that is not empty'))
    .default(PACKS)
    .describe('Globs of pack folders, relative to the workspace root; a leading ! excludes.'),
  policy: policy.prefault({}).describe('What the operator grants, and what ends a run early.'),
})

const DEFAULTS: ResolvedConfig = { packs: PACKS, grants: [], breakers: NO_BREAKERS }

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
  const result = schema.safeParse(raw ?? null, { reportInput: true })
  if (!result.success) {
    const context = { schema, whole: file ?? '', locate: () => location, written: () => null }
    return { config: DEFAULTS, diagnostics: shapeDiagnostics(result.error, context) }
  }
  const diagnostics = result.data.packs.flatMap((pattern, index) => patternDiagnostics(pattern, index, location))
  if (diagnostics.length > 0) return { config: DEFAULTS, diagnostics }
  const { packs, policy: decided } = result.data
  const { failures = null, time } = decided.breakers
  const config = {
    packs: packs.map(normalPattern),
    grants: grantsOf(decided.grants),
    breakers: { failures, timeMs: time === undefined ? null : parseDuration(time) },
  }
  return { config, diagnostics }
}

function grantsOf(grants: Readonly<Record<string, z.output<typeof grant>>>): readonly Grant[] {
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

/** The JSON Schema (2020-12) of what codex.config.ts exports. */
export function configJsonSchema(): Json {
  const described = z.toJSONSchema(schema, { io: 'input' })
  return { ...(described as unknown as { [key: string]: Json }), title: 'codex.config.ts' }
}
