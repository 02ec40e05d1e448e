import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Write, fsync, rename, fsync of the folder: after a crash there are the old bytes or the new ones, never a mixture. What a kill
 * may leave beside it is called `<file>.<8 hex>`.
 */
export function replaceAtomically(target: string, bytes: Uint8Array | string): void {
  const temporary = `${target}.${randomBytes(4).toString('hex')}`
  try {
    writeFileSync(temporary, bytes, { flag: 'wx', flush: true })
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncFolder(dirname(target))
}

/** Gets the names in a folder to the disk. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
