import { linkSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, refusal } from '../file-error.ts'

/** Where files are put in place: the root of the tree and the folder of the journal, both absolute. */
export interface Site {
  readonly root: string
  readonly folder: string
}

/** The new bytes of a step of the journal. */
export function newFile({ folder }: Site, index: number): string {
  return join(folder, 'new', String(index))
}

/** The old bytes of a step of the journal. */
export function oldFile({ folder }: Site, index: number): string {
  return join(folder, 'old', String(index))
}

/** Takes away what is not needed any more once no journal tells of it. */
export function clear({ folder }: Site): void {
  for (const name of ['new', 'old']) rmSync(join(folder, name), { recursive: true, force: true })
}

/** Those above first. */
export function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** Puts a file where nothing is; unlike a rename it takes no place of what somebody has put there in between. */
export function moveIn(from: string, target: string): void {
  const linked = attempt(target, () => linkSync(from, target))
  if (linked.ok) return
  // Not every file system has files with two names.
  if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes(linked.error.code)) {
    throw refusal(linked.error.code, linked.error.message)
  }
  renameSync(from, target)
}
