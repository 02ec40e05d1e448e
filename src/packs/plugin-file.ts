import * as z from 'zod'
import { diagnostic, sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import { placeOf, workspacePath, type Pack } from '../model/pack.ts'
import { PLUGIN_RESULT, type PluginFile, type ResolvedPlugin } from '../model/plugin.ts'
import type { Location, SourceText } from '../model/source.ts'
import { fileDiagnostic } from './discover.ts'
import { find } from './files.ts'
import { locator } from './parse.ts'
import type { FileContext } from './select-files.ts'
import { shapeDiagnostics } from './shape.ts'
import { endpoint, line, unique, variable } from './values.ts'
import { readYaml, type YamlFile } from './yaml.ts'

/** What Node.js takes for a module in JavaScript. */
const MODULE = /\.[cm]?js$/

/** A path as plain as they come: below the pack's folder, no wildcard, no folder of a dot. */
const PLAIN = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/

const artifact = (): z.ZodString =>
  z
    .string()
    .regex(PLAIN, "a file below the pack's folder, such as artifacts/coverage.json")
    .refine(
      (path) => path.split('/')[0] !== PLUGIN_RESULT,
      `another name than ${PLUGIN_RESULT}, which every plugin has`,
    )

const capabilities = z.strictObject({
  network: unique(endpoint()).default([]).describe('What it reaches, as a list of `host:port`.'),
  secrets: unique(variable()).default([]).describe('Names of variables whose values it needs.'),
  cloud: z.boolean().default(false).describe('Whether it changes resources in a cloud.'),
})

/** What the file beside a module holds. */
export const pluginFileSchema: z.ZodType<PluginFile> = z.strictObject({
  $schema: z.string().optional().describe('Where this schema is, for editors.'),
  name: line().max(64, 'at most 64 characters').describe('What it is called. Its code has to say the same.'),
  version: line().max(64, 'at most 64 characters').describe('Its version. Its code has to say the same.'),
  capabilities: capabilities
    .prefault({})
    .describe('What it uses of what its pack may: it gets no more, and is not started where its pack may not.'),
  artifacts: unique(artifact())
    .default([])
    .describe(
      `Files that it makes beside \`${PLUGIN_RESULT}\`, relative to the pack's folder. It has to make them all.`,
    ),
})

export interface FoundPlugin {
  /** `null`: the pack has none, or something is wrong with it. */
  readonly plugin: ResolvedPlugin | null
  /** The text of the file beside the module; `null`: it was not read. */
  readonly source: SourceText | null
  readonly diagnostics: readonly Diagnostic[]
}

const NOTHING: FoundPlugin = { plugin: null, source: null, diagnostics: [] }

/** The file that says what a plugin is, given its module: `plugin.json` beside `plugin.mjs`. */
export function pluginFileOf(module: string): string {
  return module.replace(MODULE, '.json')
}

/** Reads what stands beside the module of a pack's plugin, which is there. Nothing of the module is read. */
export function resolvePlugin(pack: Pack, { workspace }: FileContext): FoundPlugin {
  const { plugin } = pack.definition
  if (plugin === null) return NOTHING
  const place = placeOf(pack, '/plugin')
  if (!MODULE.test(plugin)) {
    const expected = 'a module whose name ends with .mjs, .js or .cjs'
    const facts = { key: 'plugin', found: plugin, expected, suggestion: null }
    return { ...NOTHING, diagnostics: [diagnostic('invalid-value', place, facts)] }
  }
  const file = workspacePath(pack.dir, pluginFileOf(plugin))
  const undescribed = diagnostic('plugin-undescribed', place, { module: plugin, path: pluginFileOf(plugin) })
  if (find(workspace, file).at !== 'file') return { ...NOTHING, diagnostics: [undescribed] }
  const bytes = workspace.readFile(file)
  if (!bytes.ok) return { ...NOTHING, diagnostics: [fileDiagnostic(bytes.error)] }
  return parsePluginFile(bytes.value, { file, module: workspacePath(pack.dir, plugin), place })
}

interface Place {
  /** Both relative to the workspace root. */
  readonly file: string
  readonly module: string
  /** Where the pack names the plugin. */
  readonly place: Location
}

function parsePluginFile(bytes: Uint8Array, { file, module, place }: Place): FoundPlugin {
  const yaml = readYaml(bytes, file)
  const locate = locator(yaml)
  const { source } = yaml
  // Whoever is told of a pack is told of this, too.
  const about = (found: readonly Diagnostic[]): FoundPlugin => ({
    ...{ plugin: null, source },
    diagnostics: sortDiagnostics(found.map((problem) => withPack(problem, place))),
  })
  if (yaml.diagnostics.length > 0) return about(yaml.diagnostics)
  const problem = jsonProblem(source.text)
  if (problem !== null) return about([diagnostic('yaml-syntax', locate(''), { detail: problem })])
  if (typeof yaml.value !== 'object' || yaml.value === null || Array.isArray(yaml.value)) {
    const facts = { key: file.slice(file.lastIndexOf('/') + 1), expected: 'a mapping', found: 'something else' }
    return about([diagnostic('wrong-type', locate(''), facts)])
  }
  const result = pluginFileSchema.safeParse(yaml.value, { reportInput: true })
  if (!result.success) return about(shapeProblems(result.error, yaml, locate))
  return { plugin: { ...result.data, module, source, locate }, source, diagnostics: [] }
}

function shapeProblems(error: z.ZodError, yaml: YamlFile, locate: Locate): readonly Diagnostic[] {
  return shapeDiagnostics(error, {
    schema: pluginFileSchema,
    whole: '',
    locate: (pointer, part) => locate(part === 'key' ? `${pointer}#key` : pointer),
    written: (pointer) => {
      const span = yaml.places.get(pointer)
      return span ? yaml.source.text.slice(span.start, span.end) : null
    },
  })
}

type Locate = (pointer: string) => Location

function withPack(problem: Diagnostic, place: Location): Diagnostic {
  return { ...problem, related: [...problem.related, { location: place, note: 'the plugin' }] }
}

/** YAML takes more than JSON does. */
function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text)
    return null
  } catch {
    return 'It is not JSON'
  }
}
