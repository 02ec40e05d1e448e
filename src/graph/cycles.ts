import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { compareBytes } from '../model/order.ts'
import { placeOf } from '../model/pack.ts'
import type { Location } from '../model/source.ts'
import type { Draft, PackDraft } from './draft.ts'
import { overlaps, parsePattern } from './pattern.ts'

/** One complaint for each phase whose commands need each other in a circle, with its shortest one. */
export function commandCycles(packs: readonly PackDraft[]): Diagnostic[] {
  const found: Diagnostic[] = []
  for (const { phases } of packs) {
    for (const phase of phases) {
      const cycle = shortestCycle(phase)
      if (cycle) found.push(complaint(cycle))
    }
  }
  return found
}

/** Each needs the next, the last the first; it starts with the smallest id. */
function shortestCycle(drafts: readonly Draft[]): readonly Draft[] | null {
  const left = withoutAcyclicEnds(drafts)
  let shortest: readonly Draft[] | null = null
  for (const start of [...left].toSorted((a, b) => compareBytes(a.id, b.id))) {
    const cycle = cycleThrough(start, left, shortest?.length ?? Infinity)
    if (cycle) shortest = cycle
    if (shortest && shortest.length <= 2) break
  }
  return shortest
}

/** Drops, again and again, what needs nothing that is left. */
function withoutAcyclicEnds(drafts: readonly Draft[]): ReadonlySet<Draft> {
  const dependents = new Map<Draft, Draft[]>(drafts.map((draft) => [draft, []]))
  const open = new Map(drafts.map((draft) => [draft, draft.predecessors.size]))
  for (const draft of drafts) for (const need of draft.predecessors.keys()) dependents.get(need)?.push(draft)
  const done = drafts.filter((draft) => draft.predecessors.size === 0)
  for (const draft of done) {
    for (const dependent of dependents.get(draft) ?? []) {
      const remaining = (open.get(dependent) ?? 0) - 1
      open.set(dependent, remaining)
      if (remaining === 0) done.push(dependent)
    }
  }
  const acyclic = new Set(done)
  return new Set(drafts.filter((draft) => !acyclic.has(draft)))
}

/** Breadth first, so that the first way back to the start is the shortest; `null` where it is not below the bound. */
function cycleThrough(start: Draft, among: ReadonlySet<Draft>, bound: number): readonly Draft[] | null {
  const cameFrom = new Map<Draft, Draft | null>([[start, null]])
  let front = [start]
  for (let length = 1; length < bound && front.length > 0; length++) {
    const next: Draft[] = []
    for (const draft of front) {
      for (const need of draft.predecessors.keys()) {
        if (need === start) return pathTo(draft, cameFrom)
        if (cameFrom.has(need) || !among.has(need)) continue
        cameFrom.set(need, draft)
        next.push(need)
      }
    }
    front = next
  }
  return null
}

function pathTo(end: Draft, cameFrom: ReadonlyMap<Draft, Draft | null>): readonly Draft[] {
  const path: Draft[] = []
  for (let at: Draft | null = end; at; at = cameFrom.get(at) ?? null) path.push(at)
  return path.toReversed()
}

function complaint(cycle: readonly Draft[]): Diagnostic {
  const places = cycle.map((draft, place) => {
    const need = cycle[(place + 1) % cycle.length] ?? draft
    return { location: placeOfEdge(draft, need), note: `${draft.id} -> ${need.id}` }
  })
  const facts = { cycle: cycle.map(({ id }) => id) }
  return diagnostic('cyclic-need', places[0]?.location ?? null, facts, { related: places })
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
