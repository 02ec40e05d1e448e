import type { Manifest, ManifestAction } from '../model/manifest.ts'
import type { PackId } from '../model/pack.ts'
import { groupBy } from './grouping.ts'
import { statusWords } from './lines.ts'
import { toneOf } from './report-actions.ts'
import type { Picture, ReportGraph, Tone } from './report-model.ts'

/** Pictures of more than this are not looked at. */
const MOST_ACTIONS = 60
const MOST_PACKS = 150

const VERDICT_TONES: Readonly<Record<'passed' | 'failed' | 'interrupted', Tone>> = {
  passed: 'good',
  failed: 'bad',
  interrupted: 'idle',
}

/** What depends on what: the packs, and within each its actions where a person can take in all of them. */
export function picturesOf({ packs, actions }: Manifest): ReportGraph {
  const few = packs.length > 1 && packs.length <= MOST_PACKS
  const byPack = groupBy(actions, ({ pack }) => pack)
  return {
    packs: few ? packPicture(packs) : null,
    actions: new Map(actions.length > MOST_ACTIONS ? [] : [...byPack].map(([pack, own]) => [pack, actionPicture(own)])),
  }
}

function packPicture(packs: Manifest['packs']): Picture {
  return {
    nodes: packs.map(({ id, verdict }) => ({ id, label: id, tone: VERDICT_TONES[verdict], words: verdict })),
    edges: edgesOf(packs),
  }
}

function actionPicture(actions: readonly ManifestAction[]): Picture {
  const nodes = actions.map((action) => ({
    id: action.id,
    label: labelOf(action),
    tone: toneOf(action),
    words: statusWords(action),
  }))
  return { nodes, edges: edgesOf(actions) }
}

function labelOf({ id, pack }: { readonly id: string; readonly pack: PackId }): string {
  return id.startsWith(`${pack}:`) ? id.slice(pack.length + 1) : id
}

interface Node {
  readonly id: string
  readonly needs: readonly string[]
}

/** Needs between these nodes, without those that follow from others. */
function edgesOf(nodes: readonly Node[]): Picture['edges'] {
  const before = new Map<string, ReadonlySet<string>>()
  const edges: { from: string; to: string }[] = []
  for (const { id, needs } of nodes) {
    const own = needs.filter((need) => before.has(need))
    const all = new Set(own)
    for (const need of own) for (const earlier of before.get(need) ?? []) all.add(earlier)
    const implied = new Set(own.flatMap((need) => [...(before.get(need) ?? [])]))
    for (const need of own) if (!implied.has(need)) edges.push({ from: need, to: id })
    before.set(id, all)
  }
  return edges
}
