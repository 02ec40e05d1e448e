import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { sha256, type Digest } from '../model/digest.ts'
import type { RunFolder } from '../model/ports.ts'
import { replaceAtomically, syncFolder } from './atomic-file.ts'
import { fileChunks } from './file-chunks.ts'
import { attempt, isSystemError, refusal } from './file-error.ts'
import { readFilePart } from './file-part.ts'
import { growingFiles } from './growing-files.ts'
import { filesIn } from './recorded-run.ts'
import { isMarked, markRun, type RunMark } from './run-mark.ts'
import { LATEST } from './run-names.ts'
import { removeTree } from './scratch.ts'

/** The first files of a run, by path: they are there as soon as its folder is. */
export type Opening = (name: string) => Readonly<Record<string, string>>

/**
 * Makes the folder of a new run under `parent` (absolute), named `<UTC time>-<8 hex>`, and points `latest` at it. It is made
 * under another name and renamed, so that nobody ever sees a run without its first files.
 *
 * @param at milliseconds since the Unix epoch
 */
export function createRunFolder(parent: string, at: number, opening: Opening = () => ({})): RunFolder {
  makeFolders(parent)
  removeAbandoned(parent)
  const name = `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z-${randomBytes(4).toString('hex')}`
  const mark = markRun(parent, name)
  if (mark === null) throw refusal('EEXIST', `there is a run ${name} already`)
  const path = join(parent, name)
  const draft = join(parent, `.${name}.new`)
  try {
    const first = Object.entries(opening(name))
    mkdirSync(draft)
    for (const [file, bytes] of first) writeFileSync(join(draft, file), bytes, { flush: true })
    renameSync(draft, path)
    syncFolder(parent)
    pointLatest(parent, name)
    return runFolderAt(path, mark, new Map(first.map(([file, bytes]) => [file, sha256(bytes)])))
  } catch (error) {
    for (const folder of [draft, path]) removeTree(folder)
    mark.remove()
    throw error
  }
}

const ABANDONED = /^\.(.+)\.(?:alive|latest|new|removed)$/

/** What a process that was killed left beside the runs. */
function removeAbandoned(parent: string): void {
  const entries = attempt(parent, () => readdirSync(parent))
  for (const entry of entries.ok ? entries.value : []) {
    const name = ABANDONED.exec(entry)?.[1]
    // Another run may be removing it at this moment.
    if (name !== undefined && !isMarked(parent, name)) attempt(entry, () => removeTree(join(parent, entry)))
  }
}

/** Gives a folder (`.codex`) a .gitignore of `*`. */
export function ignoreItself(folder: string): void {
  makeFolders(folder)
  const file = join(folder, '.gitignore')
  if (!existsSync(file)) writeFileSync(file, '*\n')
}

/** Step by step: with `recursive`, Node.js 20 tries for ever where a file system answers that its own folder is not there (/proc). */
export function makeFolders(path: string): void {
  try {
    makeFolder(path)
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'ENOENT') throw error
    makeFolders(dirname(path))
    makeFolder(path)
  }
}

/** The folder above has to be there. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path)
  } catch (error) {
    if (!isSystemError(error) || (error.code !== 'EEXIST' && !existsSync(path))) throw error
  }
}

/** Points `latest` at a run; replaced by a rename, because two runs may start at once. */
export function pointLatest(parent: string, name: string): void {
  const temporary = join(parent, `.${name}.latest`)
  symlinkSync(name, temporary)
  try {
    renameSync(temporary, join(parent, LATEST))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function runFolderAt(path: string, mark: RunMark, first: ReadonlyMap<string, Digest>): RunFolder {
  const digests = new Map<string, Digest>(first)
  const resolve = resolverIn(path)
  const growing = growingFiles(resolve)
  return {
    name: basename(path),
    path,
    resolve,
    write: (file, bytes) => {
      writeFileSync(resolve(file), bytes)
      digests.set(file, sha256(bytes))
    },
    writeAtomically: (file, bytes) => {
      if (!mark.held()) throw refusal('ESTALE', 'another process has taken this run over')
      replaceAtomically(resolve(file), bytes)
      digests.set(file, sha256(bytes))
    },
    append: (file, bytes) => growing.append(file, bytes),
    sync: (file) => growing.sync(file),
    flush: (file) => growing.flush(file),
    closeFile: (file) => growing.close(file),
    note: (file, digest) => void digests.set(file, digest),
    digests: () => new Map([...digests, ...growing.digests()]),
    chunks: (file) => fileChunks(join(path, file)),
    part: (file, size) => readFilePart(path, file, size),
    list: () => filesIn(path),
    remove: (file) => {
      rmSync(join(path, file), { force: true })
      digests.delete(file)
    },
    close: () => {
      growing.closeAll()
      mark.remove()
    },
  }
}

/** Makes the folder of each file that it is asked for. */
function resolverIn(path: string): (file: string) => string {
  const made = new Set<string>([path])
  return (file) => {
    const absolute = join(path, file)
    const folder = dirname(absolute)
    if (!made.has(folder)) {
      makeFolders(folder)
      made.add(folder)
    }
    return absolute
  }
}
