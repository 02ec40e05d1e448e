import { sha256 } from '../../src/model/digest.ts'
import type { ContentStore } from '../../src/model/ports.ts'
import { err, ok } from '../../src/model/result.ts'
import type { TreeEntry } from '../../src/model/tree.ts'

export interface MemoryFile {
  readonly text: string
  readonly executable?: boolean
}

export interface MemoryStore extends ContentStore {
  /** How often each file was really read. */
  readonly reads: ReadonlyMap<string, number>
  /** Takes in what an action made. */
  keep(path: string, file: string | MemoryFile): TreeEntry
  /** What was written outside of the store, by absolute path. */
  readonly exported: ReadonlyMap<string, string>
}

/** A content store over files in memory; changes of `files` after a file was staged are not seen, as on a disk. */
export function memoryStore(files: Readonly<Record<string, string | MemoryFile>>): MemoryStore {
  const blobs = new Map<string, string>()
  const staged = new Map<string, TreeEntry>()
  const reads = new Map<string, number>()
  const exported = new Map<string, string>()
  const keep = (path: string, file: string | MemoryFile): TreeEntry => {
    const { text, executable = false } = typeof file === 'string' ? { text: file } : file
    const entry = { path, digest: sha256(text), executable, size: Buffer.byteLength(text) }
    blobs.set(entry.digest, text)
    return entry
  }
  const textOf = ({ path, digest }: TreeEntry): string => {
    const text = blobs.get(digest)
    if (text === undefined) throw new Error(`not in the store: ${path}`)
    return text
  }
  return {
    reads,
    exported,
    keep,
    stage(path) {
      const known = staged.get(path)
      if (known) return ok(known)
      reads.set(path, (reads.get(path) ?? 0) + 1)
      const file = Object.hasOwn(files, path) ? files[path] : undefined
      if (file === undefined) return err({ code: 'ENOENT', path, message: `no such file: ${path}` })
      const entry = keep(path, file)
      staged.set(path, entry)
      return ok(entry)
    },
    add: (path, bytes, executable = false) => keep(path, { text: new TextDecoder().decode(bytes), executable }),
    read: (entry) => new TextEncoder().encode(textOf(entry)),
    chunks: (entry) => [new TextEncoder().encode(textOf(entry))],
    export: (entry, target) => void exported.set(target, textOf(entry)),
  }
}
