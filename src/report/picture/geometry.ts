import type { GraphView, RunOverlay } from '../graph-view.ts'
import { isCritical } from '../graph-view.ts'
import { elapsed } from '../duration.ts'
import { edgeWording } from '../edges.ts'
import { count } from '../phrase.ts'
import { escapeText } from '../style.ts'
import type { ActionData, LinkData, PackData, PictureData, Rectangle } from './data.ts'
import type { Drawing, DrawnAction, DrawnLine, DrawnPack } from './drawing.ts'
import type { Box, Curve } from './engine.ts'
import { packTone, packWords } from './words.ts'

/** More actions than these are shown folded at first. */
const MOST_OPEN = 150

/** The drawing as data. `fold`: whether each pack is one node; `null`: where there is much. */
export function pictureData(drawing: Drawing, view: GraphView, fold: boolean | null): PictureData {
  const { graph, run } = view
  const actions: ActionData[] = []
  for (const [pack, { actions: own }] of drawing.packs.entries()) {
    for (const action of own) actions[action.index] = actionData(action, pack, run)
  }
  return {
    title: `${count(graph.actions.length, 'action')} of ${count(graph.packs.length, 'pack')}`,
    notes: notesOf(view),
    reasons: view.isWay ? reasonsOf(view) : [],
    run: run && runData(run),
    packs: drawing.packs.map((pack, at) => packData(pack, { drawing, at, view })),
    actions,
    links: drawing.links.map((link, at) => linkData(link, drawing, at)),
    fold: fold ?? graph.actions.length > MOST_OPEN,
    size: {
      open: [round(drawing.open.width), round(drawing.open.height)],
      folded: [round(drawing.folded.width), round(drawing.folded.height)],
    },
  }
}

function notesOf({ graph, whole, isWay }: GraphView): readonly string[] {
  const beside = whole.actions.length - graph.actions.length
  if (beside === 0) return []
  return [isWay ? 'the shortest way from the first to the last' : `${count(beside, 'other action')} not shown`]
}

function reasonsOf({ graph, whole }: GraphView): readonly string[] {
  const wording = edgeWording(whole)
  return graph.edges.map((edge) => `${escapeText(edge.to)}: ${wording(edge).words}`)
}

function runData({ name, verdict, criticalMs, critical }: RunOverlay): PictureData['run'] {
  const path = `${elapsed(criticalMs)} through ${count(critical.length, 'action')}`
  return {
    name: escapeText(name),
    verdict,
    tone: verdict === 'passed' ? 'good' : 'bad',
    critical: critical.length > 0 ? path : null,
  }
}

function actionData(drawn: DrawnAction, pack: number, run: RunOverlay | null): ActionData {
  const { action, label, aside, ended } = drawn
  return {
    ...{ id: escapeText(action.id), pack, phase: action.phase, label, aside },
    tone: ended?.tone ?? null,
    status: ended?.status ?? null,
    words: ended?.words ?? (run === null ? '' : 'not in this run'),
    critical: run?.critical.includes(action.id) ?? false,
    box: rectangle(drawn),
  }
}

interface Place {
  readonly drawing: Drawing
  readonly at: number
  readonly view: GraphView
}

function packData(drawn: DrawnPack, { drawing, at, view }: Place): PackData {
  const { definition } = drawn.pack
  return {
    id: escapeText(definition.id),
    title: escapeText(definition.title),
    pillar: definition.pillar,
    tone: packTone(drawn),
    words: packWords(drawn, view.run).map(escapeText),
    actions: drawn.actions.map(({ index }) => index),
    columns: drawn.columns.map(({ phase, x, width }) => ({ phase, x: round(x), width: round(width) })),
    lines: drawn.lines.map((line) => lineData(line, view)),
    open: rectangle(drawing.open.boxes[at]),
    folded: rectangle(drawing.folded.boxes[at]),
  }
}

function lineData({ from, to, kind, curve }: DrawnLine, { graph, run }: GraphView): PackData['lines'][number] {
  const idOf = (index: number): string => graph.actions[index]?.id ?? ''
  const critical = from.some((one) => to.some((other) => isCritical(run, { from: idOf(one), to: idOf(other) })))
  return { from, to, kind, critical, curve: curve.map(round) }
}

function linkData({ from, to, critical }: Drawing['links'][number], drawing: Drawing, at: number): LinkData {
  const curveOf = (curve: Curve | undefined): readonly number[] => (curve ?? []).map(round)
  return { from, to, critical, open: curveOf(drawing.open.curves[at]), folded: curveOf(drawing.folded.curves[at]) }
}

function rectangle(box: Box | undefined): Rectangle {
  return [box?.x ?? 0, box?.y ?? 0, box?.width ?? 0, box?.height ?? 0].map(round) as unknown as Rectangle
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
