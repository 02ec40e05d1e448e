import { existsSync, mkdirSync, readFileSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '../../model/result.ts'
import { APPLY_FOLDER, type Settled, type TreeProblem, type WorkingTree } from '../../model/working-tree.ts'
import { isSystemError } from '../file-error.ts'
import { STATE } from '../folders.ts'
import { ignoreItself } from '../run-folder.ts'
import { markRun } from '../run-mark.ts'
import { isNoted } from './journal.ts'
import { putFiles } from './put.ts'
import { settle } from './settle.ts'
import type { Site } from './site.ts'
import { openRegular, standingAt, statOf } from './standing.ts'

/**
 * Holds the files of a workspace (absolute, no link) against everybody else who would put files there through codex, after
 * what a killed process has left half done was finished or taken back. `look`: neither is done, and nothing is put there.
 */
export function openWorkingTree(root: string, { look }: { readonly look: boolean }): Result<WorkingTree, TreeProblem> {
  const site: Site = { root, folder: join(root, APPLY_FOLDER) }
  const own = [STATE, APPLY_FOLDER, `${APPLY_FOLDER}/new`, `${APPLY_FOLDER}/old`]
  const linked = own.find((path) => statOf(join(root, path))?.isDirectory() === false)
  if (linked !== undefined) return err({ kind: 'linked-state', path: linked })
  if (look) {
    if (isNoted(site.folder)) return err({ kind: 'unsettled' })
    return ok(treeAt(site, { settled: null, isHeld: () => false, release: () => {} }))
  }
  try {
    ignoreItself(join(root, STATE))
    const mark = markRun(join(root, STATE), 'apply')
    if (mark === null) return err({ kind: 'busy' })
    const settled = settledAt(site)
    if (!settled.ok) {
      mark.remove()
      return settled
    }
    return ok(treeAt(site, { settled: settled.value, isHeld: mark.held, release: mark.remove }))
  } catch (error) {
    if (!isSystemError(error)) throw error
    return err({ kind: 'host', error: { code: error.code, path: error.path ?? '', message: error.message } })
  }
}

function settledAt(site: Site): Result<Settled | null, TreeProblem> {
  if (!existsSync(site.folder)) mkdirSync(site.folder, { mode: 0o700 })
  return settle(site)
}

function treeAt(
  site: Site,
  { settled, isHeld, release }: { settled: Settled | null; isHeld: () => boolean; release: () => void },
): WorkingTree {
  return {
    settled,
    stand: (path) => standingAt(site.root, path),
    read: (path) => readWhole(join(site.root, path)),
    put: (steps) => putFiles(site, steps, isHeld),
    release,
  }
}

function readWhole(absolute: string): Uint8Array {
  const file = openRegular(absolute)
  try {
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}
