import { baseOf, matcher } from '../model/pattern.ts'
import type { Workspace } from '../model/ports.ts'
import { find } from './files.ts'
import type { Ignores } from './ignore.ts'
import { normalisePath } from './paths.ts'

export type NewPlace =
  /** The folder of the new pack, relative to the workspace root. */
  | { readonly ok: true; readonly dir: string }
  | { readonly ok: false; readonly problem: 'leaves'; readonly path: string; readonly through: string | null }
  | { readonly ok: false; readonly problem: 'exists' | 'unmatched' | 'ignored'; readonly path: string }
  /** It is no path at all; `expected`: in words. */
  | { readonly ok: false; readonly problem: 'invalid'; readonly path: string; readonly expected: string }
  /** No pattern of the configuration leaves room for a folder of this name. */
  | { readonly ok: false; readonly problem: 'nowhere' }

export interface NewPlaceOptions {
  /** The new pack's. */
  readonly id: string
  /** Where to make it, relative to the workspace root; the pack's own folder if that ends with the id. `null`: not said. */
  readonly parent: string | null
  /** Of the configuration. */
  readonly patterns: readonly string[]
  readonly ignores: Ignores
}

/** Where a new pack goes, so that it is found there: by default to the first place where packs are looked for. */
export function newPlace(workspace: Workspace, { id, parent, patterns, ignores }: NewPlaceOptions): NewPlace {
  const isMatched = matches(patterns)
  const isFound = (dir: string): boolean => isMatched(dir) && !ignores(dir, true)
  if (parent === null) {
    const candidates = patterns
      .filter((pattern) => !pattern.startsWith('!'))
      .map((pattern) => below(baseOf(pattern), id))
    const dir = candidates.find(isFound) ?? candidates.find(isMatched)
    return dir === undefined ? { ok: false, problem: 'nowhere' } : free(workspace, dir, ignores)
  }
  // With a part below it the root itself is a path like any other.
  const named = normalisePath(`/${below(parent.replace(/\/+$/, ''), id)}`, { dir: '' })
  if (parent.startsWith('/') || (!named.ok && named.problem === 'leaves'))
    return { ok: false, problem: 'leaves', path: parent, through: null }
  if (!named.ok) return { ok: false, problem: 'invalid', path: parent, expected: named.expected }
  const folder = named.path.slice(1, -id.length).replace(/\/$/, '')
  const dir = folder.slice(folder.lastIndexOf('/') + 1) === id ? folder : below(folder, id)
  return isMatched(dir) ? free(workspace, dir, ignores) : { ok: false, problem: 'unmatched', path: dir }
}

function free(workspace: Workspace, dir: string, ignores: Ignores): NewPlace {
  const found = find(workspace, dir)
  if (found.at === 'outside') return { ok: false, problem: 'leaves', path: dir, through: found.through }
  const listed = found.at === 'dir' ? workspace.list(dir) : null
  const isFree =
    workspace.kind(dir) === null || (workspace.kind(dir) === 'dir' && listed?.ok && listed.value.length === 0)
  if (!isFree) return { ok: false, problem: 'exists', path: dir }
  return ignores(dir, true) ? { ok: false, problem: 'ignored', path: dir } : { ok: true, dir }
}

function matches(patterns: readonly string[]): (dir: string) => boolean {
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!')).map((pattern) => matcher(pattern))
  const excluded = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => matcher(pattern.slice(1)))
  return (dir) => wanted.some((matched) => matched(dir)) && !excluded.some((matched) => matched(dir))
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
