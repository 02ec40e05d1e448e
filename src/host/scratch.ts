import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSystemError } from './file-error.ts'

/** A private folder for what lives only as long as a run. */
export interface Scratch {
  /** Absolute, without symlinks. */
  readonly path: string
  /** Makes a fresh folder below it. */
  folder(name: string): string
  remove(): void
}

/** `parent` must be on a local file system; the system's folder for temporary files by default. */
export function createScratch(parent: string = tmpdir()): Scratch {
  const path = mkdtempSync(join(realpathSync(parent), 'codex-'))
  return {
    path,
    folder: (name) => {
      const folder = join(path, name)
      mkdirSync(folder, { mode: 0o700 })
      return folder
    },
    remove: () => removeTree(path),
  }
}

/** Removes a folder whatever permissions an action left on what is in it. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch (error) {
    if (!isSystemError(error)) throw error
    openUp(path)
    rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  }
}

function openUp(path: string): void {
  const pending = [path]
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    if (!lstatSync(folder).isDirectory()) continue
    chmodSync(folder, 0o700)
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) pending.push(join(folder, entry.name))
    }
  }
}
