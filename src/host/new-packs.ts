import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FileError, Workspace } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { syncFolder } from './atomic-file.ts'
import { isSystemError } from './file-error.ts'
import { diskWorkspace } from './workspace.ts'

/** The folder of all templates, which is published with the program. */
export function openTemplates(folder: URL): Workspace {
  return diskWorkspace(fileURLToPath(folder))
}

/** A file by its path in the folder, with `/` between parts. */
interface NewFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * Makes a folder (absolute) with all of its files, or nothing: they are written beside it and moved there in one step, in the
 * order given. `EEXIST` where something is there already, an empty folder apart. What a kill may leave beside it is called
 * `.<name>.<8 hex>`.
 */
export function makeFolder(target: string, files: readonly NewFile[]): Result<null, FileError> {
  const parent = dirname(target)
  const temporary = join(parent, `.${basename(target)}.${randomBytes(4).toString('hex')}`)
  let made: string | undefined
  try {
    made = mkdirSync(parent, { recursive: true })
    mkdirSync(temporary)
    for (const { path, bytes } of files) {
      mkdirSync(dirname(join(temporary, path)), { recursive: true })
      writeFileSync(join(temporary, path), bytes, { flag: 'wx' })
    }
    // Takes the place of an empty folder, and of nothing else.
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    if (made !== undefined) removeEmpty(parent, made)
    if (!isSystemError(error)) throw error
    const isThere = error.syscall === 'rename' && existsSync(target)
    return err({ code: isThere ? 'EEXIST' : error.code, path: target, message: error.message })
  }
  syncFolder(parent)
  return ok(null)
}

/** Removes folders upwards as long as they are empty, the last one included. */
function removeEmpty(from: string, last: string): void {
  try {
    for (let at = from; ; at = dirname(at)) {
      rmdirSync(at)
      if (at === last) return
    }
  } catch {
    // Somebody else has put something there meanwhile, and keeps it.
  }
}
