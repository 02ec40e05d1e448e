import { randomBytes } from 'node:crypto'
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
import type { RunFolder } from '../model/ports.ts'
import { fileChunks } from './file-chunks.ts'
import { isSystemError } from './file-error.ts'

/** The pointer to the newest run, beside the runs. */
const LATEST = 'latest'

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
  const open = new Map<string, number>()
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
  return {
    name,
    path,
    resolve,
    write: (file, bytes) => writeFileSync(resolve(file), bytes),
    writeAtomically: (file, bytes) => replaceAtomically(resolve(file), bytes),
    append: (file, bytes) => {
      let descriptor = open.get(file)
      if (descriptor === undefined) {
        descriptor = openSync(resolve(file), 'a')
        open.set(file, descriptor)
      }
      const chunk = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
      for (let at = 0; at < chunk.length;) at += writeSync(descriptor, chunk, at)
    },
    closeFile: (file) => {
      const descriptor = open.get(file)
      if (descriptor === undefined) return
      open.delete(file)
      closeSync(descriptor)
    },
    chunks: (file) => fileChunks(join(path, file)),
    close: () => {
      for (const descriptor of open.values()) closeSync(descriptor)
      open.clear()
    },
  }
}

/** Write, fsync, rename, fsync of the folder: after a crash there are the old bytes or the new ones, never a mixture. */
function replaceAtomically(target: string, bytes: Uint8Array | string): void {
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
