import { randomBytes } from 'node:crypto'
import { lstatSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CachePruning, PruneBounds } from '../model/cache-prune.ts'
import { TEMPORARY } from './action-cache-layout.ts'
import { planPruning } from './action-cache-prune.ts'
import { readBounded } from './action-cache-read.ts'
import { writeUsage } from './action-cache-size.ts'
import { attempt, refusal } from './file-error.ts'
import { STATE } from './folders.ts'
import { ignoreItself, makeFolders } from './run-folder.ts'
import { findRoot } from './workspace.ts'

/** In the state folder, when no other is named. */
const OWN = 'cache'
/** Says of which folder it is a part. */
const MADE_HERE = 'made-here'

function makeNamedCache(path: string): string {
  makeFolders(path)
  if (!statSync(path).isDirectory()) throw refusal('ENOTDIR', `${path} is not a folder`)
  return path
}

/** A decision about a cache at an absolute path. */
export interface PlannedPruning extends CachePruning {
  readonly path: string
}

/**
 * What pruning would do to the cache that somebody named (absolute), or to that of the workspace around a folder (absolute);
 * `null`: there is none.
 */
export function planCachePruning(folder: string, named: string | null, bounds: PruneBounds): PlannedPruning | null {
  const path = named ?? join(findRoot(folder), STATE, OWN)
  const stat = attempt(path, () => (named === null ? lstatSync(path) : statSync(path)))
  if (!stat.ok || !stat.value.isDirectory()) return null
  const { before, going, carryOut } = planPruning(path, bounds)
  return {
    path,
    before,
    going,
    carryOut: () => {
      const problem = carryOut()
      // Not known for sure where something could not be removed, so that the next run counts.
      const counted = attempt(path, () => writeUsage(path, problem === null ? before.bytes - going.bytes : Infinity))
      return problem ?? (counted.ok ? null : counted.error.message)
    },
  }
}

/** Makes the folder of a cache: the one that was named (absolute), or the workspace's own; `null` if that is not its own. */
export function makeCacheFolder(workspace: string, named: string | null): string | null {
  return named === null ? makeOwnCache(join(workspace, STATE)) : makeNamedCache(named)
}

/** One that codex did not make is none: a repository can bring it along, with outcomes that never were, and nobody has named it. */
function makeOwnCache(state: string): string | null {
  ignoreItself(state)
  const path = join(state, OWN)
  makeFolders(path)
  return isOwn(path) ? path : null
}

/** A clone or an archive can neither bring along nor foresee the number of a folder and the nanosecond at which it was made. */
function isOwn(path: string): boolean {
  const stat = lstatSync(path, { bigint: true })
  // Some file systems don't keep that time.
  if (!stat.isDirectory() || stat.birthtimeNs <= 0n) return false
  const file = join(path, MADE_HERE)
  const mark = `${stat.ino} ${stat.birthtimeNs}\n`
  const isMarked = (): boolean => {
    const read = attempt(file, () => readBounded(file, (size) => size === mark.length))
    return read.ok && read.value?.bytes.toString('latin1') === mark
  }
  if (isMarked()) return true
  // Another run may have made it just now, and marked it before it put anything in.
  if (readdirSync(path).some((name) => !name.startsWith(TEMPORARY))) return isMarked()
  const temporary = join(path, `${TEMPORARY}${randomBytes(8).toString('hex')}`)
  writeFileSync(temporary, mark, { flag: 'wx' })
  renameSync(temporary, file)
  return true
}
