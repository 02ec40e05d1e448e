import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { compareBytes } from '../model/order.ts'
import { placeOf, workspacePath, type Pack, type ResolvedScope } from '../model/pack.ts'
import { baseOf, isPattern } from '../model/pattern.ts'
import type { Location } from '../model/source.ts'
import { LONGEST_PATH } from '../model/view.ts'
import { isPlainName } from './characters.ts'
import { fileDiagnostic } from './discover.ts'
import { walk, type Met } from './files.ts'
import { declaredOutputs } from './outputs.ts'
import { within, type FileContext } from './select-files.ts'

/**
 * What stands in the scope of a change pack; absent where it has none. A pattern may match nothing: its files may be what the
 * steps make.
 */
export function resolveScope(
  pack: Pack,
  context: FileContext,
): { readonly scope?: ResolvedScope; readonly diagnostics: readonly Diagnostic[] } {
  const patterns = pack.definition.constraints.scope
  if (patterns.length === 0) return { diagnostics: [] }
  const found = new Scope(pack, context)
  for (const [index, pattern] of patterns.entries()) {
    if (!pattern.startsWith('!')) found.add(pattern, placeOf(pack, `/constraints/scope/${index}`))
  }
  const { obstacles, diagnostics } = found
  const reachable = [...found.files].filter((file) => !isBehind(file, obstacles))
  const scope = { files: reachable.toSorted(compareBytes), obstacles: [...obstacles].toSorted(compareBytes) }
  return { scope, diagnostics }
}

class Scope {
  readonly files = new Set<string>()
  readonly obstacles = new Set<string>()
  readonly diagnostics: Diagnostic[] = []
  readonly #pack: Pack
  readonly #context: FileContext
  readonly #left: readonly ((path: string) => boolean)[]

  constructor(pack: Pack, context: FileContext) {
    this.#pack = pack
    this.#context = context
    const excluded = pack.definition.constraints.scope.flatMap((pattern) =>
      pattern.startsWith('!') ? [pattern.slice(1)] : [],
    )
    const outputs = declaredOutputs(pack).map(({ path }) => path)
    this.#left = [...excluded, ...outputs].map((pattern) => within(pattern, pack.dir).test)
  }

  add(pattern: string, place: Location): void {
    const { test, whole } = within(pattern, this.#pack.dir)
    for (const met of this.#search(whole)) if (test(met.path) && !this.#isLeft(met.path)) this.#take(met, place)
  }

  #isLeft(path: string): boolean {
    return this.#left.some((leaves) => leaves(path))
  }

  #take(met: Met, place: Location): void {
    const { path, kind } = met
    if (kind === 'error') this.diagnostics.push(fileDiagnostic(met.error, place))
    else if (!isPlainName(path) || path.length > LONGEST_PATH) {
      const reason = path.length > LONGEST_PATH ? 'too-long' : 'control-character'
      this.diagnostics.push(diagnostic('unsupported-name', place, { path, reason }))
    } else if (kind === 'file') this.files.add(path)
    else this.obstacles.add(path)
  }

  #search(whole: string): readonly Met[] {
    const { workspace, ignores, walks } = this.#context
    const folder = isPattern(whole) || whole.endsWith('/') ? baseOf(whole) : null
    const link = firstLink(workspace, folder ?? whole)
    if (link !== null) {
      this.obstacles.add(link)
      return []
    }
    if (folder === null) {
      const kind = workspace.kind(whole)
      return kind === null || kind === 'dir' || ignores(whole) ? [] : [{ path: whole, kind }]
    }
    if (folder !== '' && workspace.kind(folder) !== 'dir') return []
    const key = `all ${folder}`
    const known = walks.get(key)
    if (known) for (const dir of known.folders) workspace.list(dir)
    const found = known ?? walk(workspace, folder, { ignores, skipPacks: false })
    walks.set(key, found)
    for (const dir of found.folders) {
      if (dir !== '' && workspace.kind(`${dir}/.git`) !== null) this.obstacles.add(dir)
    }
    return found.met
  }
}

/** The first link on the way to a path, the path itself left out; `null`: there is none. */
function firstLink(workspace: FileContext['workspace'], path: string): string | null {
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
    if (workspace.kind(path.slice(0, end)) === 'symlink') return path.slice(0, end)
  }
  return null
}

function isBehind(file: string, obstacles: ReadonlySet<string>): boolean {
  for (let end = file.indexOf('/'); end !== -1; end = file.indexOf('/', end + 1)) {
    if (obstacles.has(file.slice(0, end))) return true
  }
  return false
}

/** The patterns of a scope relative to the workspace root, exclusions left out. */
export function scopePatterns({ dir, definition }: Pack): readonly string[] {
  const { scope } = definition.constraints
  return scope.filter((pattern) => !pattern.startsWith('!')).map((pattern) => workspacePath(dir, pattern))
}

/** Whether a path of the workspace lies in the scope of a pack. */
export function scopeTest({ dir, definition }: Pack): (path: string) => boolean {
  const tests = (exclusions: boolean): readonly ((path: string) => boolean)[] =>
    definition.constraints.scope
      .filter((pattern) => pattern.startsWith('!') === exclusions)
      .map((pattern) => within(pattern.replace(/^!/, ''), dir).test)
  const [included, excluded] = [tests(false), tests(true)]
  return (path) => included.some((takes) => takes(path)) && !excluded.some((leaves) => leaves(path))
}
