import { cyclesOf, type Cyclic } from '../model/cycle.ts'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { compareBytes } from '../model/order.ts'
import { placeOf } from '../model/pack.ts'
import type { Location } from '../model/source.ts'
import type { Draft, PackDraft } from './draft.ts'
import { overlaps, parsePattern } from './pattern.ts'

/** A complaint for each part of a phase whose commands need each other in circles, with its shortest one. */
export function commandCycles(packs: readonly PackDraft[]): Diagnostic[] {
  return packs.flatMap(({ phases }) => phases.flatMap((phase) => cyclesIn(phase)))
}

function cyclesIn(phase: readonly Draft[]): Diagnostic[] {
  const drafts = new Map(phase.map((draft) => [draft.id, draft]))
  const needs = (id: string): string[] => [...(drafts.get(id)?.predecessors.keys() ?? [])].map((draft) => draft.id)
  return cyclesOf([...drafts.keys()].toSorted(compareBytes), needs).map((cyclic) => complaint(cyclic, drafts))
}

function complaint({ cycle, cut, least }: Cyclic, drafts: ReadonlyMap<string, Draft>): Diagnostic {
  const around = cycle.map((from, at) => ({ from, to: cycle[(at + 1) % cycle.length] ?? from }))
  const beside = (cut ?? []).filter(({ from, to }) => !around.some((edge) => edge.from === from && edge.to === to))
  const related = [...around, ...beside].flatMap(({ from, to }) => {
    const [draft, need] = [drafts.get(from), drafts.get(to)]
    return draft && need ? [{ location: placeOfEdge(draft, need), note: `${from} -> ${to}` }] : []
  })
  const facts = cut === null ? { cycle } : { cycle, cut, least }
  return diagnostic('cyclic-need', related[0]?.location ?? null, facts, { related })
}

/** The need as it is written, or the pattern that takes an output of the other. */
function placeOfEdge({ pack, command, predecessors }: Draft, need: Draft): Location {
  if (predecessors.get(need) === 'needs') {
    return placeOf(pack, `${command.pointer}/needs/${command.needs.indexOf(need.command.id)}`)
  }
  const place = (command.files ?? []).findIndex((text) => {
    const pattern = parsePattern(pack.dir, text)
    return !text.startsWith('!') && need.outputs.some((output) => overlaps(pattern, output.pattern))
  })
  return placeOf(pack, `${command.pointer}/inputs/files/${place}`)
}
