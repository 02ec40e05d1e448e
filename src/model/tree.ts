import { sha256, type Digest } from './digest.ts'
import { compareBytes } from './order.ts'
import { LONGEST_PATH } from './view.ts'

/** One regular file: where it lies (relative to the workspace root, `/` between parts) and what is in it. */
export interface TreeEntry {
  readonly path: string
  readonly digest: Digest
  readonly executable: boolean
  /** In bytes. */
  readonly size: number
}

/** Files sorted by the UTF-8 bytes of their paths, each path once. */
export interface Tree {
  readonly entries: readonly TreeEntry[]
  /** The SHA-256 of {@link checksums}; file modes are not in it, so a key lists the executables beside it. */
  readonly digest: Digest
}

/**
 * Makes a tree from entries in any order. Where a path occurs twice, the later entry wins.
 */
export function treeOf(entries: Iterable<TreeEntry>): Tree {
  const byPath = new Map<string, TreeEntry>()
  for (const entry of entries) byPath.set(entry.path, entry)
  const sorted = [...byPath.values()].toSorted((a, b) => compareBytes(a.path, b.path))
  return { entries: sorted, digest: sha256(checksums(sorted)) }
}

/** The list as `sha256sum` prints it, so that `sha256sum -c` checks it. A backslash in a name is escaped as coreutils does. */
export function checksums(entries: readonly TreeEntry[]): string {
  return entries.map(checksumLine).join('')
}

/** One line of {@link checksums}. */
export function checksumLine(entry: Pick<TreeEntry, 'path' | 'digest'>): string {
  if (!entry.path.includes('\\')) return `${entry.digest}  ${entry.path}\n`
  return `\\${entry.digest}  ${entry.path.replaceAll('\\', '\\\\')}\n`
}

/** Control characters break lists of digests and terminals; U+FFFD stands for bytes that are not UTF-8. */
const UNFIT_NAME = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]/u

/** Whether lists of digests can carry a name or path. */
export function isFitName(name: string): boolean {
  return !UNFIT_NAME.test(name)
}

/** Whether it is a path of the workspace in its one spelling. */
export function isInside(path: string): boolean {
  if (path.length > LONGEST_PATH || !path.isWellFormed() || !isFitName(path)) return false
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
