import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { compareBytes } from '../model/order.ts'
import type { DirEntry, FileError, Workspace } from '../model/ports.ts'
import type { ResolvedConfig } from './config.ts'
import { find, isTaskFile } from './files.ts'
import { baseOf, matcher } from '../model/pattern.ts'
import type { Ignores } from './ignore.ts'

export interface Discovered {
  /** Folders that hold a task.yml, relative to the workspace root, sorted by bytes. */
  readonly dirs: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Names that people give the file by mistake. */
const MISNAMED = /^(?:tasks?\.ya?ml|task-?pack\.ya?ml)$/i

/**
 * Finds the pack folders that the configuration's patterns match. Folders that git ignores are left out. A link to a folder
 * stands for that folder if it lies in the workspace, and is not searched further.
 */
export function discover(workspace: Workspace, config: Pick<ResolvedConfig, 'packs'>, ignores: Ignores): Discovered {
  const search = new Search(workspace, config.packs, ignores)
  for (const pattern of config.packs) if (!pattern.startsWith('!')) search.run(pattern)
  const diagnostics = [...search.diagnostics]
  if (search.dirs.size === 0 && diagnostics.length === 0) {
    diagnostics.push(diagnostic('no-packs', null, { patterns: config.packs }))
  }
  return { dirs: [...search.dirs].toSorted(compareBytes), diagnostics }
}

class Search {
  readonly dirs = new Set<string>()
  readonly diagnostics: Diagnostic[] = []
  readonly #workspace: Workspace
  readonly #ignores: Ignores
  readonly #excluded: readonly ((path: string) => boolean)[]
  readonly #reported = new Set<string>()

  constructor(workspace: Workspace, patterns: readonly string[], ignores: Ignores) {
    this.#workspace = workspace
    this.#ignores = ignores
    this.#excluded = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => matcher(pattern.slice(1)))
  }

  run(pattern: string): void {
    const matches = matcher(pattern)
    const base = baseOf(pattern)
    const depth = pattern.includes('**') || pattern.includes('{') ? Infinity : pattern.split('/').length
    if (!this.#enterBase(base)) return
    const pending = [base]
    for (let dir = pending.pop(); dir !== undefined; dir = pending.pop()) {
      const wanted = matches(dir) && !this.#excluded.some((excludes) => excludes(dir))
      const entries = this.#list(dir)
      if (wanted) this.#take(dir, entries)
      if (dir !== '' && dir.split('/').length >= depth) continue
      for (const { name, kind } of entries) {
        const path = dir === '' ? name : `${dir}/${name}`
        if (kind === 'dir' && !this.#ignores(path, true)) pending.push(path)
        if (kind === 'symlink' && matches(path) && !this.#ignores(path)) this.#link(path)
      }
    }
  }

  #enterBase(base: string): boolean {
    if (base === '') return true
    if (this.#ignores(base, true)) return false
    const found = find(this.#workspace, base)
    if (found.at === 'outside') this.#outside(base, found.through)
    if (found.at === 'unreadable') this.#unreadable({ code: found.reason, path: base, message: found.reason })
    return found.at === 'dir'
  }

  #list(dir: string): readonly DirEntry[] {
    const listed = this.#workspace.list(dir)
    if (listed.ok) return listed.value
    this.#unreadable(listed.error)
    return []
  }

  #take(dir: string, entries: readonly DirEntry[]): void {
    if (entries.some(isTaskFile)) {
      this.dirs.add(dir)
      return
    }
    if (entries.some(({ name }) => name === 'task.yml')) {
      this.#unreadable({ code: 'EISDIR', path: `${dir}/task.yml`, message: 'it is a folder' })
      return
    }
    const misnamed = entries.find(({ name, kind }) => kind === 'file' && MISNAMED.test(name))
    if (!misnamed || !this.#isNew(`${dir}/task.yml`)) return
    const facts = { key: 'task.yml', path: `${dir}/task.yml`, suggestion: `${dir}/${misnamed.name}` }
    this.diagnostics.push(diagnostic('missing-file', null, facts, { severity: 'warning' }))
  }

  #link(path: string): void {
    const found = find(this.#workspace, path)
    if (found.at === 'outside') this.#outside(path, found.through)
    const real = this.#workspace.resolve(path)
    if (found.at !== 'dir' || !real.ok || this.#ignores(real.value, true)) return
    if (this.#list(real.value).some(isTaskFile)) this.dirs.add(real.value)
  }

  #outside(path: string, through: string): void {
    if (this.#isNew(path)) this.diagnostics.push(diagnostic('path-leaves-workspace', null, { path, through }))
  }

  #unreadable(error: FileError): void {
    if (this.#isNew(error.path)) this.diagnostics.push(fileDiagnostic(error))
  }

  #isNew(path: string): boolean {
    const known = this.#reported.has(path)
    this.#reported.add(path)
    return !known
  }
}

/** A folder that can't be listed. */
export function fileDiagnostic(error: FileError, location: Diagnostic['location'] = null): Diagnostic {
  if (error.code === 'EILSEQ') {
    return diagnostic('unsupported-name', location, { path: error.path, reason: 'invalid-utf8' })
  }
  return diagnostic('unreadable', location, { path: error.path, reason: error.message })
}
