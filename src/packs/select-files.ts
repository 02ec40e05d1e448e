import { baseOf, isPattern, matcher } from '../model/pattern.ts'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { compareBytes } from '../model/order.ts'
import { placeOf, workspacePath, type Pack } from '../model/pack.ts'
import type { Location } from '../model/source.ts'
import type { Workspace } from '../model/ports.ts'
import { LONGEST_PATH } from '../model/view.ts'
import { isPlainName } from './characters.ts'
import { fileDiagnostic } from './discover.ts'
import { find, walk, type Met, type Walk } from './files.ts'
import type { Ignores } from './ignore.ts'
import { asWritten, likelyPath } from './missing.ts'
import { declaredOutputs } from './outputs.ts'

export interface FileContext {
  readonly workspace: Workspace
  readonly ignores: Ignores
  /** Whether some pack declares an output, or has a scope, that a pattern (relative to the workspace root) could match. */
  readonly isProduced: (pattern: string) => boolean
  /** Everything below a folder, by the folder: several packs may share one. */
  readonly walks: Map<string, Walk>
}

type Test = (path: string) => boolean

/** The source files that a pack's `inputs.files` select, relative to the workspace root and sorted by bytes. */
export function selectFiles(pack: Pack, context: FileContext): { files: readonly string[]; diagnostics: Diagnostic[] } {
  const selection = new Selection(pack, context)
  for (const [index, pattern] of pack.definition.inputs.files.entries()) {
    if (!pattern.startsWith('!')) selection.add(pattern, placeOf(pack, `/inputs/files/${index}`))
  }
  return { files: [...selection.files].toSorted(compareBytes), diagnostics: selection.diagnostics }
}

/**
 * Whether a pack's `inputs.files` select a path of the workspace if a file is there that git does not ignore.
 *
 * @param isElsewhere whether a path is in the folder of a pack below this one
 */
export function sourceTest(pack: Pack, isElsewhere: Test): Test {
  const { dir, definition } = pack
  const tests = (exclusions: boolean, rooted: boolean): Test[] =>
    definition.inputs.files
      .filter((pattern) => pattern.startsWith('!') === exclusions && /^!?\//.test(pattern) === rooted)
      .map((pattern) => within(pattern.replace(/^!/, ''), dir).test)
  const outputs = declaredOutputs(pack).map(({ path }) => within(path, dir).test)
  const excluded = [...tests(true, true), ...tests(true, false), ...outputs]
  const [everywhere, own] = [tests(false, true), tests(false, false)]
  return (path) => {
    if (excluded.some((excludes) => excludes(path))) return false
    return (
      everywhere.some((includes) => includes(path)) || (own.some((includes) => includes(path)) && !isElsewhere(path))
    )
  }
}

class Selection {
  readonly files = new Set<string>()
  readonly diagnostics: Diagnostic[] = []
  readonly #pack: Pack
  readonly #context: FileContext
  readonly #excluded: readonly Test[]
  readonly #outputs: readonly Test[]
  readonly #reported = new Set<string>()

  constructor(pack: Pack, context: FileContext) {
    this.#pack = pack
    this.#context = context
    const { dir, definition } = pack
    this.#excluded = definition.inputs.files
      .filter((pattern) => pattern.startsWith('!'))
      .map((pattern) => within(pattern.slice(1), dir).test)
    this.#outputs = declaredOutputs(pack).map(({ path }) => within(path, dir).test)
  }

  add(pattern: string, place: Location): void {
    const { test, whole } = within(pattern, this.#pack.dir)
    const met = isPattern(pattern) || pattern.endsWith('/') ? this.#search(pattern, whole) : this.#single(whole, place)
    let matched = 0
    for (const one of met) {
      if (one.kind === 'error') this.#unlisted(one, whole, place)
      else if (test(one.path)) {
        matched++
        this.#take(one, place)
      }
    }
    if (matched > 0 || this.#reported.size > 0 || this.#context.isProduced(whole)) return
    const likely = likelyPath(this.#context.workspace, whole)
    const suggestion = likely === null ? null : asWritten(likely, this.#pack.dir)
    this.diagnostics.push(diagnostic('glob-matches-nothing', place, { glob: pattern, suggestion }))
  }

  /** Patterns that stay in the pack's folder leave packs below it alone; those of the workspace do not. */
  #search(pattern: string, whole: string): readonly Met[] {
    const { workspace, ignores, walks } = this.#context
    const skipPacks = !pattern.startsWith('/')
    const folder = skipPacks ? this.#pack.dir : baseOf(whole)
    if (find(workspace, folder).at !== 'dir') return []
    const key = `${skipPacks ? 'pack' : 'all'} ${folder}`
    const known = walks.get(key)
    // Whoever takes note of what this pack depends on has to hear of the folders as well.
    if (known) for (const dir of known.folders) workspace.list(dir)
    const found = known ?? walk(workspace, folder, { ignores, skipPacks })
    walks.set(key, found)
    return found.met
  }

  /** What is named without a wildcard is taken even where git ignores it. */
  #single(path: string, place: Location): readonly Met[] {
    const found = find(this.#context.workspace, path)
    if (found.at === 'file') return [{ path, kind: 'file' }]
    if (found.at === 'other') return [{ path, kind: 'other' }]
    if (found.at === 'broken') return [{ path, kind: 'symlink' }]
    if (found.at === 'unreadable') {
      return [{ path, kind: 'error', error: { code: found.reason, path, message: found.reason } }]
    }
    if (found.at === 'outside')
      this.#report(path, diagnostic('path-leaves-workspace', place, { path, through: found.through }))
    return []
  }

  #take(met: Met, place: Location): void {
    const { path } = met
    if (this.#excluded.some((excludes) => excludes(path)) || this.#outputs.some((makes) => makes(path))) return
    if (!isPlainName(path)) {
      this.#report(path, diagnostic('unsupported-name', place, { path, reason: 'control-character' }))
    } else if (path.length > LONGEST_PATH) {
      this.#report(path, diagnostic('unsupported-name', place, { path, reason: 'too-long' }))
    } else if (met.kind === 'other') {
      this.#report(path, diagnostic('unsupported-file', place, { path, kind: 'fifo-socket-or-device' }))
    } else if (met.kind === 'file' || this.#leadsToFile(path, place)) this.files.add(path)
  }

  /** A link is taken as the file that it leads to; a link to a folder is not searched, because it may lead back. */
  #leadsToFile(path: string, place: Location): boolean {
    const found = find(this.#context.workspace, path)
    const real = this.#context.workspace.resolve(path)
    if (found.at === 'file' && real.ok && isState(real.value)) {
      this.#report(path, diagnostic('unsupported-file', place, { path, kind: 'linked-state' }))
      return false
    }
    if (found.at === 'file') return true
    if (found.at === 'outside') {
      this.#report(path, diagnostic('path-leaves-workspace', place, { path, through: found.through }))
    } else if (found.at === 'dir') {
      if (this.#excluded.some((excludes) => excludes(`${path}/x`))) return false
      this.#report(path, diagnostic('unsupported-file', place, { path, kind: 'linked-folder' }))
    } else {
      const kind = found.at === 'other' ? 'fifo-socket-or-device' : 'broken-symlink'
      this.#report(path, diagnostic('unsupported-file', place, { path, kind }))
    }
    return false
  }

  #unlisted(met: Met & { kind: 'error' }, pattern: string, place: Location): void {
    const base = baseOf(pattern)
    const { path } = met
    const isAbove = path === '' || `${base}/`.startsWith(`${path}/`)
    if (!isAbove && base !== '' && !path.startsWith(`${base}/`)) return
    if (this.#excluded.some((excludes) => excludes(`${path}/x`))) return
    this.#report(met.error.path, fileDiagnostic(met.error, place))
  }

  #report(path: string, complaint: Diagnostic): void {
    if (this.#reported.has(path)) return
    this.#reported.add(path)
    this.diagnostics.push(complaint)
  }
}

/** Whether a path lies in what git and codex keep for themselves, credentials of remotes among it. */
export function isState(path: string): boolean {
  return path.split('/').some((part) => part === '.git' || part === '.codex')
}

/** A pattern of a pack as a test of paths of the workspace. The folder's own name may hold what looks like a wildcard. */
export function within(pattern: string, dir: string): { readonly test: Test; readonly whole: string } {
  const whole = workspacePath(dir, pattern)
  if (pattern.startsWith('/') || dir === '') return { test: matcher(whole), whole }
  const test = matcher(pattern)
  return { test: (path) => path.startsWith(`${dir}/`) && test(path.slice(dir.length + 1)), whole }
}
