import type { ActionId, EdgeKind } from '../model/graph.ts'
import type { PackId } from '../model/pack.ts'
import { stepOrder } from './changes.ts'
import type { PackDraft } from './draft.ts'

/**
 * For each action those that come directly before it, with the reason. Where there are several reasons the first one
 * counts. Actions with the same ones may share a map.
 */
export type Predecessors = ReadonlyMap<ActionId, ReadonlyMap<ActionId, EdgeKind>>

export function predecessorsOf(packs: ReadonlyMap<PackId, PackDraft>): Predecessors {
  const all = new Map<ActionId, ReadonlyMap<ActionId, EdgeKind>>()
  for (const draft of packs.values()) {
    const { pack, phases, controls, gates } = draft
    const chain = pack.scope ? chainOf(draft) : null
    const needed = pack.definition.needs.flatMap((need) => Object.values(packs.get(need)?.gates ?? {}))
    let earlier: readonly ActionId[] = []
    for (const phase of phases) {
      // One map for all that have no needs of their own, so that thousands of them do not hold copies.
      const usual = earlier.length > 0 ? marked(earlier, 'phase') : marked(needed, 'pack')
      for (const { id, predecessors } of phase) {
        const last = chain?.get(id)
        if (predecessors.size === 0 && last === undefined) {
          all.set(id, usual)
          continue
        }
        const before = new Map<ActionId, EdgeKind>()
        for (const [{ id: need }, kind] of predecessors) before.set(need, kind)
        if (last !== undefined && !before.has(last)) before.set(last, 'change')
        for (const need of earlier) before.set(need, 'phase')
        all.set(id, before)
      }
      earlier = phase.map(({ id }) => id)
    }
    // A control waits for what its command waits for, not for the command: a failing run then tells of both.
    for (const { id, of } of controls) all.set(id, all.get(of.id) ?? new Map<ActionId, EdgeKind>())
    const last = [...earlier, ...controls.map(({ id }) => id)]
    const before = last.length > 0 ? marked(last, 'phase') : marked(needed, 'pack')
    for (const gate of Object.values(gates)) all.set(gate, before)
  }
  return all
}

/** The steps of a change pack see each other's changes, so each comes after the one before it. */
function chainOf({ phases }: PackDraft): ReadonlyMap<ActionId, ActionId> {
  const order = stepOrder(phases)
  return new Map(order.slice(1).map((id, place) => [id, order[place] ?? id]))
}

function marked(ids: readonly ActionId[], kind: EdgeKind): ReadonlyMap<ActionId, EdgeKind> {
  return new Map(ids.map((id) => [id, kind]))
}
