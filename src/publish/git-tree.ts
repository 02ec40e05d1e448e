// What git calls the files of a tree, without asking git: so the tree is known before anything is written anywhere.
import { createHash } from 'node:crypto'
import type { GitId, ProposedFile } from '../model/forge.ts'
import { compareBytes } from '../model/order.ts'

export interface GitEntry {
  readonly name: string
  /** As git writes it: `100644`, `100755`, `120000`, `40000` or `160000`. */
  readonly mode: string
  readonly id: GitId
}

/** Entries of a folder of a commit; its path is relative to the root of the repository, empty for that; `null`: there is no such folder. */
export type ListFolder = (path: string) => readonly GitEntry[] | null

/** Id of a file's bytes, as of an object of git in a repository with SHA-1. */
function blobId(bytes: Uint8Array): GitId {
  return objectId('blob', bytes)
}

/** Id of the tree that a commit's files are after a change. Of a path that is there twice, the later one counts. */
export function treeWith(list: ListFolder, files: readonly ProposedFile[]): GitId {
  const root = new Folder()
  for (const file of files) root.put(file.path.split('/'), file)
  return folderId(root, '', list) ?? objectId('tree', new Uint8Array())
}

/** What changes below one folder. */
class Folder {
  readonly files = new Map<string, ProposedFile>()
  readonly folders = new Map<string, Folder>()

  put([name = '', ...rest]: readonly string[], file: ProposedFile): void {
    if (rest.length === 0) {
      this.files.set(name, file)
      return
    }
    const below = this.folders.get(name) ?? new Folder()
    this.folders.set(name, below)
    below.put(rest, file)
  }
}

const FOLDER_MODE = '40000'

/** `null`: nothing is left in it, and git keeps no empty folders. */
function folderId(folder: Folder, path: string, list: ListFolder): GitId | null {
  const entries = new Map((list(path) ?? []).map((entry) => [entry.name, entry]))
  // What goes makes room first: a file may become a folder.
  for (const [name, { content }] of folder.files) if (!content) entries.delete(name)
  for (const [name, below] of folder.folders) {
    const id = folderId(below, path === '' ? name : `${path}/${name}`, list)
    if (id !== null) entries.set(name, { name, mode: FOLDER_MODE, id })
    else if (entries.get(name)?.mode === FOLDER_MODE) entries.delete(name)
  }
  for (const [name, { content }] of folder.files) {
    if (!content) continue
    entries.set(name, { name, mode: content.executable ? '100755' : '100644', id: blobId(content.bytes) })
  }
  return entries.size === 0 ? null : treeId([...entries.values()])
}

function treeId(entries: readonly GitEntry[]): GitId {
  // Git sorts a folder as if its name ended in a slash.
  const key = ({ name, mode }: GitEntry): string => (mode === FOLDER_MODE ? `${name}/` : name)
  const sorted = entries.toSorted((a, b) => compareBytes(key(a), key(b)))
  const lines = sorted.flatMap(({ name, mode, id }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')])
  return objectId('tree', Buffer.concat(lines))
}

function objectId(kind: 'blob' | 'tree', bytes: Uint8Array): GitId {
  return createHash('sha1').update(`${kind} ${bytes.length}\0`).update(bytes).digest('hex')
}
