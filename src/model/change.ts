import type { Digest } from './digest.ts'
import { treeOf, type Tree, type TreeEntry } from './tree.ts'

/** What stands at a path: its bytes by digest, whether it may be run, how many bytes there are. */
export type FileState = Omit<TreeEntry, 'path'>

/** What became of one file in scope: made where there was none before, deleted where there is none after. Never both, and never the same twice. */
export interface FileChange {
  /** Relative to the workspace root. */
  readonly path: string
  readonly before: FileState | null
  readonly after: FileState | null
}

/** What the steps of a change pack have made of the files in its scope, as its gate `scope` let it through. */
export interface Change {
  /** Digest of the list of the files in scope before the pack, as a {@link TreeEntry} list has it. */
  readonly base: Digest
  /** The same afterwards: what `git apply` of the patch on the base gives. */
  readonly tree: Digest
  /** Sorted by the bytes of their paths. A renamed file is one that was deleted and one that was made. */
  readonly files: readonly FileChange[]
  /** Lines that the patch adds and removes; those of files that are no text do not count. */
  readonly lines: { readonly added: number; readonly removed: number }
  /** SHA-256 of `changes/<pack>.patch`; `null`: nothing was changed, and there is no patch. */
  readonly patch: Digest | null
}

/** A file as a patch needs it. */
export interface FileBytes {
  readonly bytes: Uint8Array
  readonly executable: boolean
}

/** A file that a patch makes (nothing before), changes, or deletes (nothing after). */
export interface PatchFile {
  /** Relative to the workspace root. */
  readonly path: string
  readonly before: FileBytes | null
  readonly after: FileBytes | null
}

/**
 * Why a patch can't be applied. `syntax`: it is none; `unsupported`: it holds what none of codex's does (a link, a rename, a
 * delta); `path`: it would write where nothing of a change belongs; `conflict`: what stands there is not what it was made from;
 * `corrupt`: it does not give the bytes that it promises; `too-large`: it would give more bytes than are taken.
 */
export interface PatchProblem {
  readonly kind: 'syntax' | 'unsupported' | 'path' | 'conflict' | 'corrupt' | 'too-large'
  /** In the patch, from 1. */
  readonly line: number
  /** Which file it is about; `null`: that is not known. */
  readonly path: string | null
}

/** Where the patch of a pack lies in the folder of its run. */
export function patchPath(pack: string): string {
  return `changes/${pack}.patch`
}

/** What the workspace was, as git knows it, when a change pack ran on it. */
export interface BaseRecord {
  /** The commit that it stood at; `null`: it is no repository, or has no commit. */
  readonly commit: string | null
  /** What in it was not as in that commit, sorted by bytes; the first ones. Empty with `--base`. */
  readonly uncommitted: readonly string[]
  /** Whether there are others behind them. */
  readonly more: boolean
}

/** What one step has made of the files in scope. */
export interface StepChanges {
  /** Files that it has made or changed, kept in the content store. */
  readonly files: Tree
  /** Files that were there before it, sorted by bytes. */
  readonly deleted: readonly string[]
}

/** Files after steps have changed them one after the other; a file that was not there before is taken where `takes` says so. */
export function applyChanges(
  base: readonly TreeEntry[],
  steps: readonly StepChanges[],
  takes: (path: string) => boolean,
): readonly TreeEntry[] {
  const files = new Map(base.map((entry) => [entry.path, entry]))
  for (const { files: changed, deleted } of steps) {
    for (const path of deleted) files.delete(path)
    for (const entry of changed.entries) if (files.has(entry.path) || takes(entry.path)) files.set(entry.path, entry)
  }
  return [...files.values()]
}

/** What has become of the files of a tree in all, sorted by the bytes of their paths. */
export function changesBetween(before: Tree, after: Tree): readonly FileChange[] {
  const earlier = new Map(before.entries.map((entry) => [entry.path, entry]))
  const later = new Map(after.entries.map((entry) => [entry.path, entry]))
  const paths = treeOf([...before.entries, ...after.entries]).entries.map(({ path }) => path)
  return paths.flatMap((path) => {
    const [old, now] = [earlier.get(path), later.get(path)]
    if (old?.digest === now?.digest && old?.executable === now?.executable) return []
    return [{ path, before: old ? stateOf(old) : null, after: now ? stateOf(now) : null }]
  })
}

function stateOf({ digest, executable, size }: TreeEntry): FileState {
  return { digest, executable, size }
}
