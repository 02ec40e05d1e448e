/** One line in two lists. */
export interface Anchor {
  readonly before: number
  readonly after: number
}

/** The most lines that stand once in each list and in the same order in both (patience diff). */
export function anchorsOf(from: readonly number[], to: readonly number[]): readonly Anchor[] {
  const [left, right] = [onlyPlaces(from), onlyPlaces(to)]
  const candidates: Anchor[] = []
  for (const [id, before] of left) {
    const after = right.get(id) ?? -1
    if (before !== -1 && after !== -1) candidates.push({ before, after })
  }
  return longestRising(candidates)
}

/** Where each number stands, in order of the first; -1: in several places. */
function onlyPlaces(ids: readonly number[]): ReadonlyMap<number, number> {
  const places = new Map<number, number>()
  for (const [place, id] of ids.entries()) places.set(id, places.has(id) ? -1 : place)
  return places
}

/** The longest selection that rises in `after`; `before` rises in all. */
function longestRising(candidates: readonly Anchor[]): readonly Anchor[] {
  // For each length, which candidate ends the selection of that length that ends lowest.
  const ends: number[] = []
  const previous: number[] = []
  for (const [index, { after }] of candidates.entries()) {
    const length = lowerBound(ends, (end) => (candidates[end]?.after ?? 0) < after)
    previous.push(ends[length - 1] ?? -1)
    ends[length] = index
  }
  const chosen: Anchor[] = []
  for (let index = ends.at(-1) ?? -1; index !== -1; index = previous[index] ?? -1) {
    const anchor = candidates[index]
    if (anchor) chosen.push(anchor)
  }
  return chosen.toReversed()
}

/** How many of the first elements hold. */
function lowerBound(list: readonly number[], holds: (element: number) => boolean): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(list[middle] ?? 0)) low = middle + 1
    else high = middle
  }
  return low
}
