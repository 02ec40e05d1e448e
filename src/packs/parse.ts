import { sha256 } from '../model/digest.ts'
import { diagnostic, sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import type { Pack } from '../model/pack.ts'
import { locationOf, type Location, type SourceText, type Span } from '../model/source.ts'
import { stepDoers } from './agent-checks.ts'
import { controlDiagnostics } from './control-checks.ts'
import { define } from './define.ts'
import { meaningDiagnostics } from './meaning.ts'
import { outputDiagnostics, pathDiagnostics } from './path-checks.ts'
import { taskSchema } from './schema.ts'
import { shapeDiagnostics } from './shape.ts'
import type { TaskFile } from './task-file.ts'
import { View } from './view.ts'
import { readYaml, type YamlFile } from './yaml.ts'

export interface ParsedPack {
  /** `null` where keys, types or paths are wrong; a pack that makes no sense otherwise is there, with its complaints. */
  readonly pack: Pack | null
  /** The pack's id as far as it can be told, so that others that need it are not blamed. */
  readonly id: string | null
  readonly idPlace: Location | null
  readonly source: SourceText
  readonly diagnostics: readonly Diagnostic[]
}

const NOTHING = { pack: null, id: null, idPlace: null }

interface TaskInput {
  readonly bytes: Uint8Array
  /** Both relative to the workspace root; `dir` is the folder that holds it. */
  readonly file: string
  readonly dir: string
}

/** A task.yml whose YAML was read and whose meaning was not looked at yet. */
export interface ReadTask extends TaskInput {
  readonly yaml: YamlFile
}

/** Reads one task.yml and reports all that can be seen to be wrong with it without looking at any other file. */
export function parsePack(input: TaskInput): ParsedPack {
  return checkTask(readTask(input))
}

export function readTask(input: TaskInput): ReadTask {
  return { ...input, yaml: readYaml(input.bytes, input.file) }
}

/** What {@link parsePack} does after {@link readTask}. */
export function checkTask({ yaml, ...input }: ReadTask): ParsedPack {
  const { source } = yaml
  if (yaml.value === undefined) return { ...NOTHING, source, diagnostics: sortDiagnostics(yaml.diagnostics) }
  const locate = locator(yaml)
  if (typeof yaml.value !== 'object' || yaml.value === null || Array.isArray(yaml.value)) {
    const facts = { key: 'task.yml', expected: 'a mapping', found: foundAt(yaml.value) }
    const diagnostics = [...yaml.diagnostics, diagnostic('wrong-type', locate(''), facts)]
    return { ...NOTHING, source, diagnostics: sortDiagnostics(diagnostics) }
  }
  const view = new View(yaml.value)
  const shape = checkShape(yaml, locate)
  const paths = pathDiagnostics(view, input.dir, locate)
  const rest = [
    ...stepDoers(view, locate),
    ...meaningDiagnostics(view, locate),
    ...outputDiagnostics(view, input.dir, locate),
    ...controlDiagnostics(view, input.dir, locate),
  ]
  const diagnostics = sortDiagnostics([...yaml.diagnostics, ...shape.diagnostics, ...paths, ...rest])
  const [id] = view.text('id')
  const known = { id: id?.text ?? null, idPlace: id ? locate(id.pointer) : null, source, diagnostics }
  if (!shape.file || paths.length > 0) return { pack: null, ...known }
  const definition = define(shape.file, input.dir)
  const pack = { definition, dir: input.dir, source, digest: sha256(input.bytes), places: yaml.places }
  return { pack, ...known }
}

function checkShape(yaml: YamlFile, locate: (pointer: string) => Location): ShapeResult {
  const result = taskSchema.safeParse(yaml.value, { reportInput: true })
  if (result.success) return { file: result.data, diagnostics: [] }
  const diagnostics = shapeDiagnostics(result.error, {
    schema: taskSchema,
    whole: '',
    locate: (pointer, part) => (isUnknown(yaml, pointer) ? null : locate(part === 'key' ? `${pointer}#key` : pointer)),
    written: (pointer) => {
      const span = yaml.places.get(pointer)
      const key = yaml.places.get(`${pointer}#key`)
      return !span || span.start === key?.start ? null : yaml.source.text.slice(span.start, span.end)
    },
  })
  return { file: null, diagnostics: diagnostics.filter(({ location }) => location !== null) }
}

interface ShapeResult {
  readonly file: TaskFile | null
  readonly diagnostics: readonly Diagnostic[]
}

/** Whether a value was refused before its type was known. */
function isUnknown(yaml: YamlFile, pointer: string): boolean {
  return yaml.unknown.has(pointer)
}

/** The place of a pointer, or of the nearest that is written above it. A mapping within a list is shown by its first line. */
export function locator(yaml: Pick<YamlFile, 'places' | 'source'>): (pointer: string) => Location {
  return (pointer) => {
    for (let at = pointer; at !== '' && at !== '#key'; at = above(at)) {
      const span = yaml.places.get(at)
      if (span) return locationOf(yaml.source, firstLine(yaml.source, span))
    }
    return locationOf(yaml.source, firstLine(yaml.source, yaml.places.get('') ?? { start: 0, end: 0 }))
  }
}

function above(pointer: string): string {
  return pointer.endsWith('#key') ? pointer.slice(0, -'#key'.length) : pointer.slice(0, pointer.lastIndexOf('/'))
}

function firstLine(source: SourceText, { start, end }: Span): Span {
  const stop = source.text.indexOf('\n', start)
  return { start, end: stop === -1 || stop >= end ? end : stop }
}

function foundAt(value: unknown): string {
  if (value === null) return 'nothing'
  return Array.isArray(value) ? 'a list' : 'a single value'
}
