import { chmodSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionRequest } from '../../model/ports.ts'
import type { Tree } from '../../model/tree.ts'
import type { DiskContentStore } from '../content-store.ts'
import { attempt } from '../file-error.ts'
import { MOST_FILES, type Change } from './changes.ts'
import { isUnchanged, sizeOf, walk } from './copied-root.ts'
import { copyInputs, foldersOf, makeFolders, makeShown, stampFolders, type ExecutionRoot } from './root.ts'

/** From here on an overlay, which costs the same for any number of files, beats copying. */
const MANY_FILES = 100
const MANY_BYTES = 8 * 1024 ** 2

export function isLarge(inputs: Tree): boolean {
  return inputs.entries.length > MANY_FILES || inputs.entries.reduce((sum, entry) => sum + entry.size, 0) > MANY_BYTES
}

/** The options of mount(8) have no way to quote these. */
export function canOverlay(path: string): boolean {
  return !/[,:\\"\s]/.test(path)
}

/** Keeps one copy of each tree, for as many actions as see it. */
export interface LowerTrees {
  folderFor(request: ExecutionRequest): string
}

export function createLowerTrees(parent: string, store: DiskContentStore): LowerTrees {
  const folders = new WeakMap<Tree, string>()
  let count = 0
  return {
    folderFor: ({ inputs }) => {
      const known = folders.get(inputs)
      if (known !== undefined) return known
      const folder = join(parent, `${count++}`)
      const inside = foldersOf({ inputs, outputs: [], mounts: [], cwd: '' })
      makeShown(folder)
      makeFolders(folder, inside)
      // Not links to the store: an action could tell from their number what else is kept there.
      copyInputs(folder, inputs, store)
      stampFolders(folder, inside)
      folders.set(inputs, folder)
      return folder
    },
  }
}

/** Inputs shown through an overlay: nothing is copied, and what an action changes is all that lies in the upper layer. */
export function overlaidRoot(folder: string, request: ExecutionRequest, lowers: LowerTrees): ExecutionRoot {
  const lower = lowers.folderFor(request)
  const [path, upper, work] = ['root', 'upper', 'work'].map((name) => makeShown(join(folder, name))) as [
    ...[string, string, string],
  ]
  const folders = foldersOf(request)
  makeFolders(upper, folders)
  stampFolders(upper, folders)
  const identities = new Map(folders.map((inside) => [inside, identityOf(join(upper, inside))]))
  return {
    path,
    overlay: { lower, upper, work },
    changes: () => changesIn(upper, { request, identities }),
  }
}

/** Tells a folder from another that took its place, though the file system may give it the same number. */
function identityOf(path: string): string | null {
  const stat = attempt(path, () => lstatSync(path, { bigint: true }))
  return stat.ok && stat.value.isDirectory() ? `${stat.value.ino}:${stat.value.birthtimeNs}` : null
}

interface Before {
  readonly request: ExecutionRequest
  /** Every folder of the inputs was made in the upper layer beforehand, so that one which was removed and made again shows. */
  readonly identities: ReadonlyMap<string, string | null>
}

function changesIn(upper: string, { request, identities }: Before): Change[] | null {
  let made = 0
  const inputs = new Map(request.inputs.entries.map((entry) => [entry.path, entry]))
  const changes: Change[] = []
  for (const found of walk(upper, new Set())) {
    if (!inputs.has(found.path) && !identities.has(found.path) && ++made > MOST_FILES) return null
    const input = inputs.get(found.path)
    inputs.delete(found.path)
    // A folder where an input was says only that the input is gone; what lies in it comes by itself.
    const kind = isWhiteout(found) || found.kind === 'folder' ? 'deleted' : found.kind
    if (kind === 'deleted' && !input) continue
    if (kind === 'file' && input && isUnchanged(found, input)) continue
    changes.push({ path: found.path, kind, absolute: found.absolute, size: sizeOf(found), input: input !== undefined })
  }
  const replaced = [...identities].filter(([inside, before]) => identityOf(join(upper, inside)) !== before)
  for (const path of inputs.keys()) {
    if (replaced.some(([inside]) => path.startsWith(`${inside}/`))) {
      changes.push({ path, kind: 'deleted', absolute: join(upper, path), size: 0, input: true })
    }
  }
  return changes
}

/** The kernel marks what was deleted from the lower layer by a character device 0:0. */
function isWhiteout(found: { stat: { isCharacterDevice(): boolean; rdev: number } }): boolean {
  return found.stat.isCharacterDevice() && found.stat.rdev === 0
}

/** Where an overlay was mounted, the kernel leaves a folder of mode 000 in the work folder, which its owner must open before removing it. */
export function openWorkFolder(work: string): void {
  const inner = join(work, 'work')
  if (lstatSync(inner, { throwIfNoEntry: false })) chmodSync(inner, 0o700)
}
