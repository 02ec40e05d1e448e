import type { ActionId } from '../model/graph.ts'

interface Timed {
  readonly id: ActionId
  readonly needs: readonly ActionId[]
  readonly durationMs: number
}

/** What a run can't be quicker than, however many commands run at once: the way through it that takes longest. */
export interface CriticalPath {
  /** In the order in which they run; none that took no time at either end. */
  readonly ids: readonly ActionId[]
  readonly durationMs: number
}

/** @param actions in plan order. The first of several that take equally long. */
export function criticalPath(actions: readonly Timed[]): CriticalPath {
  const ends = new Map<ActionId, { readonly at: number; readonly before: ActionId | null }>()
  let last: ActionId | null = null
  for (const { id, needs, durationMs } of actions) {
    let before: ActionId | null = null
    for (const need of needs) {
      const end = ends.get(need)?.at ?? 0
      if (end > (before === null ? 0 : (ends.get(before)?.at ?? 0))) before = need
    }
    const at: number = (before === null ? 0 : (ends.get(before)?.at ?? 0)) + durationMs
    ends.set(id, { at, before })
    if (at > (last === null ? 0 : (ends.get(last)?.at ?? 0))) last = id
  }
  const ids: ActionId[] = []
  for (let at = last; at !== null; at = ends.get(at)?.before ?? null) ids.push(at)
  return { ids: ids.toReversed(), durationMs: last === null ? 0 : (ends.get(last)?.at ?? 0) }
}
