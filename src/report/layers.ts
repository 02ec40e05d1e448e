import { groupBy } from './grouping.ts'
import type { Picture } from './report-model.ts'

/** Nodes that come after the same nodes and before the same nodes: one box, so that three and three take one line and not nine. */
export interface Cluster {
  readonly members: Picture['nodes']
}

/** A cluster, or a point (`null`) at which a long line passes through a layer. */
export interface Vertex {
  readonly cluster: Cluster | null
  readonly above: Vertex[]
  readonly below: Vertex[]
}

/** Top to bottom, every layer in the order from left to right; lines lead from one layer to the next. */
export function layersOf(picture: Picture): readonly (readonly Vertex[])[] {
  const { clusters, edges } = clustersOf(picture)
  const ranks = ranksOf(clusters, edges)
  const vertices = new Map<Cluster, Vertex>(clusters.map((cluster) => [cluster, { cluster, above: [], below: [] }]))
  const layers: Vertex[][] = Array.from({ length: Math.max(0, ...ranks.values()) + 1 }, () => [])
  for (const [cluster, vertex] of vertices) layers[ranks.get(cluster) ?? 0]?.push(vertex)
  for (const { from, to } of edges) {
    let at = vertices.get(from)
    const end = vertices.get(to)
    if (!at || !end) continue
    for (let rank = (ranks.get(from) ?? 0) + 1; rank < (ranks.get(to) ?? 0); rank += 1) {
      const point: Vertex = { cluster: null, above: [], below: [] }
      layers[rank]?.push(point)
      at = connect(at, point)
    }
    connect(at, end)
  }
  return untangle(layers)
}

function connect(above: Vertex, below: Vertex): Vertex {
  above.below.push(below)
  below.above.push(above)
  return below
}

interface Line {
  readonly from: Cluster
  readonly to: Cluster
}

function clustersOf({ nodes, edges }: Picture): { clusters: readonly Cluster[]; edges: readonly Line[] } {
  const before = groupBy(edges, ({ to }) => to)
  const after = groupBy(edges, ({ from }) => from)
  const keyOf = ({ id }: Picture['nodes'][number]): string =>
    JSON.stringify([
      before
        .get(id)
        ?.map(({ from }) => from)
        .toSorted(),
      after
        .get(id)
        ?.map(({ to }) => to)
        .toSorted(),
    ])
  const clusters = [...groupBy(nodes, keyOf).values()].map((members): Cluster => ({ members }))
  const home = new Map(clusters.flatMap((cluster) => cluster.members.map(({ id }) => [id, cluster] as const)))
  const lines = new Map<string, Line>()
  for (const edge of edges) {
    const [from, to] = [home.get(edge.from), home.get(edge.to)]
    if (from && to) lines.set(`${clusters.indexOf(from)} ${clusters.indexOf(to)}`, { from, to })
  }
  return { clusters, edges: [...lines.values()] }
}

/** The length of the longest way to each; nodes, and so the clusters' first members, come in an order in which lines lead forwards. */
function ranksOf(clusters: readonly Cluster[], edges: readonly Line[]): ReadonlyMap<Cluster, number> {
  const ranks = new Map(clusters.map((cluster) => [cluster, 0]))
  for (let changed = true, round = 0; changed && round <= clusters.length; round += 1) {
    changed = false
    for (const { from, to } of edges) {
      const rank = (ranks.get(from) ?? 0) + 1
      if (rank <= (ranks.get(to) ?? 0)) continue
      ranks.set(to, rank)
      changed = true
    }
  }
  return ranks
}

const SWEEPS = 4

/** Orders each layer by where the neighbours in the layer before stand on average (Sugiyama), down and up in turn. */
function untangle(layers: readonly Vertex[][]): readonly (readonly Vertex[])[] {
  let ordered: readonly (readonly Vertex[])[] = layers
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0
    const places = new Map<Vertex, number>()
    const sorted = (down ? ordered : ordered.toReversed()).map((layer) => {
      const wanted = new Map(
        layer.map((vertex, at) => [vertex, averageOf(down ? vertex.above : vertex.below, places) ?? at]),
      )
      const next = layer.toSorted((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0))
      for (const [at, vertex] of next.entries()) places.set(vertex, at)
      return next
    })
    ordered = down ? sorted : sorted.toReversed()
  }
  return ordered
}

/** `null` where none of them has a value. */
export function averageOf(vertices: readonly Vertex[], values: ReadonlyMap<Vertex, number>): number | null {
  const known = vertices.flatMap((vertex) => values.get(vertex) ?? [])
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}
