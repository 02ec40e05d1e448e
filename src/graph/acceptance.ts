import type { ActionId } from '../model/graph.ts'
import { ACCEPTANCE_PHASES } from '../model/pack.ts'
import type { PackDraft } from './draft.ts'

/** How much of the acceptance of some packs is known to be able to fail. */
export interface Acceptance {
  readonly commands: number
  /** Commands without a negative control: by pack in plan order, and as each pack lists them. */
  readonly withoutControl: readonly ActionId[]
}

/** @param packs in plan order */
export function acceptanceOf(packs: readonly PackDraft[]): Acceptance {
  const phases: ReadonlySet<string> = new Set(ACCEPTANCE_PHASES)
  const accepting = packs.flatMap((pack) => pack.phases.flat()).filter(({ phase }) => phases.has(phase))
  const withoutControl = accepting.filter(({ command }) => command.control === null)
  return { commands: accepting.length, withoutControl: withoutControl.map(({ id }) => id) }
}
