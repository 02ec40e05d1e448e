import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { FileError } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { attempt, refusal } from './file-error.ts'

/** Why a file (absolute path) can't be written, as far as that can be told before it is tried; `null`: nothing stands in the way. */
export function obstacleTo(path: string): FileError | null {
  const folder = attempt(path, () => accessSync(dirname(path), constants.W_OK | constants.X_OK))
  if (!folder.ok) return folder.error
  const there = attempt(path, () => statSync(path))
  if (!there.ok) return there.error.code === 'ENOENT' ? null : there.error
  if (there.value.isDirectory()) return { code: 'EISDIR', path, message: 'it is a folder' }
  const writable = attempt(path, () => accessSync(path, constants.W_OK))
  return writable.ok ? null : writable.error
}

/** Writes a whole file (absolute path), over one that is there. */
export function writeResult(path: string, text: string): Result<null, FileError> {
  const written = attempt(path, () => writeFileSync(path, text))
  return written.ok ? ok(null) : err(written.error)
}

/** How many bytes there is room for in a regular file (absolute path) that may hold `most`; 0 where there is no such file. */
export function roomWithin(path: string, most: number): number {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat?.isFile() ? Math.max(0, most - stat.size) : 0
}

/**
 * Appends to a regular file (absolute path) that is there already, unless it would become longer than `most` bytes. Gives
 * whether it did; nothing else that may stand at the path is touched.
 */
export function appendWithin(path: string, text: string, most: number): boolean {
  const appended = attempt(path, () => {
    if (!lstatSync(path).isFile()) throw refusal('EINVAL', 'not a regular file')
    const file = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const bytes = Buffer.from(text)
      const stat = fstatSync(file)
      if (!stat.isFile() || stat.size + bytes.length > most) return false
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
      return true
    } finally {
      closeSync(file)
    }
  })
  return appended.ok && appended.value
}
