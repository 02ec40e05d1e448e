import { sha256 } from '../../src/model/digest.ts'
import { compareBytes } from '../../src/model/order.ts'
import type { RunFolder } from '../../src/model/ports.ts'
import { ok } from '../../src/model/result.ts'
import { partOf } from './memory-recorded-run.ts'

export interface MemoryRunFolder extends RunFolder {
  /** What was written so far, by path. */
  readonly files: ReadonlyMap<string, Buffer>
  /** Files that are open for appending. */
  readonly open: ReadonlySet<string>
  text(path: string): string
}

export function memoryRunFolder(name = '20260101T000000Z-00000000'): MemoryRunFolder {
  const files = new Map<string, Buffer>()
  const open = new Set<string>()
  const noted = new Map<string, string>()
  const put = (path: string, bytes: Uint8Array | string): void => {
    files.set(path, Buffer.from(bytes as Uint8Array))
  }
  return {
    name,
    path: `/runs/${name}`,
    files,
    open,
    write: put,
    writeAtomically: put,
    append: (path, bytes) => {
      open.add(path)
      put(path, Buffer.concat([files.get(path) ?? Buffer.alloc(0), Buffer.from(bytes as Uint8Array)]))
    },
    sync: () => {},
    flush: () => {},
    list: () =>
      ok([...files].map(([path, bytes]) => ({ path, kind: 'file' as const, size: bytes.length })).toSorted(byPath)),
    remove: (path) => void files.delete(path),
    closeFile: (path) => {
      open.delete(path)
    },
    chunks: (path) => {
      const bytes = files.get(path)
      if (bytes === undefined) throw new Error(`${path} was not written`)
      return [bytes]
    },
    part: (path, { head, tail }) => {
      const bytes = files.get(path)
      return bytes ? partOf(bytes, head, tail) : null
    },
    resolve: (path) => `/runs/${name}/${path}`,
    note: (path, digest) => void noted.set(path, digest),
    digests: () => new Map([...[...files].map(([path, bytes]) => [path, sha256(bytes)] as const), ...noted]),
    close: () => open.clear(),
    text: (path) => {
      const bytes = files.get(path)
      if (bytes === undefined) throw new Error(`${path} was not written`)
      return bytes.toString()
    },
  }
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return compareBytes(a.path, b.path)
}
