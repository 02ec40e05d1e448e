// The elements of a picture: written to a file by svg.ts, made in a page by page/.
import type { ActionData, LinkData, PackData, PictureData, Rectangle } from './data.ts'
import { SIZES } from './sizes.ts'

/** An element of SVG; its strings are texts and values, never markup. */
export interface Shape {
  readonly tag: 'g' | 'path' | 'rect' | 'text' | 'title' | 'tspan'
  readonly attributes: Readonly<Record<string, string | number>>
  readonly children: readonly (Shape | string)[]
}

function shape(tag: Shape['tag'], attributes: Shape['attributes'], children: Shape['children'] = []): Shape {
  return { tag, attributes, children }
}

/** What an action is, at a glance. Drawn in a square of 12 pixels. */
const MARKS: Readonly<Record<string, string>> = {
  steps: 'M3 2.5 9.5 6 3 9.5Z',
  format: 'M2 3.5H10M2 6H10M2 8.5H7',
  lint: 'M5.2 1.8A3.4 3.4 0 1 1 5.2 8.6 3.4 3.4 0 1 1 5.2 1.8ZM7.7 7.7 10.4 10.4',
  tests: 'M4.2 1.5V4.6L1.6 9.4Q1.4 10.5 2.5 10.5H9.5Q10.6 10.5 10.4 9.4L7.8 4.6V1.5M3.2 1.5H8.8M3 7.2H9',
  controls: 'M6 1.5A4.5 4.5 0 1 1 6 10.5 4.5 4.5 0 1 1 6 1.5ZM2.9 2.9 9.1 9.1',
  gate: 'M6 1.2 10.2 2.7V6Q10.2 9.3 6 10.9 1.8 9.3 1.8 6V2.7Z',
  good: 'M2 6.4 4.8 9.2 10 3.2',
  bad: 'M2.5 2.5 9.5 9.5M9.5 2.5 2.5 9.5',
  idle: 'M2.5 6H9.5',
}

/** A cubic curve through points, each given by x and y. */
function pathOf(curve: readonly number[]): string {
  const [x = 0, y = 0, ...rest] = curve
  return `M${x} ${y}C${rest.join(' ')}`
}

export function linkShape({ critical }: Pick<LinkData, 'critical'>, curve: readonly number[]): Shape {
  return shape('path', { class: critical ? 'link critical' : 'link', d: pathOf(curve) })
}

/** A pack as one node, at its place. */
export function foldedShape(pack: PackData, [x, y, width, height]: Rectangle): Shape {
  const { padding, mark } = SIZES.folded
  const tone = pack.tone === null ? '' : ` ${pack.tone}`
  return shape('g', { class: `pack folded ${pack.pillar}${tone}`, transform: `translate(${x} ${y})` }, [
    shape('title', {}, [`${pack.id}: ${pack.title}`]),
    ...frame(pack, width, height),
    shape('text', { class: 'id', x: padding + mark, y: 21 }, [pack.id]),
    shape('text', { class: 'about', x: padding, y: 38 }, [pack.words.join(' · ')]),
  ])
}

/** The frame of an open pack, at its place; what is in it goes at {@link INSIDE}. */
export function openShape(pack: PackData, [x, y, width, height]: Rectangle): Shape {
  const { padding, title: bar } = SIZES.frame
  const start = padding + SIZES.folded.mark
  const used = start + pack.id.length * SIZES.letter + 12
  const room = Math.floor((width - used - padding) / SIZES.small)
  const tone = pack.tone === null ? '' : ` ${pack.tone}`
  const title = room < 8 ? [] : [shape('text', { class: 'about', x: used, y: bar - 11 }, [shortened(pack.title, room)])]
  return shape('g', { class: `pack open ${pack.pillar}${tone}`, transform: `translate(${x} ${y})` }, [
    ...frame(pack, width, height),
    shape('text', { class: 'id', x: start, y: bar - 11 }, [pack.id]),
    ...title,
  ])
}

export const INSIDE: { readonly x: number; readonly y: number } = {
  x: SIZES.frame.padding,
  y: SIZES.frame.title + SIZES.frame.column,
}

function frame(pack: PackData, width: number, height: number): readonly Shape[] {
  const { padding } = SIZES.folded
  const mark =
    pack.tone === null
      ? []
      : [shape('path', { class: 'mark', transform: `translate(${padding - 1} 11)`, d: MARKS[pack.tone] ?? '' })]
  const dot = shape('rect', { class: 'pillar', x: padding, y: 12, width: 10, height: 10, rx: 3 })
  return [shape('rect', { class: 'frame', width, height, rx: 9 }), ...(mark.length > 0 ? mark : [dot])]
}

/** Lines, phases and actions of an open pack, relative to its inside. */
export function insideShapes(pack: PackData, { actions }: Pick<PictureData, 'actions'>): readonly Shape[] {
  return [
    ...pack.columns.map(({ phase, x }) => shape('text', { class: 'heading', x: x + 1, y: -8 }, [phase])),
    ...pack.lines.map((line) => lineShape(line)),
    ...pack.actions.flatMap((index) => actions[index] ?? []).map((action) => actionShape(action)),
  ]
}

function lineShape({ kind, critical, curve }: PackData['lines'][number]): Shape {
  return shape('path', { class: `line ${kind}${critical ? ' critical' : ''}`, d: pathOf(curve) })
}

function actionShape(action: ActionData): Shape {
  const { id, label, aside, phase, tone, words, critical } = action
  const [x, y, width, height] = action.box
  const marked = tone ?? phase
  const time =
    aside === '' ? [] : [shape('text', { class: 'aside', x: width - SIZES.action.after + 2, y: 17 }, [aside])]
  const kinds = ['action', phase, tone ?? 'plain', ...(critical ? ['critical'] : [])]
  return shape('g', { class: kinds.join(' '), transform: `translate(${x} ${y})` }, [
    shape('title', {}, [words === '' ? id : `${id}: ${words}`]),
    shape('rect', { width, height, rx: 6 }),
    shape('path', { class: 'mark', transform: 'translate(7 7)', d: MARKS[marked] ?? '' }),
    shape('text', { class: 'label', x: SIZES.action.before, y: 17 }, [label]),
    ...time,
  ])
}

function shortened(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 1).trimEnd()}…`
}
