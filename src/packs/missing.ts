import type { Workspace } from '../model/ports.ts'
import { isPattern } from '../model/pattern.ts'

import { closest } from '../model/suggest.ts'

/**
 * The path or glob that was likely meant by one that leads nowhere: its first part that does not exist is replaced by the
 * nearest name in that folder; a folder without a wildcard gets one. All relative to the workspace root.
 */
export function likelyPath(workspace: Workspace, path: string): string | null {
  const parts = path.split('/')
  for (const [at, part] of parts.entries()) {
    const folder = parts.slice(0, at).join('/')
    const listed = workspace.list(folder)
    if (isPattern(part) || !listed.ok) return null
    const entry = listed.value.find(({ name }) => name === part)
    const isLast = at === parts.length - 1
    if (entry?.kind === 'dir' && isLast) return `${path}/**`
    if (entry) continue
    const fitting = listed.value.filter(({ kind }) => isLast || kind !== 'file').map(({ name }) => name)
    const near = closest(part, fitting)
    return near === null ? null : [...parts.slice(0, at), near, ...parts.slice(at + 1)].join('/')
  }
  return null
}

/** A path of the workspace as a pack would write it. */
export function asWritten(path: string, dir: string): string {
  if (dir === '') return path
  return path.startsWith(`${dir}/`) ? path.slice(dir.length + 1) : `/${path}`
}
