import * as z from 'zod'
import { diagnostic, sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import { PILLARS, type Pillar } from '../model/pack.ts'
import type { Location } from '../model/source.ts'
import type { BadCase, TemplateVariable } from '../model/template.ts'
import { locator } from './parse.ts'
import { shapeDiagnostics } from './shape.ts'
import { identifier, line, prose, unique } from './values.ts'
import { readYaml, type YamlFile } from './yaml.ts'

/** What makes a folder a template. */
export const TEMPLATE_FILE = 'template.yml'

/** `task.yml#/env/LEVEL`; programs and scripts are no files that a value is put into. */
const PLACE = /^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.(?:ya?ml|json)#(?:\/[^\s]*)$/

/** What is always chosen, by flags of their own. */
const TAKEN = ['id', 'title', 'owner']

const name = (): z.ZodString =>
  identifier().refine((text) => !TAKEN.includes(text), `another name than ${TAKEN.join()}`)

const variable = z.strictObject({
  title: line().describe('What it is, as a question may ask for it.'),
  default: line().describe('The value that the template itself has.'),
  pattern: line().refine(isPattern, 'a regular expression').describe('What the whole value has to match.'),
  at: unique(z.string().regex(PLACE, 'a YAML or JSON file with the pointer of a value, such as task.yml#/env/LEVEL'))
    .min(1, 'at least one place')
    .describe('Where the value stands.'),
})

/** The kinds of {@link Reason} that a command of a pack can bring about by itself. */
const REASONS = ['exit', 'missing-outputs', 'undeclared-writes', 'artifacts', 'secrets', 'limit'] as const

const bad = z.strictObject({
  overlay: prose().describe('A folder of files that are laid over the pack.'),
  action: z
    .string()
    .regex(/^(?:steps|format|lint|tests|gate)\/[a-z0-9-]+$/, 'an action without its pack, such as tests/1')
    .describe('The action that then fails.'),
  reason: z.enum(REASONS).default('exit').describe('Why it fails.'),
  says: line().describe('What it prints.'),
})

/** A template.yml as written. */
export interface TemplateFile {
  readonly title: string
  readonly description: string
  readonly pillar: Pillar
  readonly domain: string
  readonly variables: Readonly<
    Record<string, Omit<TemplateVariable, 'name' | 'at'> & { readonly at: readonly string[] }>
  >
  readonly bad: BadCase
}

const schema: z.ZodType<TemplateFile> = z.strictObject({
  title: line().describe('What packs of this template do, in one line.'),
  description: prose().describe('What they do, at length.'),
  pillar: z.enum(PILLARS),
  domain: line(),
  variables: z.record(name(), variable).default({}),
  bad,
})

export interface ParsedTemplateFile {
  /** `null` where something is wrong with it. */
  readonly file: TemplateFile | null
  readonly yaml: YamlFile
  /** The place of the value at a pointer, or of the nearest above it. */
  readonly locate: (pointer: string) => Location
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads one template.yml. @param path relative to the folder of all templates */
export function parseTemplateFile(bytes: Uint8Array, path: string): ParsedTemplateFile {
  const yaml = readYaml(bytes, path)
  const locate = locator(yaml)
  const nothing = { file: null, yaml, locate }
  if (yaml.diagnostics.length > 0 || yaml.value === undefined) {
    return { ...nothing, diagnostics: sortDiagnostics(yaml.diagnostics) }
  }
  if (typeof yaml.value !== 'object' || yaml.value === null || Array.isArray(yaml.value)) {
    const facts = { key: TEMPLATE_FILE, expected: 'a mapping', found: 'something else' }
    return { ...nothing, diagnostics: [diagnostic('wrong-type', locate(''), facts)] }
  }
  const result = schema.safeParse(yaml.value, { reportInput: true })
  if (result.success) return { file: result.data, yaml, locate, diagnostics: [] }
  const diagnostics = shapeDiagnostics(result.error, {
    schema,
    whole: TEMPLATE_FILE,
    locate: (pointer, part) => locate(part === 'key' ? `${pointer}#key` : pointer),
    written: (pointer) => {
      const span = yaml.places.get(pointer)
      return span ? yaml.source.text.slice(span.start, span.end) : null
    },
  })
  return { ...nothing, diagnostics: sortDiagnostics(diagnostics) }
}

/** Whether a value as a whole fits a variable's pattern. */
export function fits(value: string, pattern: string): boolean {
  return new RegExp(`^(?:${pattern})$`, 'u').test(value)
}

function isPattern(text: string): boolean {
  try {
    fits('', text)
    return true
  } catch {
    return false
  }
}
