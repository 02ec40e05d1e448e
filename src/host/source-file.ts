import { randomBytes } from 'node:crypto'
import {
  chownSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { FileError } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { syncFolder } from './atomic-file.ts'
import { attempt, refusal } from './file-error.ts'

/**
 * Puts new bytes into a file of the user's (absolute, no link), as a whole and with the same mode and owner; not where it no
 * longer holds the bytes that the new ones were made from (`ESTALE`).
 */
export function replaceSource(path: string, before: Uint8Array, after: Uint8Array): Result<null, FileError> {
  const replaced = attempt(path, () => {
    const { mode, uid, gid } = statSync(path)
    const temporary = `${path}.${randomBytes(4).toString('hex')}`
    try {
      const file = openSync(temporary, 'wx', mode & 0o777)
      try {
        writeFileSync(file, after)
        fchmodSync(file, mode & 0o7777)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      const own = statSync(temporary)
      if (own.uid !== uid || own.gid !== gid) chownSync(temporary, uid, gid)
      if (!readFileSync(path).equals(before)) throw refusal('ESTALE', 'it has changed meanwhile')
      renameSync(temporary, path)
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
    syncFolder(dirname(path))
  })
  return replaced.ok ? ok(null) : err(replaced.error)
}
