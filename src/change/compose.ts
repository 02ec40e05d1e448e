import type { Change, FileState } from '../model/change.ts'
import { isChangePath } from '../model/change-path.ts'
import { compareBytes } from '../model/order.ts'
import type { PackId } from '../model/pack.ts'
import { err, ok, type Result } from '../model/result.ts'

/** What all packs of a run together make of one file. */
export interface PathChange {
  readonly path: string
  /** The one that has changed it last. */
  readonly pack: PackId
  /** Before the first of them and after the last; the same where one has taken back what another had done. */
  readonly before: FileState | null
  readonly after: FileState | null
}

/** The changes of packs as one, in the order in which they apply. An error names a pack whose change does not follow from those before it. */
export function composeChanges(
  packs: readonly { readonly id: PackId; readonly change?: Change }[],
): Result<readonly PathChange[], PackId> {
  const composed = new Map<string, PathChange>()
  for (const { id, change } of packs) {
    for (const { path, before, after } of change?.files ?? []) {
      const earlier = composed.get(path)
      if (!isChangePath(path) || (earlier && !isSame(earlier.after, before))) return err(id)
      composed.set(path, { path, pack: id, before: earlier ? earlier.before : before, after })
    }
  }
  return ok([...composed.values()].toSorted((a, b) => compareBytes(a.path, b.path)))
}

/** Whether both are the same file, or both none. */
export function isSame(left: FileState | null, right: FileState | null): boolean {
  if (left === null || right === null) return left === right
  return left.digest === right.digest && left.executable === right.executable && left.size === right.size
}
