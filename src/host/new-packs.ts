import { randomBytes } from 'node:crypto'
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FileError, Workspace } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { syncFolder } from './atomic-file.ts'
import { attempt, isSystemError } from './file-error.ts'
import { diskWorkspace } from './workspace.ts'

/** The folder of all templates, which is published with the program. */
export function openTemplates(folder: URL): Workspace {
  return diskWorkspace(fileURLToPath(folder))
}

/** A file by its path in the folder, with `/` between parts. */
interface NewFile {
  readonly path: string
  readonly bytes: Uint8Array
  /** Absent: it is not. */
  readonly executable?: boolean
}

/** Whether a program of this name, or at this absolute path, is on the search path (as in PATH) and may be run. */
export function isProgram(name: string, searchPath: string): boolean {
  const folders = name.startsWith('/') ? [''] : searchPath.split(delimiter).filter((folder) => folder !== '')
  if (name === '' || (name.includes('/') && !name.startsWith('/'))) return false
  return folders.some((folder) => isExecutable(join(folder, name)))
}

/** Whether a file (absolute path) is one that may be run. */
export function isExecutable(path: string): boolean {
  const found = attempt(path, () => {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  })
  return found.ok && found.value
}

/**
 * Makes a folder (absolute) with all of its files, or nothing: they are written beside it and moved there in one step, in the
 * order given. `EEXIST` where something is there already, an empty folder apart. What a kill may leave beside it is called
 * `.<name>.<8 hex>`.
 */
export function makeFolder(target: string, files: readonly NewFile[]): Result<null, FileError> {
  const parent = dirname(target)
  const temporary = join(parent, `.${basename(target)}.${randomBytes(4).toString('hex')}`)
  const missing = firstMissing(parent)
  try {
    mkdirSync(parent, { recursive: true })
    mkdirSync(temporary)
    fill(temporary, files)
    // Takes the place of an empty folder, and of nothing else.
    renameSync(temporary, target)
  } catch (error) {
    if (isThere(temporary)) rmSync(temporary, { recursive: true })
    if (missing !== null) removeEmpty(parent, missing)
    if (!isSystemError(error)) throw error
    const isTaken = error.syscall === 'rename' && isThere(target)
    return err({ code: isTaken ? 'EEXIST' : error.code, path: target, message: error.message })
  }
  syncFolder(parent)
  return ok(null)
}

function fill(folder: string, files: readonly NewFile[]): void {
  for (const { path, bytes, executable = false } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes, { flag: 'wx', mode: executable ? 0o777 : 0o666 })
  }
}

/** The uppermost folder that would have to be made for this one; `null`: it is there. */
function firstMissing(folder: string): string | null {
  let missing: string | null = null
  for (let at = folder; !isThere(at) && at !== dirname(at); at = dirname(at)) missing = at
  return missing
}

/** A link that leads nowhere is there as well. */
function isThere(path: string): boolean {
  return attempt(path, () => lstatSync(path)).ok
}

/** Removes folders upwards up to the last one, those that are empty; what somebody else uses meanwhile stays. */
function removeEmpty(from: string, last: string): void {
  for (let at = from; ; at = dirname(at)) {
    attempt(at, () => rmdirSync(at))
    if (at === last) return
  }
}
