import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isChangePath } from '../../model/change-path.ts'
import type { FileState } from '../../model/change.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { TreeStep } from '../../model/working-tree.ts'
import { isSystemError } from '../file-error.ts'
import { replaceAtomically, syncFolder } from '../atomic-file.ts'

/** One step as it is noted before anything is done: its new bytes lie in `new/<index>`, its old ones in `old/<index>`. */
export type NotedStep = Pick<TreeStep, 'path' | 'before' | 'after'>

/** What is to be done to a working tree, so that another process can tell how far it has come. */
export interface Journal {
  readonly steps: readonly NotedStep[]
  /** Folders that have to be made first, those above before those below. */
  readonly made: readonly string[]
  /** Folders that may be gone afterwards, and their modes. */
  readonly folders: readonly { readonly path: string; readonly mode: number }[]
}

const FILE = 'journal.json'

/** @param folder where it is kept, absolute */
export function writeJournal(folder: string, journal: Journal): void {
  replaceAtomically(join(folder, FILE), JSON.stringify(journal))
}

/** Once it is gone there is no way back, so nothing that fails after that counts. */
export function removeJournal(folder: string): void {
  rmSync(join(folder, FILE))
  try {
    syncFolder(folder)
  } catch (error) {
    // Should the machine fail now and the note be there again, all that it asks for is found done.
    if (!isSystemError(error)) throw error
  }
}

/** Whether something is half done. @param folder absolute */
export function isNoted(folder: string): boolean {
  return existsSync(join(folder, FILE))
}

/** `null`: there is none. An error: it is not as codex writes it. */
export function readJournal(folder: string): Result<Journal | null, null> {
  if (!isNoted(folder)) return ok(null)
  let value: unknown
  try {
    value = JSON.parse(readFileSync(join(folder, FILE), 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return err(null)
    throw error
  }
  return isJournal(value) ? ok(value) : err(null)
}

function isJournal(value: unknown): value is Journal {
  if (!isObject(value)) return false
  const { steps, made, folders } = value
  return (
    isListOf(
      steps,
      (step) => isObject(step) && isPath(step['path']) && isState(step['before']) && isState(step['after']),
    ) &&
    isListOf(made, isPath) &&
    isListOf(folders, (folder) => isObject(folder) && isPath(folder['path']) && Number.isInteger(folder['mode']))
  )
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** Whoever could put a journal there could name any path. */
function isPath(value: unknown): value is string {
  return typeof value === 'string' && isChangePath(value)
}

function isState(value: unknown): value is FileState | null {
  if (value === null) return true
  return (
    isObject(value) &&
    typeof value['digest'] === 'string' &&
    typeof value['executable'] === 'boolean' &&
    typeof value['size'] === 'number'
  )
}
