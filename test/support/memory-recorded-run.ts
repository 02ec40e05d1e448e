import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareBytes } from '../../src/model/order.ts'
import type { FilePart, RecordedFile, RecordedRun } from '../../src/model/ports.ts'
import { err, ok } from '../../src/model/result.ts'

export type Bytes = ReadonlyMap<string, Uint8Array>

/** The files of a folder (absolute), by their paths in it. */
export function bytesBelow(folder: string): Bytes {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = found.map((entry) => join(entry.parentPath, entry.name))
  return new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path)]))
}

export interface Recorded extends RecordedRun {
  /** How often each file was read, by its path. */
  readonly reads: ReadonlyMap<string, number>
}

/** A run whose files are in memory; `others`: what is no regular file. */
export function recordedFrom(files: Bytes, others: readonly RecordedFile[] = []): Recorded {
  const reads = new Map<string, number>()
  function* chunks(path: string): Generator<Uint8Array> {
    reads.set(path, (reads.get(path) ?? 0) + 1)
    const bytes = files.get(path)
    if (bytes === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT', syscall: 'open' })
    yield bytes
  }
  const listed: readonly RecordedFile[] = [...files].map(([path, { length }]) => ({ path, kind: 'file', size: length }))
  return {
    name: '20260101T000000Z-00000000',
    path: '/runs/20260101T000000Z-00000000',
    reads,
    list: () => ok([...listed, ...others].toSorted((a, b) => compareBytes(a.path, b.path))),
    read: (path) => {
      const bytes = files.get(path)
      return bytes ? ok(bytes) : err({ code: 'ENOENT', path, message: `no ${path}` })
    },
    chunks,
    part: (path, { head, tail }) => {
      const bytes = files.get(path)
      return bytes ? partOf(bytes, head, tail) : null
    },
  }
}

/** Both ends of a file, as a folder on a disk gives them. */
export function partOf(bytes: Uint8Array, head: number, tail: number): FilePart {
  const size = bytes.length
  if (size <= head + tail) return { head: bytes, tail: new Uint8Array(), size }
  return { head: bytes.subarray(0, head), tail: bytes.subarray(size - tail), size }
}
