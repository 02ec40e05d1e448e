import { diagnostic, sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import { compareBytes } from '../model/order.ts'
import type { Pack } from '../model/pack.ts'
import type { Workspace } from '../model/ports.ts'
import type { SourceText } from '../model/source.ts'
import type { Template, ValuePlace } from '../model/template.ts'
import { fileDiagnostic } from './discover.ts'
import { walk } from './files.ts'
import { parsePack } from './parse.ts'
import { fits, parseTemplateFile, TEMPLATE_FILE, type ParsedTemplateFile, type TemplateFile } from './template-file.ts'
import { valueAt } from './value-at.ts'
import { readYaml } from './yaml.ts'

export interface ReadTemplate {
  /** `null` where something is wrong with it. */
  readonly template: Template | null
  readonly diagnostics: readonly Diagnostic[]
  /** The texts that were read, by their paths. */
  readonly sources: ReadonlyMap<string, SourceText>
}

/** A command's text is no place for a value: what a shell reads there would be more than data. */
const COMMAND = /^\/(?:steps|acceptance\/[^/]+)\/\d+\/run(?:\/|$)/

/**
 * Reads one template and reports all that is wrong with it.
 *
 * @param templates the folder of all templates
 * @param dir `<pillar>/<name>`
 */
export function readTemplate(templates: Workspace, dir: string): ReadTemplate {
  const path = `${dir}/${TEMPLATE_FILE}`
  const bytes = templates.readFile(path)
  if (!bytes.ok) return { template: null, diagnostics: [fileDiagnostic(bytes.error)], sources: new Map() }
  const parsed = parseTemplateFile(bytes.value, path)
  const reading = new Reading(templates, dir, parsed)
  const files = reading.files()
  const pack = reading.pack()
  if (parsed.file && pack) reading.check(parsed.file, { pack, files })
  const diagnostics = sortDiagnostics([...parsed.diagnostics, ...reading.diagnostics])
  const sound = diagnostics.length === 0 && parsed.file && pack
  return {
    template: sound ? templateOf(dir, parsed.file, { pack, files }) : null,
    diagnostics,
    sources: reading.sources,
  }
}

interface Contents {
  readonly pack: Pack
  readonly files: readonly string[]
}

function templateOf(dir: string, file: TemplateFile, { pack, files }: Contents): Template {
  const { title, description, pillar, domain, variables, bad } = file
  return {
    name: pack.definition.id,
    dir,
    title,
    description,
    pillar,
    domain,
    packTitle: pack.definition.title,
    variables: Object.entries(variables).map(([name, { at, ...variable }]) => ({
      name,
      ...variable,
      at: at.map(placeFrom),
    })),
    bad,
    files,
  }
}

function placeFrom(text: string): ValuePlace {
  const [file = '', pointer = ''] = text.split('#')
  return { file, pointer }
}

class Reading {
  readonly diagnostics: Diagnostic[] = []
  readonly sources: Map<string, SourceText>
  readonly #templates: Workspace
  readonly #dir: string
  readonly #parsed: ParsedTemplateFile

  constructor(templates: Workspace, dir: string, parsed: ParsedTemplateFile) {
    this.#templates = templates
    this.#dir = dir
    this.#parsed = parsed
    this.sources = new Map([[parsed.yaml.source.file, parsed.yaml.source]])
  }

  /** Everything but the template.yml: only regular files can be copied to anywhere. */
  files(): readonly string[] {
    const found: string[] = []
    for (const met of walk(this.#templates, this.#dir, { ignores: () => false, skipPacks: false }).met) {
      const path = met.path.slice(this.#dir.length + 1)
      if (met.kind === 'error') this.diagnostics.push(fileDiagnostic(met.error))
      else if (met.kind !== 'file') {
        const kind = met.kind === 'symlink' ? 'broken-symlink' : 'fifo-socket-or-device'
        this.diagnostics.push(diagnostic('unsupported-file', null, { path: met.path, kind }))
      } else if (path !== TEMPLATE_FILE) found.push(path)
    }
    return found.toSorted(compareBytes)
  }

  /** The pack that the template is. */
  pack(): Pack | null {
    const file = `${this.#dir}/task.yml`
    const bytes = this.#templates.readFile(file)
    if (!bytes.ok) {
      this.diagnostics.push(fileDiagnostic(bytes.error))
      return null
    }
    const { pack, diagnostics, source } = parsePack({ bytes: bytes.value, file, dir: this.#dir })
    this.sources.set(file, source)
    this.diagnostics.push(...diagnostics)
    return pack
  }

  check(file: TemplateFile, { pack, files }: Contents): void {
    const { id, pillar, domain } = pack.definition
    const [folder = '', name = ''] = this.#dir.split('/')
    this.#same('/pillar', file.pillar, folder)
    this.#same('/pillar', file.pillar, pillar)
    this.#same('/domain', file.domain, domain ?? '')
    if (id !== name) this.#wrong('', { key: 'id of task.yml', found: id, expected: `the folder's name, ${name}` })
    for (const [variable, { at, pattern, default: value }] of Object.entries(file.variables)) {
      const pointer = `/variables/${variable}`
      if (!fits(value, pattern)) this.#wrong(`${pointer}/default`, { found: value, expected: `what fits ${pattern}` })
      for (const [index, place] of at.entries()) this.#place(`${pointer}/at/${index}`, placeFrom(place), value)
    }
    this.#overlay(file, files)
  }

  #overlay({ bad }: TemplateFile, files: readonly string[]): void {
    const laid = files.filter((path) => path.startsWith(`${bad.overlay}/`))
    if (laid.length === 0) this.#wrong('/bad/overlay', { found: bad.overlay, expected: 'a folder with files' })
    const nested = files.find((path) => path.endsWith('/task.yml'))
    // It would be a pack of its own wherever packs are looked for at any depth.
    if (nested !== undefined) this.#wrong('', { key: 'task.yml', found: nested, expected: 'one, in the folder itself' })
  }

  #place(at: string, { file, pointer }: ValuePlace, value: string): void {
    const expected = `a place where ${JSON.stringify(value)} stands`
    const bytes = this.#templates.readFile(`${this.#dir}/${file}`)
    const found = bytes.ok ? valueAt(readYaml(bytes.value, file).value, pointer) : undefined
    if (found !== value) this.#wrong(at, { found: `${file}#${pointer}`, expected })
    else if (file === 'task.yml' && COMMAND.test(pointer)) {
      this.#wrong(at, {
        found: `${file}#${pointer}`,
        expected: 'a place outside of commands, such as a variable in env',
      })
    }
  }

  #same(at: string, found: string, expected: string): void {
    if (found !== expected) this.#wrong(at, { found, expected })
  }

  #wrong(at: string, facts: { key?: string; found: string; expected: string }): void {
    const key = at.slice(1).replaceAll('/', '.')
    const location = this.#parsed.locate(at)
    this.diagnostics.push(diagnostic('invalid-value', location, { key, suggestion: null, ...facts }))
  }
}
