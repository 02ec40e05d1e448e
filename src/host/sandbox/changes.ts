import { compareBytes } from '../../model/order.ts'
import { baseOf, isPattern, matcher, selectionTest } from '../../model/pattern.ts'
import type { Execution } from '../../model/ports.ts'
import { treeOf, type TreeEntry } from '../../model/tree.ts'
import type { DiskContentStore } from '../content-store.ts'

/** One difference between an execution root and the inputs that were laid in it. */
export interface Change {
  /** Relative to the workspace root. */
  readonly path: string
  /** `special`: neither a regular file with one name nor a folder, or a name that no list of digests can carry. */
  readonly kind: 'file' | 'special' | 'deleted'
  /** Absolute path on the host. */
  readonly absolute: string
  /** In bytes; 0 for all but files. */
  readonly size: number
  /** Whether an input stood there. */
  readonly input: boolean
}

export interface Judge {
  readonly outputs: readonly string[]
  readonly scope?: readonly string[]
  readonly ignores: (path: string) => boolean
  readonly store: DiskContentStore
}

/** 128 + SIGXFSZ: what ends a program that meets RLIMIT_FSIZE and does not handle it. */
const FILE_SIZE_SIGNAL = 153

/**
 * Files and folders that one action may leave in its workspace, declared or not. What it has done beyond is not looked at:
 * neither the time nor the memory that codex takes depends on how many there are.
 */
export const MOST_FILES = 100_000

/**
 * Whether more was left behind than a limit allows, declared or not. An action whose file grows beyond the limit is stopped
 * there (RLIMIT_FSIZE), and fails in whatever way it takes that.
 */
export function exceedsOutput(changes: readonly Change[], exitCode: number, most: number): boolean {
  return exitCode === FILE_SIZE_SIGNAL || changes.reduce((sum, { size }) => sum + size, 0) > most
}

export type Collected = Pick<Execution, 'outputs' | 'missing' | 'unusable' | 'altered' | 'undeclared' | 'changes'>

/** Sorts what an action left behind into what it declared, what git ignores, inputs that it changed, and what it had no leave to write. */
export function judgeChanges(changes: readonly Change[], { outputs, scope, ignores, store }: Judge): Collected {
  const declared = outputs.map((output) => ({ output, matches: matcher(output) }))
  const seen = new Set<string>()
  const kept: TreeEntry[] = []
  const unusable: string[] = []
  const altered: string[] = []
  const undeclared: string[] = []
  const isInScope = selectionTest(scope ?? [])
  const changed: TreeEntry[] = []
  const deleted: string[] = []
  for (const change of changes) {
    const matching = declared.filter(({ matches }) => matches(change.path))
    if (matching.length === 0 && isInScope(change.path)) {
      if (change.kind === 'file') changed.push(store.keep(change.absolute, change.path))
      else if (change.input) deleted.push(change.path)
      if (change.kind === 'special') unusable.push(change.path)
    } else if (change.input && (matching.length === 0 || change.kind === 'deleted')) {
      altered.push(change.path)
    } else if (matching.length === 0) {
      if (!ignores(change.path)) undeclared.push(change.path)
    } else if (change.kind === 'special') {
      unusable.push(change.path)
    } else {
      kept.push(store.keep(change.absolute, change.path))
      for (const { output } of matching) seen.add(output)
    }
  }
  return {
    outputs: treeOf(kept),
    missing: outputs.filter((output) => !seen.has(output)),
    unusable: unusable.toSorted(compareBytes),
    altered: altered.toSorted(compareBytes),
    undeclared: undeclared.toSorted(compareBytes),
    ...(scope ? { changes: { files: treeOf(changed), deleted: deleted.toSorted(compareBytes) } } : {}),
  }
}

/** The folder that stands before a command starts, so that it can write a declared output. */
export function folderOfOutput(output: string): string {
  return output.endsWith('/') && !isPattern(output) ? output.slice(0, -1) : baseOf(output)
}
