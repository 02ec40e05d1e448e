// Where packs are when some of them are folded.
import type { PictureData, Rectangle } from '../data.ts'

export interface Placing {
  readonly boxes: readonly Rectangle[]
  readonly curves: readonly (readonly number[])[]
  readonly width: number
  readonly height: number
}

/**
 * Stretches and shrinks what was laid out with all packs open, or with all folded, as far as each pack needs it: what was left of
 * something stays left of it, and what was above stays above.
 */
export function place(
  { packs, links, size }: PictureData,
  base: 'open' | 'folded',
  isOpen: readonly boolean[],
): Placing {
  const wanted = packs.map((pack, at) => (isOpen[at] ? pack.open : pack.folded))
  const areas = packs.map((pack) => pack[base])
  const across = stretched(areas.map(([x, , width], at) => [x, x + width, wanted[at]?.[2] ?? width]))
  const along = stretched(areas.map(([, y, , height], at) => [y, y + height, wanted[at]?.[3] ?? height]))
  const boxes = areas.map((area, at) => boxIn(area, wanted[at] ?? area, { across, along }))
  const [width, height] = size[base]
  const curves = links.map((link) => {
    const curve = link[base].map((value, at) => (at % 2 === 0 ? across(value) : along(value)))
    return joining(curve, boxes[link.from], boxes[link.to])
  })
  return { boxes, curves, width: across(width), height: along(height) }
}

type Stretch = (value: number) => number

function boxIn(
  [left, top, , tall]: Rectangle,
  [, , width, height]: Rectangle,
  { across, along }: { readonly across: Stretch; readonly along: Stretch },
): Rectangle {
  const [first, last] = [along(top), along(top + tall) - height]
  const y = Math.min(last, Math.max(first, along(top + tall / 2) - height / 2))
  return [across(left), y, width, height]
}

/** @param spans where each begins and ends now, and how long it is to be */
function stretched(spans: readonly (readonly [start: number, end: number, length: number])[]): Stretch {
  const stops = [...new Set(spans.flatMap(([start, end]) => [start, end]))].toSorted((a, b) => a - b)
  const placeOf = new Map(stops.map((stop, at) => [stop, at]))
  const factors = stops.map(() => 0)
  for (const [start, end, length] of spans) {
    const factor = end > start ? length / (end - start) : 1
    const last = placeOf.get(end) ?? 0
    for (let at = placeOf.get(start) ?? 0; at < last; at += 1) factors[at] = Math.max(factors[at] ?? 0, factor)
  }
  const moved = [stops[0] ?? 0]
  for (const [at, stop] of stops.entries()) {
    const next = stops[at + 1]
    // Where nothing is, there is a gap, which stays.
    if (next !== undefined) moved.push((moved[at] ?? 0) + (next - stop) * (factors[at] || 1))
  }
  return (value) => {
    const at = lastAtMost(stops, value)
    if (at === -1) return value
    return (moved[at] ?? 0) + (value - (stops[at] ?? 0)) * (at + 1 < stops.length ? factors[at] || 1 : 1)
  }
}

function lastAtMost(stops: readonly number[], value: number): number {
  let [low, high] = [0, stops.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((stops[middle] ?? 0) <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** The curve with its ends at the boxes. */
function joining(curve: readonly number[], from: Rectangle | undefined, to: Rectangle | undefined): readonly number[] {
  if (!from || !to || curve.length < 8) return curve
  const joined = [...curve]
  const [start, end] = [from[1] + from[3] / 2 - (curve[1] ?? 0), to[1] + to[3] / 2 - (curve.at(-1) ?? 0)]
  for (const at of [1, 3]) joined[at] = (joined[at] ?? 0) + start
  for (const at of [curve.length - 3, curve.length - 1]) joined[at] = (joined[at] ?? 0) + end
  const [side, x = 0, y = 0] = [from[0] + from[2], joined[0], joined[1]]
  return x - side < 1 ? joined : [side, y, (side + x) / 2, y, (side + x) / 2, y, ...joined]
}
