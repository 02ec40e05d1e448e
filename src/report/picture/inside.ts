import { PHASES, type Action, type ActionId, type Edge, type Phase } from '../../model/graph.ts'
import { widthOf } from '../columns.ts'
import { elapsed } from '../duration.ts'
import type { RunOverlay } from '../graph-view.ts'
import { escapeText } from '../style.ts'
import type { Column, DrawnAction, DrawnLine } from './drawing.ts'
import type { Box, Curve, Engine, Problem, Size } from './engine.ts'
import { SIZES } from './sizes.ts'

export interface Inside extends Size {
  readonly actions: readonly DrawnAction[]
  readonly columns: readonly Column[]
  readonly lines: readonly DrawnLine[]
}

export interface Content {
  readonly actions: readonly Action[]
  /** Between these actions. */
  readonly edges: readonly Edge[]
  /** The place of every action in the picture. */
  readonly indexes: ReadonlyMap<ActionId, number>
  readonly run: RunOverlay | null
}

/** Draws the actions of one pack: their phases from left to right. */
export function drawInside(engine: Engine, content: Content): Inside {
  const drawn = content.actions.map((action) => unplaced(action, content))
  const widths = columnWidths(drawn)
  const boxes = drawn.map(({ action }) => ({
    width: widths.get(action.phase) ?? 0,
    height: SIZES.action.height,
  }))
  const lines = linesBetween(drawn, content)
  const problem = problemOf(drawn, boxes, lines)
  const solution = engine(problem)
  const { curves, dx, dy, width, height } = atOrigin(
    solution.boxes.slice(0, drawn.length),
    solution.lines.slice(0, lines.length),
  )
  const actions = drawn.map((action, at): DrawnAction => {
    const { x, y, ...size } = solution.boxes[at] ?? NOWHERE
    return { ...action, ...size, x: x - dx, y: y - dy }
  })
  return {
    ...{ width, height, actions },
    columns: columnsOf(actions),
    lines: lines.map(({ from, to, kind }, at) => ({ from, to, kind, curve: curves[at] ?? [] })),
  }
}

type Unplaced = Omit<DrawnAction, 'x' | 'y' | 'width' | 'height'>

function unplaced(action: Action, { indexes, run }: Content): Unplaced {
  const ended = run?.actions.get(action.id) ?? null
  const time = ended?.durationMs ?? null
  return {
    index: indexes.get(action.id) ?? 0,
    action,
    label: shortened(action.id.slice(action.id.indexOf('/') + 1)),
    aside: time === null ? (ended?.reused ? 'reused' : '') : elapsed(time),
    ended,
  }
}

/** The end of a long name tells more than its middle. */
function shortened(text: string): string {
  const characters = [...escapeText(text)]
  const { longest } = SIZES.action
  if (characters.length <= longest) return characters.join('')
  return `${characters.slice(0, longest - 13).join('')}…${characters.slice(-12).join('')}`
}

function columnWidths(drawn: readonly Unplaced[]): ReadonlyMap<Phase, number> {
  const widths = new Map<Phase, number>()
  for (const { action, label, aside } of drawn) {
    const { before, after, between } = SIZES.action
    const beside = aside === '' ? 0 : between + widthOf(aside) * SIZES.small
    const width = Math.ceil(before + widthOf(label) * SIZES.letter + beside + after)
    widths.set(action.phase, Math.max(width, widths.get(action.phase) ?? widthOf(action.phase) * SIZES.small))
  }
  return widths
}

/** A line whose ends are places in the problem, and what it stands for. */
interface Line extends Omit<DrawnLine, 'curve'> {
  readonly ends: readonly [number, number]
}

/**
 * The edges that are drawn: without those of order that others imply, and where several lead to the same several, all of
 * them through one point, so that four and five take nine lines and not twenty.
 */
function linesBetween(drawn: readonly Unplaced[], { edges }: Content): readonly Line[] {
  const places = new Map(drawn.map(({ action }, at) => [action.id, at]))
  const after = new Map<ActionId, Set<ActionId>>()
  for (const { from, to } of edges) after.set(from, (after.get(from) ?? new Set()).add(to))
  const isImplied = ({ from, to, kind }: Edge): boolean =>
    kind === 'phase' && [...(after.get(from) ?? [])].some((between) => after.get(between)?.has(to))
  const lines: Line[] = []
  const targets = new Map<number, number[]>()
  for (const edge of edges) {
    const [from = 0, to = 0] = [places.get(edge.from), places.get(edge.to)]
    if (isImplied(edge)) continue
    if (edge.kind === 'phase') targets.set(from, [...(targets.get(from) ?? []), to])
    else lines.push(lineOf(drawn, [from, to], edge.kind))
  }
  return [...lines, ...bundled(drawn, targets)]
}

function lineOf(drawn: readonly Unplaced[], [from, to]: readonly [number, number], kind: Edge['kind']): Line {
  return { ends: [from, to], from: [drawn[from]?.index ?? 0], to: [drawn[to]?.index ?? 0], kind }
}

function bundled(drawn: readonly Unplaced[], targets: ReadonlyMap<number, readonly number[]>): readonly Line[] {
  const bundles = new Map<string, { readonly from: number[]; readonly to: readonly number[] }>()
  for (const [from, to] of targets) {
    const bundle = bundles.get(to.join()) ?? { from: [], to }
    bundle.from.push(from)
    bundles.set(to.join(), bundle)
  }
  const indexes = (places: readonly number[]): readonly number[] => places.map((place) => drawn[place]?.index ?? 0)
  const lines: Line[] = []
  let point = drawn.length
  for (const { from, to } of bundles.values()) {
    if (from.length === 1 || to.length === 1) {
      for (const start of from) for (const end of to) lines.push(lineOf(drawn, [start, end], 'phase'))
      continue
    }
    const through = point
    for (const start of from)
      lines.push({ ends: [start, through], from: indexes([start]), to: indexes(to), kind: 'phase' })
    for (const end of to) lines.push({ ends: [through, end], from: indexes(from), to: indexes([end]), kind: 'phase' })
    point += 1
  }
  return lines
}

const NOWHERE: Box = { x: 0, y: 0, width: 0, height: 0 }

const POINT: Size = { width: 1, height: 1 }

function problemOf(drawn: readonly Unplaced[], boxes: readonly Size[], lines: readonly Line[]): Problem {
  const last = Math.max(drawn.length - 1, ...lines.flatMap(({ ends }) => ends))
  const points = Array.from({ length: last + 1 - drawn.length }, () => POINT)
  const ordered = ordering(drawn, boxes.length + points.length)
  return {
    boxes: [...boxes, ...points, ...ordered.points],
    lines: [...lines.map(({ ends: [from, to] }) => ({ from, to })), ...ordered.lines],
    gaps: SIZES.gaps.actions,
  }
}

/** Keeps the columns of the phases apart where no edge does. */
function ordering(
  drawn: readonly Unplaced[],
  start: number,
): Pick<Problem, 'lines'> & { readonly points: readonly Size[] } {
  const phases = PHASES.map((phase) => drawn.flatMap(({ action }, at) => (action.phase === phase ? [at] : [])))
  const filled = phases.filter((places) => places.length > 0)
  const lines = filled
    .slice(1)
    .flatMap((later, at) => [
      ...(filled[at] ?? []).map((from) => ({ from, to: start + at, hidden: true })),
      ...later.map((to) => ({ from: start + at, to, hidden: true })),
    ])
  return { lines, points: filled.slice(1).map(() => POINT) }
}

/** Moves everything so that it begins at 0. */
function atOrigin(
  boxes: readonly Box[],
  curves: readonly Curve[],
): Size & { readonly curves: readonly Curve[]; readonly dx: number; readonly dy: number } {
  const xs = curves.flatMap((curve) => curve.filter((_, at) => at % 2 === 0))
  const ys = curves.flatMap((curve) => curve.filter((_, at) => at % 2 === 1))
  const dx = Math.min(...boxes.map(({ x }) => x), ...xs)
  const dy = Math.min(...boxes.map(({ y }) => y), ...ys)
  return {
    ...{ dx, dy },
    width: Math.max(...boxes.map(({ x, width }) => x + width), ...xs) - dx,
    height: Math.max(...boxes.map(({ y, height }) => y + height), ...ys) - dy,
    curves: curves.map((curve) => curve.map((value, at) => value - (at % 2 === 0 ? dx : dy))),
  }
}

function columnsOf(actions: readonly DrawnAction[]): readonly Column[] {
  return PHASES.flatMap((phase) => {
    const own = actions.filter(({ action }) => action.phase === phase)
    if (own.length === 0) return []
    const x = Math.min(...own.map((box) => box.x))
    return [{ phase, x, width: Math.max(...own.map((box) => box.x + box.width)) - x }]
  })
}
