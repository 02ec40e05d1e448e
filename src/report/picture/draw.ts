import type { ActionId, Edge, Graph } from '../../model/graph.ts'
import type { Pack } from '../../model/pack.ts'
import { widthOf } from '../columns.ts'
import type { GraphView } from '../graph-view.ts'
import { groupBy } from '../grouping.ts'
import { escapeText } from '../style.ts'
import { arrange } from './arrange.ts'
import type { Drawing, DrawnPack } from './drawing.ts'
import type { Engine } from './engine.ts'
import { drawInside } from './inside.ts'
import { SIZES } from './sizes.ts'
import { packWords } from './words.ts'

/** Lays a graph out, packs and what is in them, the same on every machine. */
export function draw(engine: Engine, view: GraphView): Drawing {
  const { graph, run } = view
  const indexes = new Map(graph.actions.map(({ id }, index) => [id, index]))
  const inPack = groupBy(graph.actions, ({ pack }) => pack)
  const homes = new Map(graph.actions.map(({ id, pack }) => [id, pack]))
  const isWithin = ({ from, to }: Edge): boolean => homes.get(from) === homes.get(to)
  const edges = groupBy(graph.edges.filter(isWithin), ({ from }) => homes.get(from))
  const packs = graph.packs.map((pack): DrawnPack => {
    const { id } = pack.definition
    const content = { actions: inPack.get(id) ?? [], edges: edges.get(id) ?? [], indexes, run }
    return framed(pack, { ...drawInside(engine, content), view })
  })
  const links = linksOf(view, homes)
  return {
    packs,
    links,
    open: arrange(
      engine,
      packs.map(({ open }) => open),
      links,
    ),
    folded: arrange(
      engine,
      packs.map(({ folded }) => folded),
      links,
    ),
  }
}

function framed(
  pack: Pack,
  { view, width, height, ...inside }: ReturnType<typeof drawInside> & { readonly view: GraphView },
): DrawnPack {
  const { frame, folded, letter, small } = SIZES
  const title = widthOf(escapeText(pack.definition.id)) * letter
  const drawn = { pack, ...inside }
  const under = widthOf(packWords(drawn, view.run).join(' · ')) * small
  return {
    ...drawn,
    open: {
      width: Math.ceil(Math.max(width, title + folded.mark) + 2 * frame.padding),
      height: Math.ceil(frame.title + frame.column + height + frame.padding),
    },
    folded: {
      width: Math.ceil(Math.max(folded.least, title + folded.mark, under) + 2 * folded.padding),
      height: folded.height,
    },
  }
}

function linksOf({ graph, run }: GraphView, homes: ReadonlyMap<ActionId, string>): Drawing['links'] {
  const places = new Map(graph.packs.map(({ definition }, place) => [definition.id, place]))
  const placeOf = (id: ActionId): number => places.get(homes.get(id) ?? '') ?? 0
  const critical = new Set<string>()
  for (const [at, id] of (run?.critical ?? []).entries()) {
    const next = run?.critical[at + 1]
    if (next !== undefined && homes.has(id) && homes.has(next)) critical.add(`${placeOf(id)} ${placeOf(next)}`)
  }
  const between = betweenPacks(graph, placeOf)
  const found: { from: number; to: number; critical: boolean }[] = []
  for (const [to, needs] of between) {
    for (const from of needs) {
      const isOn = critical.has(`${from} ${to}`)
      if (isOn || !followsFrom(between, from, to)) found.push({ from, to, critical: isOn })
    }
  }
  return found
}

type Needs = ReadonlyMap<number, ReadonlySet<number>>

function betweenPacks({ edges }: Graph, placeOf: (id: ActionId) => number): Needs {
  const between = new Map<number, Set<number>>()
  for (const { from, to } of edges) {
    const [earlier, later] = [placeOf(from), placeOf(to)]
    if (earlier !== later) between.set(later, (between.get(later) ?? new Set()).add(earlier))
  }
  return between
}

/** Whether a pack comes before another because of a third as well. Packs are in plan order, so that none before the first matters. */
function followsFrom(between: Needs, from: number, to: number): boolean {
  const seen = new Set([...(between.get(to) ?? [])].filter((place) => place > from))
  // A set that is being walked also yields what is added on the way.
  for (const place of seen) {
    for (const need of between.get(place) ?? []) {
      if (need === from) return true
      if (need > from) seen.add(need)
    }
  }
  return false
}
