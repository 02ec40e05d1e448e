import * as z from 'zod'
import type { Json } from '../model/canonical.ts'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import type { Location } from '../model/source.ts'
import { normalisePath } from './paths.ts'
import { shapeDiagnostics } from './shape.ts'

/** What codex.config.ts exports. */
export interface Config {
  /** Globs of pack folders, relative to the workspace root; a leading `!` excludes. Default: `task-packs/*` and `solutions/**`. */
  readonly packs?: readonly string[]
}

/** A configuration with every default filled in. */
export interface ResolvedConfig {
  readonly packs: readonly string[]
}

const PACKS = ['task-packs/*', 'solutions/**']

const schema = z.strictObject({
  packs: z
    .array(z.string().regex(/\S/, 'text that is not empty'))
    .default(PACKS)
    .describe('Globs of pack folders, relative to the workspace root; a leading ! excludes.'),
})

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
    const context = { schema, locate: () => location, written: () => null }
    return { config: { packs: PACKS }, diagnostics: shapeDiagnostics(result.error, context) }
  }
  const diagnostics = result.data.packs.flatMap((pattern, index) => patternDiagnostics(pattern, index, location))
  if (diagnostics.length > 0) return { config: { packs: PACKS }, diagnostics }
  return { config: { packs: result.data.packs.map(normalPattern) }, diagnostics }
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
