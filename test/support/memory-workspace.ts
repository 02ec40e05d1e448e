import { compareBytes } from '../../src/model/order.ts'
import type { DirEntry, FileError, Workspace } from '../../src/model/ports.ts'
import { err, ok, type Result } from '../../src/model/result.ts'

/**
 * What stands at a path: a file's text or bytes, a symlink, a FIFO, socket or device, or something that answers with an
 * error (`EACCES` …) when it is read or listed.
 */
export type MemoryNode =
  | string
  | Uint8Array
  | { readonly link: string }
  | { readonly kind: 'other' }
  | { readonly error: string; readonly kind: 'file' | 'dir' }

type Folder = Map<string, MemoryNode | Folder>

const ROOT = '/workspace'
const MAX_LINKS = 40

/**
 * A workspace in memory. Keys are paths; a key with a trailing `/` makes an empty folder; a name with a lone surrogate
 * stands for one that is not valid UTF-8. Links are relative to their folder, or absolute below `/workspace`.
 */
export function memoryWorkspace(files: Record<string, MemoryNode>): Workspace {
  const root = folderOf(files)
  const open = (path: string): Result<MemoryNode | Folder, FileError> => {
    const found = walk(root, path)
    return found.ok ? nodeAt(root, found.value) : found
  }
  return {
    root: ROOT,
    readFile(path) {
      const node = open(path)
      return node.ok ? bytesOf(path, node.value) : node
    },
    list(path) {
      const node = open(path)
      return node.ok ? entriesOf(path, node.value) : node
    },
    kind(path) {
      if (path === '') return 'dir'
      const cut = path.lastIndexOf('/')
      const parent = walk(root, path.slice(0, Math.max(cut, 0)))
      if (!parent.ok) return null
      const node = nodeAt(root, [...parent.value, path.slice(cut + 1)])
      return node.ok ? kindOf(node.value) : null
    },
    resolve(path) {
      const found = walk(root, path)
      return found.ok ? ok(found.value.join('/')) : found
    },
  }
}

function folderOf(files: Record<string, MemoryNode>): Folder {
  const root: Folder = new Map()
  for (const [path, node] of Object.entries(files)) {
    const parts = path.split('/')
    const name = parts.pop() ?? ''
    let folder = root
    for (const part of parts) {
      let next = folder.get(part)
      if (!(next instanceof Map)) folder.set(part, (next = new Map()))
      folder = next
    }
    if (name !== '') folder.set(name, node)
  }
  return root
}

/** Follows every link of a path and gives the real one, part by part. */
function walk(root: Folder, path: string): Result<string[], FileError> {
  const pending = path.split('/').filter((part) => part !== '')
  let real: string[] = []
  let links = 0
  while (pending.length > 0) {
    const part = pending.shift() ?? ''
    if (part === '.') continue
    if (part === '..') {
      if (real.length === 0) return err(failure('EXDEV', path))
      real.pop()
      continue
    }
    const node = nodeAt(root, [...real, part])
    if (!node.ok) return err(failure(node.error.code, path))
    if (!isLink(node.value)) {
      real.push(part)
      continue
    }
    if (++links > MAX_LINKS) return err(failure('ELOOP', path))
    const { link } = node.value
    if (link.startsWith('/')) {
      if (link !== ROOT && !link.startsWith(`${ROOT}/`)) return err(failure('EXDEV', path))
      real = []
    }
    const target = link.startsWith('/') ? link.slice(ROOT.length) : link
    pending.unshift(...target.split('/').filter((piece) => piece !== ''))
  }
  return ok(real)
}

function nodeAt(root: Folder, parts: readonly string[]): Result<MemoryNode | Folder, FileError> {
  let at: MemoryNode | Folder = root
  for (const part of parts) {
    if (!(at instanceof Map)) return err(failure('ENOTDIR', parts.join('/')))
    const next: MemoryNode | Folder | undefined = at.get(part)
    if (next === undefined) return err(failure('ENOENT', parts.join('/')))
    at = next
  }
  return ok(at)
}

function bytesOf(path: string, node: MemoryNode | Folder): Result<Uint8Array, FileError> {
  if (typeof node === 'string') return ok(new TextEncoder().encode(node))
  if (node instanceof Uint8Array) return ok(node)
  if (node instanceof Map) return err(failure('EISDIR', path))
  return err(failure('error' in node ? node.error : 'EINVAL', path))
}

function entriesOf(path: string, node: MemoryNode | Folder): Result<readonly DirEntry[], FileError> {
  if (!(node instanceof Map)) {
    return err(failure(typeof node === 'object' && 'error' in node ? node.error : 'ENOTDIR', path))
  }
  const entries: DirEntry[] = []
  for (const [name, child] of node) {
    const full = path === '' ? name : `${path}/${name}`
    if (!name.isWellFormed()) return err(failure('EILSEQ', full.replaceAll(/\p{Surrogate}/gu, '\\xff')))
    entries.push({ name, kind: kindOf(child) })
  }
  return ok(entries.toSorted((a, b) => compareBytes(a.name, b.name)))
}

function kindOf(node: MemoryNode | Folder): DirEntry['kind'] {
  if (typeof node === 'string' || node instanceof Uint8Array) return 'file'
  if (node instanceof Map) return 'dir'
  return isLink(node) ? 'symlink' : node.kind
}

function isLink(node: MemoryNode | Folder): node is { readonly link: string } {
  return typeof node === 'object' && 'link' in node
}

function failure(code: string, path: string): FileError {
  return { code, path, message: `${code}: ${path}` }
}
