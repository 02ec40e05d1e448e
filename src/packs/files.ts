import type { DirEntry, FileError, Workspace } from '../model/ports.ts'
import { ok } from '../model/result.ts'
import type { Ignores } from './ignore.ts'

/** What a path leads to, links followed. */
export type Found =
  | { readonly at: 'file' | 'dir' | 'other' | 'missing' | 'broken' }
  | { readonly at: 'outside'; /** The link that leaves the workspace. */ readonly through: string }
  | { readonly at: 'unreadable'; readonly reason: string }

export function find(workspace: Workspace, path: string): Found {
  const links = linksTo(workspace, path)
  if (links === null) return { at: 'missing' }
  const { outside } = links
  if (outside !== null) return { at: 'outside', through: outside }
  const real = links.any ? workspace.resolve(path) : ok(path)
  if (real.ok) {
    const kind = workspace.kind(real.value)
    return { at: kind === null || kind === 'symlink' ? 'missing' : kind }
  }
  if (real.error.code === 'EXDEV') return { at: 'outside', through: path }
  if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(real.error.code)) return { at: 'unreadable', reason: real.error.code }
  return { at: workspace.kind(path) === 'symlink' ? 'broken' : 'missing' }
}

/** The first link on the way to a path that leads out of the workspace. */
export function linkOutside(workspace: Workspace, path: string): string | null {
  return linksTo(workspace, path)?.outside ?? null
}

interface Links {
  /** Whether there is a link on the way. */
  readonly any: boolean
  readonly outside: string | null
}

/** `null` where some part of the path does not exist and no link before it leaves the workspace. */
function linksTo(workspace: Workspace, path: string): Links | null {
  let any = false
  for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
    const prefix = end === -1 ? path : path.slice(0, end)
    if (isClosed(workspace, prefix)) return { any: true, outside: null }
    const kind = workspace.kind(prefix)
    if (kind === null) return null
    if (kind === 'symlink') {
      any = true
      const real = workspace.resolve(prefix)
      if (!real.ok && real.error.code === 'EXDEV') return { any, outside: prefix }
      if (!real.ok) return { any, outside: null }
    }
    if (end === -1) return { any, outside: null }
  }
}

/** Whether the folder that a path is in can't be listed, although it is there: what a path leads to is not to be seen then. */
function isClosed(workspace: Workspace, path: string): boolean {
  const parent = workspace.list(path.slice(0, Math.max(0, path.lastIndexOf('/'))))
  return !parent.ok && parent.error.code !== 'ENOENT' && parent.error.code !== 'ENOTDIR'
}

/** Where a path leads through links, and these links; `null`: there is none on the way. */
export function linkedPath(
  workspace: Workspace,
  path: string,
): { readonly real: string; readonly links: readonly string[] } | null {
  const links: string[] = []
  for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
    const prefix = end === -1 ? path : path.slice(0, end)
    if (workspace.kind(prefix) === 'symlink') links.push(prefix)
    if (end === -1) break
  }
  if (links.length === 0) return null
  const real = workspace.resolve(path)
  return { real: real.ok ? real.value : path, links }
}

/** What was met below a folder: anything but folders, and folders that can't be listed. */
export type Met =
  | { readonly path: string; readonly kind: 'file' | 'symlink' | 'other' }
  | { readonly path: string; readonly kind: 'error'; readonly error: FileError }

export interface WalkOptions {
  readonly ignores: Ignores
  /** Whether folders that hold a task.yml, other than the first, are left out. */
  readonly skipPacks: boolean
}

/** What a walk has met, and the folders that it went through. */
export interface Walk {
  readonly met: readonly Met[]
  readonly folders: readonly string[]
}

/** Everything below a folder that git does not ignore, in no particular order. Links are met, not followed. */
export function walk(workspace: Workspace, folder: string, options: WalkOptions): Walk {
  const { ignores, skipPacks } = options
  const met: Met[] = []
  const folders: string[] = []
  const pending = ignores(folder, true) ? [] : [folder]
  for (let dir = pending.pop(); dir !== undefined; dir = pending.pop()) {
    const listed = workspace.list(dir)
    folders.push(dir)
    if (!listed.ok) {
      met.push({ path: dir, kind: 'error', error: listed.error })
      continue
    }
    if (skipPacks && dir !== folder && listed.value.some(isTaskFile)) continue
    for (const { name, kind } of listed.value) {
      const path = dir === '' ? name : `${dir}/${name}`
      if (ignores(path, kind === 'dir')) continue
      if (kind === 'dir') pending.push(path)
      else met.push({ path, kind })
    }
  }
  return { met, folders }
}

export function isTaskFile({ name, kind }: DirEntry): boolean {
  return name === 'task.yml' && kind !== 'dir'
}
