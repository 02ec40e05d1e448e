import { randomBytes } from 'node:crypto'
import { closeSync, lstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cacheEntryText, type Blob, type CacheEntry } from '../model/cache-entry.ts'
import type { FileError } from '../model/ports.ts'
import type { TreeEntry } from '../model/tree.ts'
import { blobPath, bytesOnDisk, entryPath, TEMPORARY } from './action-cache-layout.ts'
import { isSystemError, refusal } from './file-error.ts'

export interface CacheSource {
  output(entry: TreeEntry): Iterable<Uint8Array>
  log(): Iterable<Uint8Array>
  /** Whether what is there was seen to be wrong, in this place or another: all of it is written again. */
  readonly anew: boolean
}

export interface CacheWriter {
  /** `null`: it is there. */
  put(entry: CacheEntry, source: CacheSource): FileError | null
  /** In bytes. */
  readonly added: number
}

/** @param cache absolute path */
export function createCacheWriter(cache: string): CacheWriter {
  const shelves = new Set<string>()
  let added = 0
  const write = (target: string, chunks: Iterable<Uint8Array>): void => {
    const shelf = dirname(target)
    if (!shelves.has(shelf)) shelves.add(makeShelf(shelf))
    added += bytesOnDisk(writeApart(target, chunks))
  }
  return {
    get added() {
      return added
    },
    put: (entry, source) => {
      const target = entryPath(cache, entry.key)
      const putBlob = ({ digest, size }: Blob, chunks: () => Iterable<Uint8Array>): void => {
        const blob = blobPath(cache, digest)
        if (source.anew || !isThere(blob, size)) write(blob, chunks())
      }
      try {
        // The entry last: whoever finds it finds what it names.
        for (const output of entry.outputs) putBlob(output, () => source.output(output))
        if (entry.log !== null) putBlob(entry.log, source.log)
        write(target, [Buffer.from(cacheEntryText(entry))])
        return null
      } catch (error) {
        if (!isSystemError(error)) throw error
        return { code: error.code, path: target, message: error.message }
      }
    },
  }
}

/** A folder of its own, so that nothing is written where a link leads. */
function makeShelf(path: string): string {
  mkdirSync(path, { recursive: true })
  for (const folder of [dirname(path), path]) {
    if (!lstatSync(folder).isDirectory()) throw refusal('ENOTDIR', `${folder} is not a folder`)
  }
  return path
}

/** Cut off or grown it is written anew; whether its bytes are right is seen when it is read. */
function isThere(path: string, size: number): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat !== undefined && stat.isFile() && stat.size === size
}

/** Returns how many bytes it wrote. */
function writeApart(target: string, chunks: Iterable<Uint8Array>): number {
  const temporary = join(dirname(target), `${TEMPORARY}${randomBytes(8).toString('hex')}`)
  const file = openSync(temporary, 'wx')
  let written = 0
  try {
    try {
      for (const chunk of chunks) {
        for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at)
        written += chunk.length
      }
    } finally {
      closeSync(file)
    }
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  return written
}
