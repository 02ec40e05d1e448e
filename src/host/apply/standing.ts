// What stands in a working tree, no link followed.
import { createHash } from 'node:crypto'
import { constants, closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync, type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import type { FileState } from '../../model/change.ts'
import type { Standing } from '../../model/working-tree.ts'
import { attempt, refusal } from '../file-error.ts'

/** What stands at a path below `root` (absolute). */
export function standingAt(root: string, path: string): Standing {
  const found = attempt(path, () => look(root, path))
  return found.ok ? found.value : { kind: 'unreadable', message: found.error.message }
}

function look(root: string, path: string): Standing {
  const above = obstacleAbove(root, path)
  if (above) return above
  const absolute = join(root, path)
  const stat = statOf(absolute)
  if (stat === null) return { kind: 'nothing' }
  if (stat.isFile()) return { kind: 'file', state: stateOf(absolute) }
  return stat.isDirectory() ? { kind: 'folder', files: [...filesBelow(root, path)] } : { kind: 'other' }
}

/** The first on the way to a path that is there and no folder; `null`: there is none. */
export function obstacleAbove(root: string, path: string): Extract<Standing, { kind: 'below' }> | null {
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
    const above = path.slice(0, end)
    const stat = statOf(join(root, above))
    if (stat === null) return null
    if (!stat.isDirectory()) return { kind: 'below', path: above, is: stat.isFile() ? 'file' : 'other' }
  }
  return null
}

/** `null`: nothing is there. */
export function statOf(absolute: string): BigIntStats | null {
  const stat = attempt(absolute, () => lstatSync(absolute, { bigint: true }))
  if (stat.ok) return stat.value
  if (stat.error.code === 'ENOENT' || stat.error.code === 'ENOTDIR') return null
  throw refusal(stat.error.code, stat.error.message)
}

/** Of a regular file (absolute). */
export function stateOf(absolute: string): FileState {
  const file = openRegular(absolute)
  try {
    const hash = createHash('sha256')
    const buffer = Buffer.allocUnsafe(128 * 1024)
    let size = 0
    for (let got = readSync(file, buffer); got > 0; got = readSync(file, buffer)) {
      hash.update(buffer.subarray(0, got))
      size += got
    }
    return { digest: hash.digest('hex'), executable: isExecutable(fstatSync(file).mode), size }
  } finally {
    closeSync(file)
  }
}

/** Opens a regular file (absolute), no link and nothing that would have to be waited for. */
export function openRegular(absolute: string): number {
  const file = openSync(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  if (fstatSync(file).isFile()) return file
  closeSync(file)
  throw refusal('EINVAL', `${absolute} is not a regular file`)
}

export function isExecutable(mode: number): boolean {
  return (mode & 0o111) !== 0
}

export function isState(standing: Standing, state: FileState | null): boolean {
  if (state === null) return standing.kind === 'nothing'
  return standing.kind === 'file' && isSameState(standing.state, state)
}

export function isSameState(left: FileState, right: FileState): boolean {
  return left.digest === right.digest && left.executable === right.executable && left.size === right.size
}

function* filesBelow(root: string, folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) yield* filesBelow(root, path)
    else yield path
  }
}
