import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, opendirSync, readFileSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionRequest } from '../../model/ports.ts'
import { isFitName, type TreeEntry } from '../../model/tree.ts'
import { LONGEST_PATH } from '../../model/view.ts'
import type { DiskContentStore } from '../content-store.ts'
import { MOST_FILES, type Change } from './changes.ts'
import {
  copyInputs,
  foldersOf,
  isExecutable,
  makeFolders,
  makeShown,
  openFolder,
  stampFolders,
  type ExecutionRoot,
} from './root.ts'

/** Inputs copied file by file: quickest for small trees, and possible everywhere. */
export function copiedRoot(folder: string, request: ExecutionRequest, store: DiskContentStore): ExecutionRoot {
  const path = makeShown(join(folder, 'root'))
  const folders = foldersOf(request)
  makeFolders(path, folders)
  copyInputs(path, request.inputs, store)
  stampFolders(path, folders)
  return { path, overlay: null, changes: () => changesIn(path, request) }
}

function changesIn(root: string, request: ExecutionRequest): Change[] | null {
  const laidOut = new Set(foldersOf(request))
  let made = 0
  const inputs = new Map(request.inputs.entries.map((entry) => [entry.path, entry]))
  const mounts = new Set(request.mounts.map((mount) => mount.path))
  const changes: Change[] = []
  for (const found of walk(root, mounts)) {
    if (!inputs.has(found.path) && !laidOut.has(found.path) && ++made > MOST_FILES) return null
    if (found.kind === 'folder') continue
    const input = inputs.get(found.path)
    inputs.delete(found.path)
    if (found.kind === 'file' && input && isUnchanged(found, input)) continue
    changes.push({ ...found, kind: found.kind, size: sizeOf(found), input: input !== undefined })
  }
  for (const path of inputs.keys())
    changes.push({ path, kind: 'deleted', absolute: join(root, path), size: 0, input: true })
  return changes
}

export function sizeOf({ kind, stat }: Pick<Found, 'kind' | 'stat'>): number {
  return kind === 'file' ? stat.size : 0
}

interface Found {
  readonly path: string
  readonly absolute: string
  readonly kind: 'file' | 'folder' | 'special'
  readonly stat: Stats
}

/**
 * Every file below `root`, without following a link; folders that are in `skip` are left out. A folder is read name by name:
 * all at once, those of a million files would fill codex's memory.
 */
export function* walk(root: string, skip: ReadonlySet<string>): Generator<Found> {
  const pending = ['']
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const absoluteFolder = join(root, folder)
    openFolder(absoluteFolder, lstatSync(absoluteFolder))
    for (const name of namesIn(absoluteFolder)) {
      const path = folder === '' ? name : `${folder}/${name}`
      const absolute = join(root, path)
      if (skip.has(path)) continue
      // A name that is not UTF-8 comes mangled, and nothing can be asked of what it names.
      const stat = isFitName(name) ? lstatSync(absolute) : null
      // What is in a deeper one is nothing that a tool of another machine could be sure to read.
      if (stat?.isDirectory() && path.length <= LONGEST_PATH) {
        pending.push(path)
        yield { path, absolute, kind: 'folder', stat }
      } else if (stat?.isFile() && stat.nlink === 1) {
        if ((stat.mode & 0o400) === 0) chmodSync(absolute, stat.mode | 0o400)
        yield { path, absolute, kind: 'file', stat }
      } else {
        yield { path, absolute, kind: 'special', stat: stat ?? lstatSync(absoluteFolder) }
      }
    }
  }
}

function* namesIn(folder: string): Generator<string> {
  const opened = opendirSync(folder)
  try {
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) yield entry.name
  } finally {
    opened.closeSync()
  }
}

/** By content: an action can set times back, so nothing less proves it. */
export function isUnchanged(found: { absolute: string; stat: Stats }, input: TreeEntry): boolean {
  if (found.stat.size !== input.size || isExecutable(found.stat) !== input.executable) return false
  return createHash('sha256').update(readFileSync(found.absolute)).digest('hex') === input.digest
}
