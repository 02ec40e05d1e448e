// Bundles on the disk. Loaded only where one is made or read.
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Digest } from '../model/digest.ts'
import type { FileError, RecordedRun, Workspace } from '../model/ports.ts'
import { ok, type Result } from '../model/result.ts'
import { fileChunks } from './file-chunks.ts'
import { attempt } from './file-error.ts'
import { recordedRunAt } from './recorded-run.ts'
import { createScratch } from './scratch.ts'
import { diskWorkspace } from './workspace.ts'

/** A private folder that a bundle is unpacked into. Paths are relative to it. */
export interface Unpacking {
  /** Makes a new file, to be written piece by piece. Nothing is replaced, and no link is followed, because there is none. */
  create(path: string, executable: boolean): Result<{ write(chunk: Uint8Array): void; end(): void }, FileError>
  run(path: string): RecordedRun
  workspace(path: string): Workspace
  release(): void
}

export function unpacking(): Unpacking {
  const scratch = createScratch()
  const root = scratch.folder('bundle')
  return {
    create: (path, executable) =>
      attempt(path, () => {
        const target = join(root, path)
        mkdirSync(dirname(target), { recursive: true })
        return growing(openSync(target, 'wx', executable ? 0o755 : 0o644))
      }),
    run: (path) => recordedRunAt(join(root, path)),
    workspace: (path) => {
      mkdirSync(join(root, path), { recursive: true })
      return diskWorkspace(join(root, path))
    },
    release: () => scratch.remove(),
  }
}

function growing(file: number): { write(chunk: Uint8Array): void; end(): void } {
  return {
    write: (chunk) => {
      for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at)
    },
    end: () => closeSync(file),
  }
}

/** The bytes of a file (absolute, a link to it is followed); `null`: there is none. */
export function openBundle(path: string): Iterable<Uint8Array> | null {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() ? fileChunks(realpathSync(path)) : null
}

/** Writes a file (absolute) that is there as a whole or not at all; gives its SHA-256. */
export function saveBundle(path: string, chunks: Iterable<Uint8Array>): Result<Digest, FileError> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}`
  const file = attempt(path, () => openSync(temporary, 'wx', 0o644))
  if (!file.ok) return file
  const hash = createHash('sha256')
  try {
    const { write, end } = growing(file.value)
    for (const chunk of chunks) {
      hash.update(chunk)
      write(chunk)
    }
    end()
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  return ok(hash.digest('hex'))
}
