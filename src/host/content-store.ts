import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fstatSync,
  lstatSync,
  futimesSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
  type Stats,
} from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import type { ContentStore, FileError } from '../model/ports.ts'
import { SOURCE_DATE_EPOCH } from '../model/view.ts'
import type { Result } from '../model/result.ts'
import type { TreeEntry } from '../model/tree.ts'
import { fileChunks } from './file-chunks.ts'
import { attempt, refusal } from './file-error.ts'

/** Files up to this size are read at once and named by their digest as they are written. */
const ONE_READ = 256 * 1024

/** Bytes of such files that are kept in memory, in all; the next ones go to disk. Making a file costs more than filling it. */
const MOST_HELD = 64 * 1024 * 1024

/** The store on disk, with what the executor needs beside the port. */
export interface DiskContentStore extends ContentStore {
  /** Makes a copy at `target` (absolute, not there yet) with the mode and the time that actions see. */
  show(entry: TreeEntry, target: string): void
  /** Takes in a regular file that nobody else can change any more. `path` is its name in the tree. */
  keep(absolute: string, path: string): TreeEntry
  /** Takes in a regular file of somebody else's that is said to be this one; false if its bytes are not. */
  receive(absolute: string, said: TreeEntry): boolean
}

/** `folder` must exist and be private; `root` is the workspace. At most `held` bytes of small files stay in memory. */
export function createContentStore(root: string, folder: string, held: number = MOST_HELD): DiskContentStore {
  const staged = new Map<string, Result<TreeEntry, FileError>>()
  const small = new SmallBlobs(folder, held)
  const writer = blobWriter(folder, small)
  const locate = createLocator(root)
  const blob = (entry: TreeEntry): string => join(folder, blobName(entry.digest, entry.executable))
  const read = (entry: TreeEntry): Uint8Array => small.held(entry) ?? readFileSync(blob(entry))
  return {
    show: (entry, target) => {
      // Blocks of a file that is written and soon removed are never allocated; those of a file that the kernel copied are.
      if (entry.size < ONE_READ) writeSealed(target, read(entry), entry.executable)
      else copySealed(blob(entry), target)
    },
    keep: (absolute, path) => writer.copyIn(absolute, path),
    receive: (absolute, said) => writer.receive(absolute, said),
    stage: (path) => {
      const known = staged.get(path)
      if (known) return known
      const result = attempt(path, () => writer.copyIn(locate(path), path))
      staged.set(path, result)
      return result
    },
    add: (path, bytes, executable = false) => writer.keepBytes(bytes, { path, executable }),
    read,
    chunks: (entry) => (entry.size < ONE_READ ? [read(entry)] : fileChunks(blob(entry))),
    export: (entry, target) => {
      mkdirSync(dirname(target), { recursive: true })
      if (entry.size < ONE_READ) writeFileSync(target, read(entry))
      else copyFileSync(blob(entry), target, constants.COPYFILE_FICLONE)
      chmodSync(target, (entry.executable ? 0o777 : 0o666) & ~process.umask())
    },
  }
}

function blobName(digest: string, executable: boolean): string {
  return executable ? `${digest}.x` : digest
}

/**
 * Links within the workspace are followed here, once, so that the file itself can be opened without following any.
 * Folders are remembered: a pack has many files in few of them.
 */
function createLocator(root: string): (path: string) => string {
  const folders = new Map<string, string>()
  const prefix = root.endsWith(sep) ? root : root + sep
  const inside = (real: string, path: string): string => {
    if (real !== root && !real.startsWith(prefix)) throw refusal('EXDEV', `${path} lies outside of the workspace`)
    return real
  }
  const folderOf = (folder: string): string => {
    const known = folders.get(folder)
    if (known !== undefined) return known
    const real = inside(realpathSync.native(folder), folder)
    folders.set(folder, real)
    return real
  }
  return (path) => {
    const absolute = join(root, path)
    const file = join(folderOf(dirname(absolute)), basename(absolute))
    return lstatSync(file).isSymbolicLink() ? inside(realpathSync.native(file), path) : file
  }
}

interface BlobWriter {
  copyIn(absolute: string, path: string): TreeEntry
  keepBytes(bytes: Uint8Array, about: Pick<TreeEntry, 'path' | 'executable'>): TreeEntry
  receive(absolute: string, said: TreeEntry): boolean
}

function blobWriter(folder: string, small: SmallBlobs): BlobWriter {
  const buffer = Buffer.allocUnsafe(ONE_READ)
  const copy = (source: number, path: string, { executable, most }: CopyOptions): TreeEntry => {
    const length = fill(source, buffer)
    if (length < buffer.length) return small.keep(buffer.subarray(0, length), { path, executable })
    return keepLarge(folder, { source, buffer, path, executable, most })
  }
  return {
    keepBytes: (bytes, about) => (bytes.length < ONE_READ ? small.keep(bytes, about) : keepWhole(folder, bytes, about)),
    copyIn: (absolute, path) =>
      withRegular(absolute, path, (source, { mode }) =>
        copy(source, path, { executable: (mode & 0o111) !== 0, most: Infinity }),
      ),
    // Of the size that is said and no more, because whoever can put a file there can put an endless one.
    receive: (absolute, { path, digest, executable, size }) =>
      withRegular(absolute, path, (source, stat) =>
        stat.size === size ? copy(source, path, { executable, most: size }).digest === digest : false,
      ),
  }
}

interface CopyOptions {
  readonly executable: boolean
  /** How many bytes are wanted, roughly. */
  readonly most: number
}

function withRegular<T>(absolute: string, path: string, use: (file: number, stat: Stats) => T): T {
  const file = openSync(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) throw refusal('EINVAL', `${path} is not a regular file`)
    return use(file, stat)
  } finally {
    closeSync(file)
  }
}

/** Reads until the buffer is full or the file ends; returns the bytes read. */
function fill(source: number, buffer: Buffer): number {
  let length = 0
  while (length < buffer.length) {
    const got = readSync(source, buffer, length, buffer.length - length, null)
    if (got === 0) break
    length += got
  }
  return length
}

/** Files of less than {@link ONE_READ}: the first in memory, the others under their names in a folder. */
class SmallBlobs {
  readonly #folder: string
  readonly #held = new Map<string, Uint8Array>()
  /** Names of those that are on disk: only this process writes to the folder. */
  readonly #written = new Set<string>()
  /** How many bytes more may be held. */
  #room: number

  constructor(folder: string, room: number) {
    this.#folder = folder
    this.#room = room
  }

  held({ digest, executable }: TreeEntry): Uint8Array | undefined {
    return this.#held.get(blobName(digest, executable))
  }

  /** Keeps a copy of the bytes. */
  keep(bytes: Uint8Array, { path, executable }: Pick<TreeEntry, 'path' | 'executable'>): TreeEntry {
    const digest = createHash('sha256').update(bytes).digest('hex')
    const name = blobName(digest, executable)
    const entry = { path, digest, executable, size: bytes.length }
    if (this.#held.has(name) || this.#written.has(name)) return entry
    if (bytes.length <= this.#room) {
      this.#room -= bytes.length
      this.#held.set(name, Uint8Array.from(bytes))
    } else {
      // What is there under this name was not written to its end: a full disk, on which there may be room again.
      writeSealed(join(this.#folder, name), bytes, executable)
      this.#written.add(name)
    }
    return entry
  }
}

function writeSealed(target: string, bytes: Uint8Array, executable: boolean): void {
  const file = openSync(target, 'w')
  try {
    writeAll(file, bytes)
    seal(file, executable)
  } finally {
    closeSync(file)
  }
}

function copySealed(blob: string, target: string): void {
  copyFileSync(blob, target, constants.COPYFILE_FICLONE)
  utimesSync(target, SOURCE_DATE_EPOCH, SOURCE_DATE_EPOCH)
}

interface LargeFile {
  readonly source: number
  /** Full of the file's first bytes. */
  readonly buffer: Buffer
  readonly path: string
  readonly executable: boolean
  /** Reading ends soon after so many bytes. */
  readonly most: number
}

function keepLarge(folder: string, { source, buffer, path, executable, most }: LargeFile): TreeEntry {
  const temporary = join(folder, `.${randomBytes(8).toString('hex')}`)
  const file = openSync(temporary, 'wx')
  const hash = createHash('sha256')
  let size = 0
  try {
    for (let length = buffer.length; length > 0 && size <= most; length = fill(source, buffer)) {
      const bytes = buffer.subarray(0, length)
      hash.update(bytes)
      writeAll(file, bytes)
      size += length
    }
    seal(file, executable)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
  const digest = hash.digest('hex')
  renameSync(temporary, join(folder, blobName(digest, executable)))
  return { path, digest, executable, size }
}

function keepWhole(folder: string, bytes: Uint8Array, about: Pick<TreeEntry, 'path' | 'executable'>): TreeEntry {
  const digest = createHash('sha256').update(bytes).digest('hex')
  const temporary = join(folder, `.${randomBytes(8).toString('hex')}`)
  try {
    writeSealed(temporary, bytes, about.executable)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  renameSync(temporary, join(folder, blobName(digest, about.executable)))
  return { ...about, digest, size: bytes.length }
}

/** Gives a blob the mode that actions see, whatever the caller's umask is, and the time. */
function seal(file: number, executable: boolean): void {
  fchmodSync(file, executable ? 0o755 : 0o644)
  futimesSync(file, SOURCE_DATE_EPOCH, SOURCE_DATE_EPOCH)
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}
