import { createHash, randomBytes, type Hash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { sha256, type Digest } from '../model/digest.ts'
import type { RunFolder } from '../model/ports.ts'
import { fileChunks } from './file-chunks.ts'
import { isSystemError } from './file-error.ts'

/** The pointer to the newest run, beside the runs. */
export const LATEST = 'latest'

/**
 * Makes the folder of a new run under `parent` (absolute), named `<UTC time>-<8 hex>`, and points `latest` at it.
 * `stateFolder` (`.codex`) gets a .gitignore of `*`, so that it ignores itself.
 */
export function createRunFolder(parent: string, at: number, stateFolder: string | null): RunFolder {
  if (stateFolder !== null) ignoreItself(stateFolder)
  makeFolders(parent)
  const name = `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z-${randomBytes(4).toString('hex')}`
  const path = join(parent, name)
  mkdirSync(path)
  pointLatest(parent, name)
  return runFolderAt(path, name)
}

function ignoreItself(folder: string): void {
  makeFolders(folder)
  const file = join(folder, '.gitignore')
  if (!existsSync(file)) writeFileSync(file, '*\n')
}

/** Step by step: with `recursive`, Node.js 20 tries for ever where a file system answers that its own folder is not there (/proc). */
function makeFolders(path: string): void {
  if (existsSync(path)) return
  makeFolders(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'EEXIST') throw error
  }
}

/** Replaced by a rename, because two runs may start at once. */
function pointLatest(parent: string, name: string): void {
  const temporary = join(parent, `.${name}`)
  symlinkSync(name, temporary)
  try {
    renameSync(temporary, join(parent, LATEST))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function runFolderAt(path: string, name: string): RunFolder {
  const digests = new Map<string, Digest>()
  const made = new Set<string>([path])
  const resolve = (file: string): string => {
    const absolute = join(path, file)
    const folder = dirname(absolute)
    if (!made.has(folder)) {
      makeFolders(folder)
      made.add(folder)
    }
    return absolute
  }
  const growing = growingFiles(resolve)
  return {
    name,
    path,
    resolve,
    write: (file, bytes) => {
      writeFileSync(resolve(file), bytes)
      digests.set(file, sha256(bytes))
    },
    writeAtomically: (file, bytes) => {
      replaceAtomically(resolve(file), bytes)
      digests.set(file, sha256(bytes))
    },
    append: (file, bytes) => growing.append(file, bytes),
    closeFile: (file) => growing.close(file),
    note: (file, digest) => void digests.set(file, digest),
    digests: () => new Map([...digests, ...growing.digests()]),
    chunks: (file) => fileChunks(join(path, file)),
    close: () => growing.closeAll(),
  }
}

interface GrowingFiles {
  append(file: string, bytes: Uint8Array | string): void
  close(file: string): void
  closeAll(): void
  digests(): ReadonlyMap<string, Digest>
}

/** Files that are written from their beginning to their end, and hashed on the way. */
function growingFiles(resolve: (file: string) => string): GrowingFiles {
  const open = new Map<string, number>()
  const hashes = new Map<string, Hash>()
  const start = (file: string): number => {
    const descriptor = openSync(resolve(file), hashes.has(file) ? 'a' : 'ax')
    open.set(file, descriptor)
    return descriptor
  }
  const hashOf = (file: string): Hash => {
    const hash = hashes.get(file) ?? createHash('sha256')
    hashes.set(file, hash)
    return hash
  }
  const close = (file: string): void => {
    const descriptor = open.get(file)
    if (descriptor === undefined) return
    open.delete(file)
    closeSync(descriptor)
  }
  return {
    append: (file, bytes) => {
      const descriptor = open.get(file) ?? start(file)
      const chunk = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
      for (let at = 0; at < chunk.length;) at += writeSync(descriptor, chunk, at)
      hashOf(file).update(chunk)
    },
    close,
    closeAll: () => {
      for (const file of open.keys()) close(file)
    },
    digests: () => new Map([...hashes].map(([file, hash]) => [file, hash.copy().digest('hex')])),
  }
}

/** Write, fsync, rename, fsync of the folder: after a crash there are the old bytes or the new ones, never a mixture. */
export function replaceAtomically(target: string, bytes: Uint8Array | string): void {
  const temporary = `${target}.${randomBytes(4).toString('hex')}`
  try {
    writeFileSync(temporary, bytes, { flush: true })
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  const folder = openSync(dirname(target), 'r')
  fsyncSync(folder)
  closeSync(folder)
}
