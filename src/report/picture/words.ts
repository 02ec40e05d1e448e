import { count } from '../phrase.ts'
import { elapsed } from '../duration.ts'
import type { RunOverlay } from '../graph-view.ts'
import { STATUS_WORDS } from '../lines.ts'
import type { Tone } from '../report-model.ts'
import type { DrawnPack } from './drawing.ts'

type Drawn = Pick<DrawnPack, 'pack' | 'actions'>

/** What a pack says of itself where it is one node. */
export function packWords({ pack, actions }: Drawn, run: RunOverlay | null): readonly string[] {
  if (run === null) {
    const { pillar, domain } = pack.definition
    return [domain === null ? pillar : `${pillar}/${domain}`, count(actions.length, 'action')]
  }
  const ended = actions.flatMap((action) => action.ended ?? [])
  if (ended.length === 0) return ['not in this run']
  const counts = new Map<string, number>()
  for (const { status } of ended) counts.set(STATUS_WORDS[status], (counts.get(STATUS_WORDS[status]) ?? 0) + 1)
  const time = ended.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0)
  return [...[...counts].map(([words, number]) => `${number} ${words}`), ...(time > 0 ? [elapsed(time)] : [])]
}

/** The gravest of its actions'; `null`: none of them ran. */
export function packTone({ actions }: Drawn): Tone | null {
  const tones = actions.map(({ ended }) => ended?.tone)
  return (['bad', 'idle', 'good'] as const).find((tone) => tones.includes(tone)) ?? null
}
