import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionRequest } from '../../model/ports.ts'
import type { TreeEntry } from '../../model/tree.ts'
import type { DiskContentStore } from '../content-store.ts'
import { isFitName, type Change } from './changes.ts'
import {
  copyInputs,
  foldersOf,
  isExecutable,
  makeFolders,
  openFolder,
  stampFolders,
  type ExecutionRoot,
} from './root.ts'

/** Inputs copied file by file: quickest for small trees, and possible everywhere. */
export function copiedRoot(folder: string, request: ExecutionRequest, store: DiskContentStore): ExecutionRoot {
  const path = join(folder, 'root')
  const folders = foldersOf(request)
  mkdirSync(path, { mode: 0o755 })
  makeFolders(path, folders)
  copyInputs(path, request.inputs, store)
  stampFolders(path, folders)
  return { path, overlay: null, changes: () => changesIn(path, request) }
}

function changesIn(root: string, request: ExecutionRequest): Change[] {
  const inputs = new Map(request.inputs.entries.map((entry) => [entry.path, entry]))
  const mounts = new Set(request.mounts.map((mount) => mount.path))
  const changes: Change[] = []
  for (const found of walk(root, mounts)) {
    const input = inputs.get(found.path)
    inputs.delete(found.path)
    if (found.kind === 'file' && input && isUnchanged(found, input)) continue
    changes.push({ path: found.path, kind: found.kind, absolute: found.absolute })
  }
  for (const path of inputs.keys()) changes.push({ path, kind: 'deleted', absolute: join(root, path) })
  return changes
}

interface Found {
  readonly path: string
  readonly absolute: string
  readonly kind: 'file' | 'special'
  readonly stat: Stats
}

/** Every file below `root`, without following a link; folders that are in `skip` are left out. */
export function* walk(root: string, skip: ReadonlySet<string>): Generator<Found> {
  const pending = ['']
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const absoluteFolder = join(root, folder)
    openFolder(absoluteFolder, lstatSync(absoluteFolder))
    for (const name of readdirSync(absoluteFolder)) {
      const path = folder === '' ? name : `${folder}/${name}`
      const absolute = join(root, path)
      const stat = lstatSync(absolute, { throwIfNoEntry: false })
      if (skip.has(path)) continue
      if (stat?.isDirectory() && isFitName(name)) {
        pending.push(path)
      } else if (stat?.isFile() && stat.nlink === 1 && isFitName(name)) {
        if ((stat.mode & 0o400) === 0) chmodSync(absolute, stat.mode | 0o400)
        yield { path, absolute, kind: 'file', stat }
      } else {
        yield { path, absolute, kind: 'special', stat: stat ?? lstatSync(absoluteFolder) }
      }
    }
  }
}

/** By content: an action can set times back, so nothing less proves it. */
export function isUnchanged(found: { absolute: string; stat: Stats }, input: TreeEntry): boolean {
  if (found.stat.size !== input.size || isExecutable(found.stat) !== input.executable) return false
  return createHash('sha256').update(readFileSync(found.absolute)).digest('hex') === input.digest
}
