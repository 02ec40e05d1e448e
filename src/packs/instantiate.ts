import { canonicalJson, type Json } from '../model/canonical.ts'
import type { Workspace } from '../model/ports.ts'
import type { Span } from '../model/source.ts'
import type { Template, TemplateChoice } from '../model/template.ts'
import { pointerPart } from './yaml-value.ts'
import { readYaml, type YamlFile } from './yaml.ts'

/** A file of a new pack, relative to its folder. */
export interface NewFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * Makes the files of a pack. A template holds no placeholders: it is a pack, and each chosen value replaces one scalar of a
 * YAML or JSON file as a whole, at a place that the template names, in quotes where it needs them. The file is read again
 * and must be the old one but for these values, so that no value can be anything else than that. Programs, scripts and
 * commands are copied byte by byte; in README.md the name of the template becomes the id, which is safe in any text.
 *
 * @throws where a file of the template can't be read, or if it would hold anything but the values: a bug either way
 */
export function instantiate(templates: Workspace, template: Template, choice: TemplateChoice): readonly NewFile[] {
  const edits = editsOf(template, choice)
  return template.files.map((path) => {
    const read = templates.readFile(`${template.dir}/${path}`)
    if (!read.ok) throw new Error(`${template.dir}/${path}: ${read.error.message}`)
    const values = edits.get(path)
    if (values) return { path, bytes: replaceValues(read.value, path, values) }
    return { path, bytes: path === 'README.md' ? renamed(read.value, template.name, choice.id) : read.value }
  })
}

/** New values of files, by path and JSON pointer. */
type Edits = ReadonlyMap<string, ReadonlyMap<string, string>>

function editsOf({ variables }: Template, { id, title, owner, values }: TemplateChoice): Edits {
  const edits = new Map<string, Map<string, string>>()
  const set = (file: string, pointer: string, value: string | null | undefined): void => {
    if (value === null || value === undefined) return
    edits.set(file, (edits.get(file) ?? new Map<string, string>()).set(pointer, value))
  }
  set('task.yml', '/id', id)
  set('task.yml', '/title', title)
  set('task.yml', '/owner', owner)
  for (const { name, at } of variables) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    for (const { file, pointer } of at) set(file, pointer, value)
  }
  return edits
}

interface Replacement extends Span {
  readonly text: string
}

/** Puts scalars in the place of others, and leaves every other character as it is. */
function replaceValues(bytes: Uint8Array, path: string, values: ReadonlyMap<string, string>): Uint8Array {
  const before = readYaml(bytes, path)
  const replacements = [...values].map(([pointer, value]) => replacementFor(before, pointer, value))
  let { text } = before.source
  for (const { start, end, text: scalar } of replacements.toSorted((a, b) => b.start - a.start)) {
    text = text.slice(0, start) + scalar + text.slice(end)
  }
  const after = new TextEncoder().encode(text)
  const read = readYaml(after, path)
  if (read.diagnostics.length > 0 || canonicalJson(read.value as Json) !== canonicalJson(expected(before, values))) {
    throw new Error(`${path} would hold something else than the chosen values`)
  }
  return after
}

function replacementFor({ source, places }: YamlFile, pointer: string, value: string): Replacement {
  const span = places.get(pointer)
  const scalar = source.file.endsWith('.json') ? JSON.stringify(value) : yamlScalar(value)
  if (span) return { ...span, text: scalar }
  // The only key that a template may be without; it stands where readers look for it.
  const title = places.get('/title')
  if (pointer !== '/owner' || !title) throw new Error(`${source.file} has nothing at ${pointer}`)
  const found = source.text.indexOf('\n', title.end)
  const end = found === -1 ? source.text.length : found
  return { start: end, end, text: `\nowner: ${scalar}` }
}

function expected({ value }: YamlFile, values: ReadonlyMap<string, string>): Json {
  return changed(value as Json, '', values)
}

function changed(value: Json, at: string, values: ReadonlyMap<string, string>): Json {
  const chosen = values.get(at)
  if (chosen !== undefined) return chosen
  if (Array.isArray(value)) return value.map((item: Json, index) => changed(item, `${at}/${index}`, values))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(
    ([key, member]) => [key, changed(member ?? null, `${at}/${pointerPart(key)}`, values)] as const,
  )
  const owner = at === '' && !('owner' in value) ? values.get('/owner') : undefined
  return Object.fromEntries(owner === undefined ? members : [...members, ['owner', owner]])
}

/** Words that mean the same in every version and reader of YAML. */
const PLAIN = /^[A-Za-z][A-Za-z0-9]*(?:[ _./-][A-Za-z0-9]+)*$/
/** Words that some reader takes for a value of another type. */
const SPECIAL = /^(?:true|false|null|yes|no|on|off|y|n)$/i

/** A text in one line as a scalar that every reader of YAML takes for this text. */
function yamlScalar(text: string): string {
  return PLAIN.test(text) && !SPECIAL.test(text) ? text : `'${text.replaceAll("'", "''")}'`
}

function renamed(bytes: Uint8Array, name: string, id: string): Uint8Array {
  const text = new TextDecoder().decode(bytes)
  // Names and ids are small letters, digits and hyphens.
  return new TextEncoder().encode(text.replaceAll(new RegExp(`(?<![\\w-])${name}(?![\\w-])`, 'g'), id))
}
