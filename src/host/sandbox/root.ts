import { chmodSync, lutimesSync, mkdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionRequest } from '../../model/ports.ts'
import type { Tree } from '../../model/tree.ts'
import { SOURCE_DATE_EPOCH } from '../../model/view.ts'
import type { DiskContentStore } from '../content-store.ts'
import { folderOfOutput, type Change } from './changes.ts'

/** The private copy of the inputs that one attempt works in. */
export interface ExecutionRoot {
  /** Absolute path that becomes /workspace. */
  readonly path: string
  /** Where the inputs are shown through an overlay: what has to be mounted at `path` first. */
  readonly overlay: { readonly lower: string; readonly upper: string; readonly work: string } | null
  /**
   * What differs from the inputs; `null`: more files and folders were made than an action may leave. To be asked only after
   * every process of the action is gone.
   */
  changes(): Change[] | null
}

/** Folders below the root that a request needs: of inputs, of declared outputs, of mounts, and where it starts. */
export function foldersOf(request: Pick<ExecutionRequest, 'inputs' | 'outputs' | 'mounts' | 'cwd'>): readonly string[] {
  const folders = new Set<string>()
  const add = (folder: string): void => {
    for (let at = folder; at !== '' && !folders.has(at); at = parentOf(at)) folders.add(at)
  }
  for (const entry of request.inputs.entries) add(parentOf(entry.path))
  for (const output of request.outputs) add(folderOfOutput(output))
  for (const mount of request.mounts) add(mount.path)
  add(request.cwd)
  // A parent is a prefix of its children, so it sorts before them.
  return [...folders].toSorted()
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? '' : path.slice(0, slash)
}

export function makeFolders(root: string, folders: readonly string[]): void {
  for (const folder of folders) makeShown(join(root, folder))
}

/** Makes a folder that an action sees, with permissions that don't depend on the caller's umask. */
export function makeShown(path: string): string {
  mkdirSync(path)
  chmodSync(path, 0o755)
  return path
}

/** Folders get the time of the inputs as well, after everything in them is in place. */
export function stampFolders(root: string, folders: readonly string[]): void {
  for (const folder of ['', ...folders]) lutimesSync(join(root, folder), SOURCE_DATE_EPOCH, SOURCE_DATE_EPOCH)
}

export function copyInputs(root: string, inputs: Tree, store: DiskContentStore): void {
  for (const entry of inputs.entries) store.show(entry, join(root, entry.path))
}

export function isExecutable(stat: Stats): boolean {
  return (stat.mode & 0o111) !== 0
}

/** An action may have taken its own permissions away. */
export function openFolder(path: string, stat: Stats): void {
  if ((stat.mode & 0o700) !== 0o700) chmodSync(path, 0o700)
}
