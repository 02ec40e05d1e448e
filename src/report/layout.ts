import { widthOf } from './columns.ts'
import { averageOf, layersOf, type Cluster, type Vertex } from './layers.ts'
import type { Picture } from './report-model.ts'
import { escapeText } from './style.ts'

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Chip extends Box {
  readonly node: Picture['nodes'][number]
  /** What stands on it. */
  readonly label: string
}

/** Where everything is drawn, in CSS pixels. */
export interface Layout {
  readonly width: number
  readonly height: number
  readonly chips: readonly Chip[]
  /** Around chips that belong together. */
  readonly frames: readonly Box[]
  /** From the lower middle of one box to the upper middle of another. */
  readonly lines: readonly { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number }[]
}

/** So that a layer of several short names still fits on a phone. */
const WIDEST_CLUSTER = 304
const CHIP = { height: 26, gap: 6, text: 6.7, beside: 30, longest: 34 } as const
const FRAME = 6
const GAP = { layers: 26, across: 14 } as const
const MARGIN = 8

export function layOut(picture: Picture): Layout {
  const layers = layersOf(picture)
  const shapes = new Map(layers.flat().map((vertex) => [vertex, shapeOf(vertex.cluster)]))
  const centres = centresOf(layers, shapes)
  const boxes = boxesOf(layers, shapes, centres)
  const placed = [...boxes].map(([vertex, box]) => ({ vertex, box, shape: shapes.get(vertex) ?? NO_SHAPE }))
  const all = placed.map(({ box }) => box)
  return {
    width: Math.max(0, ...all.map(({ x, width }) => x + width)) + MARGIN,
    height: Math.max(0, ...all.map(({ y, height }) => y + height)) + MARGIN,
    chips: placed.flatMap(({ vertex, box, shape }) => chipsIn(vertex.cluster, box, shape)),
    frames: placed.flatMap(({ vertex, box }) => ((vertex.cluster?.members.length ?? 0) > 1 ? [box] : [])),
    lines: placed.flatMap(({ vertex, box }) => linesFrom(vertex, box, boxes)),
  }
}

interface Shape {
  readonly width: number
  readonly height: number
  readonly columns: number
  readonly chip: number
  readonly padding: number
}

const NO_SHAPE: Shape = { width: 0, height: 0, columns: 1, chip: 0, padding: 0 }

function shapeOf(cluster: Cluster | null): Shape {
  if (cluster === null) return NO_SHAPE
  const { members } = cluster
  const chip = Math.round(Math.max(...members.map(({ label }) => widthOf(labelOf(label)))) * CHIP.text + CHIP.beside)
  const most = Math.max(1, Math.floor((WIDEST_CLUSTER + CHIP.gap) / (chip + CHIP.gap)))
  const columns = Math.min(most, members.length)
  const rows = Math.ceil(members.length / columns)
  const padding = members.length > 1 ? FRAME : 0
  const width = columns * (chip + CHIP.gap) - CHIP.gap + 2 * padding
  const height = rows * (CHIP.height + CHIP.gap) - CHIP.gap + 2 * padding
  return { width, height, columns, chip, padding }
}

/** The end of a long name tells more than its middle. */
function labelOf(text: string): string {
  const characters = [...escapeText(text)]
  if (characters.length <= CHIP.longest) return characters.join('')
  return `${characters.slice(0, 20).join('')}…${characters.slice(21 - CHIP.longest).join('')}`
}

type Shapes = ReadonlyMap<Vertex, Shape>

/** The middle of every vertex: below the middle of what is above it, as far as its neighbours let it. */
function centresOf(layers: readonly (readonly Vertex[])[], shapes: Shapes): ReadonlyMap<Vertex, number> {
  const centres = new Map<Vertex, number>()
  for (const layer of layers) place(layer, shapes, { centres, side: 'above' })
  for (const layer of layers.toReversed()) place(layer, shapes, { centres, side: 'below' })
  for (const layer of layers) place(layer, shapes, { centres, side: 'above' })
  return centres
}

interface Placing {
  readonly centres: Map<Vertex, number>
  readonly side: 'above' | 'below'
}

function place(layer: readonly Vertex[], shapes: Shapes, { centres, side }: Placing): void {
  const widthAt = (vertex: Vertex): number => shapes.get(vertex)?.width ?? 0
  const wanted = layer.map((vertex) => averageOf(vertex[side], centres) ?? centres.get(vertex) ?? 0)
  const placed: number[] = []
  let edge = -Infinity
  for (const [at, vertex] of layer.entries()) {
    const centre = Math.max(wanted[at] ?? 0, edge + widthAt(vertex) / 2)
    placed.push(centre)
    edge = centre + widthAt(vertex) / 2 + GAP.across
  }
  // What was pushed to the right is shared out to both sides.
  const drift = placed.reduce((sum, centre, at) => sum + centre - (wanted[at] ?? 0), 0) / Math.max(1, placed.length)
  for (const [at, vertex] of layer.entries()) centres.set(vertex, (placed[at] ?? 0) - drift)
}

function boxesOf(
  layers: readonly (readonly Vertex[])[],
  shapes: Shapes,
  centres: ReadonlyMap<Vertex, number>,
): ReadonlyMap<Vertex, Box> {
  const boxes = new Map<Vertex, Box>()
  const leftOf = (vertex: Vertex): number => (centres.get(vertex) ?? 0) - (shapes.get(vertex)?.width ?? 0) / 2
  const left = Math.min(...layers.flat().map(leftOf))
  let y = MARGIN
  for (const layer of layers) {
    const height = Math.max(...layer.map((vertex) => shapes.get(vertex)?.height ?? 0))
    for (const vertex of layer) {
      const shape = shapes.get(vertex) ?? NO_SHAPE
      const x = Math.round(leftOf(vertex) - left) + MARGIN
      // A point is as high as its layer, so that a line passes straight through.
      boxes.set(vertex, { x, y, width: shape.width, height: vertex.cluster ? shape.height : height })
    }
    y += height + GAP.layers
  }
  return boxes
}

function chipsIn(cluster: Cluster | null, box: Box, { columns, chip, padding }: Shape): readonly Chip[] {
  return (cluster?.members ?? []).map((node, at) => ({
    node,
    label: labelOf(node.label),
    x: box.x + padding + (at % columns) * (chip + CHIP.gap),
    y: box.y + padding + Math.floor(at / columns) * (CHIP.height + CHIP.gap),
    width: chip,
    height: CHIP.height,
  }))
}

function linesFrom(vertex: Vertex, box: Box, boxes: ReadonlyMap<Vertex, Box>): Layout['lines'] {
  const x1 = box.x + box.width / 2
  const y1 = box.y + box.height
  const through = vertex.cluster ? [] : [{ x1, y1: box.y, x2: x1, y2: y1 }]
  return [
    ...through,
    ...vertex.below.flatMap((next) => {
      const end = boxes.get(next)
      return end ? [{ x1, y1, x2: end.x + end.width / 2, y2: end.y }] : []
    }),
  ]
}
