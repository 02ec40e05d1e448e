// Which actions somebody looks for, and what comes before and after one.
import type { FactsData, PictureData } from '../data.ts'

export interface Wanted {
  readonly text: string
  /** Empty: all. */
  readonly pillars: ReadonlySet<string>
  readonly phases: ReadonlySet<string>
  readonly statuses: ReadonlySet<string>
}

const NOT_RUN = 'not in this run'

export function statusOf({ status }: PictureData['actions'][number]): string {
  return status ?? NOT_RUN
}

/** For each action whether it is wanted. Words may stand in any order, in its id, its command or the title of its pack. */
export function findActions({ actions, packs }: PictureData, facts: FactsData, wanted: Wanted): readonly boolean[] {
  const words = wanted.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const fits = (set: ReadonlySet<string>, value: string): boolean => set.size === 0 || set.has(value)
  return actions.map((action, at) => {
    const pack = packs[action.pack]
    if (!fits(wanted.pillars, pack?.pillar ?? '') || !fits(wanted.phases, action.phase)) return false
    if (!fits(wanted.statuses, statusOf(action))) return false
    if (words.length === 0) return true
    const text = `${action.id} ${pack?.title ?? ''} ${facts.actions[at]?.command ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

export interface Around {
  readonly before: ReadonlySet<number>
  readonly after: ReadonlySet<number>
}

export interface Neighbours {
  readonly before: readonly (readonly number[])[]
  readonly after: readonly (readonly number[])[]
}

export function neighboursIn({ actions }: FactsData): Neighbours {
  const before = actions.map(({ needs }) => needs.map(([action]) => action))
  const after: number[][] = actions.map(() => [])
  for (const [at, needs] of before.entries()) for (const need of needs) after[need]?.push(at)
  return { before, after }
}

/** All that comes before some actions, and all that comes after, each with these. */
export function around(starts: readonly number[], { before, after }: Neighbours): Around {
  return { before: reach(starts, before), after: reach(starts, after) }
}

function reach(starts: readonly number[], next: readonly (readonly number[])[]): ReadonlySet<number> {
  const found = new Set(starts)
  // A set that is being walked also yields what is added on the way.
  for (const at of found) for (const other of next[at] ?? []) found.add(other)
  return found
}
