import { groupBy } from '../grouping.ts'
import type { Arrangement } from './drawing.ts'
import type { Box, Curve, Engine, Size } from './engine.ts'
import { SIZES } from './sizes.ts'

interface Link {
  readonly from: number
  readonly to: number
}

/** What hangs together, laid out by itself. */
interface Island extends Size {
  /** Places of its packs. */
  readonly members: readonly number[]
  readonly boxes: readonly Box[]
  /** Places of its links. */
  readonly links: readonly number[]
  readonly curves: readonly Curve[]
}

/** Wide rather than high, as screens are. */
const SHAPE = 1.6

/** Places packs: those that hang together from left to right, and these islands in rows. */
export function arrange(engine: Engine, sizes: readonly Size[], links: readonly Link[]): Arrangement {
  const islands = islandsOf(sizes, links).map((island) => layOut(engine, sizes, { ...island, all: links }))
  const area = islands.reduce((sum, { width, height }) => sum + (width + GAP) * (height + GAP), 0)
  const widest = Math.max(Math.sqrt(area * SHAPE), ...islands.map(({ width }) => width))
  const boxes: Box[] = []
  const curves: Curve[] = []
  let [x, y, row, right] = [0, 0, 0, 0]
  for (const island of islands) {
    if (x > 0 && x + island.width > widest + 1) [x, y, row] = [0, y + row + GAP, 0]
    for (const [at, place] of island.members.entries()) boxes[place] = moved(island.boxes[at], x, y)
    for (const [at, place] of island.links.entries()) curves[place] = shifted(island.curves[at] ?? [], x, y)
    right = Math.max(right, x + island.width)
    row = Math.max(row, island.height)
    x += island.width + GAP
  }
  return { width: right, height: y + row, boxes, curves }
}

const GAP: number = SIZES.gaps.packs.across

interface Members {
  readonly members: readonly number[]
  readonly links: readonly number[]
}

/** The largest first, and otherwise in plan order. */
function islandsOf(sizes: readonly Size[], links: readonly Link[]): readonly Members[] {
  const home = sizes.map((_, place) => place)
  const find = (place: number): number => {
    let root = place
    while (home[root] !== root) root = home[root] ?? root
    home[place] = root
    return root
  }
  for (const { from, to } of links) {
    const [one, other] = [find(from), find(to)]
    home[Math.max(one, other)] = Math.min(one, other)
  }
  const islands = new Map<number, { members: number[]; links: number[] }>()
  for (const place of sizes.keys()) {
    const island = islands.get(find(place)) ?? { members: [], links: [] }
    island.members.push(place)
    islands.set(find(place), island)
  }
  for (const [at, { from }] of links.entries()) islands.get(find(from))?.links.push(at)
  return [...islands.values()].toSorted((a, b) => b.members.length - a.members.length)
}

function layOut(
  engine: Engine,
  sizes: readonly Size[],
  { members, links, all }: Members & { readonly all: readonly Link[] },
): Island {
  const [only] = members
  if (members.length === 1 && only !== undefined) {
    const size = sizes[only] ?? { width: 0, height: 0 }
    return { ...size, members, links, boxes: [{ ...size, x: 0, y: 0 }], curves: [] }
  }
  const places = new Map(members.map((member, place) => [member, place]))
  const lines = links.map((at) => ({
    from: places.get(all[at]?.from ?? 0) ?? 0,
    to: places.get(all[at]?.to ?? 0) ?? 0,
  }))
  const boxes = members.map((member) => sizes[member] ?? { width: 0, height: 0 })
  const slots = columns(boxes, lines)
  const solution = engine({ boxes: slots, lines, gaps: SIZES.gaps.packs })
  const curves = solution.lines.map((curve, at) =>
    reaching(curve, solution.boxes, { boxes, from: lines[at]?.from ?? 0 }),
  )
  const [left, top] = [Math.min(0, ...xsOf(curves)), Math.min(0, ...ysOf(curves))]
  return {
    ...{ members, links },
    width: Math.max(solution.width, ...xsOf(curves)) - left,
    height: Math.max(solution.height, ...ysOf(curves)) - top,
    boxes: boxes.map((size, at) => ({ ...moved(solution.boxes[at], -left, -top), ...size })),
    curves: curves.map((curve) => shifted(curve, -left, -top)),
  }
}

/** Boxes as wide as their column, so that all of it begins at one line. Packs come in an order in which lines lead forwards. */
function columns(boxes: readonly Size[], lines: readonly Link[]): readonly Size[] {
  const levels = boxes.map(() => 0)
  const after = groupBy(lines, ({ from }) => from)
  for (const place of boxes.keys()) {
    for (const { to } of after.get(place) ?? []) levels[to] = Math.max(levels[to] ?? 0, (levels[place] ?? 0) + 1)
  }
  const widths = new Map<number, number>()
  for (const [at, level] of levels.entries()) {
    widths.set(level, Math.max(widths.get(level) ?? 0, boxes[at]?.width ?? 0))
  }
  return boxes.map(({ height }, at) => ({ width: widths.get(levels[at] ?? 0) ?? 0, height }))
}

/** A curve that leaves from the side of the box and not from that of its column. */
function reaching(
  curve: Curve,
  slots: readonly Box[],
  { boxes, from }: { readonly boxes: readonly Size[]; readonly from: number },
): Curve {
  const [x = 0, y = 0] = curve
  const side = (slots[from]?.x ?? 0) + (boxes[from]?.width ?? 0)
  return x - side < 1 ? curve : [side, y, (side + x) / 2, y, (side + x) / 2, y, ...curve]
}

/** Of a loop, because a list of so many arguments may be too long. */
function xsOf(curves: readonly Curve[]): readonly number[] {
  return extremes(curves, 0)
}

function ysOf(curves: readonly Curve[]): readonly number[] {
  return extremes(curves, 1)
}

function extremes(curves: readonly Curve[], start: 0 | 1): readonly number[] {
  let [least, most] = [Infinity, -Infinity]
  for (const curve of curves) {
    for (let at: number = start; at < curve.length; at += 2) {
      least = Math.min(least, curve[at] ?? least)
      most = Math.max(most, curve[at] ?? most)
    }
  }
  return least <= most ? [least, most] : []
}

function moved(box: Box | undefined, x: number, y: number): Box {
  return box ? { ...box, x: box.x + x, y: box.y + y } : { x, y, width: 0, height: 0 }
}

function shifted(curve: Curve, x: number, y: number): Curve {
  return curve.map((value, at) => value + (at % 2 === 0 ? x : y))
}
