import type { ActionId, Graph } from '../model/graph.ts'
import { ACCEPTANCE_PHASES } from '../model/pack.ts'

/** How much of the acceptance of some packs is known to be able to fail. */
export interface Acceptance {
  readonly commands: number
  /** Commands without a negative control, in plan order. */
  readonly withoutControl: readonly ActionId[]
}

export function acceptanceOf({ actions }: Graph): Acceptance {
  const commands = actions.filter((action) => action.kind === 'command')
  const controlled = new Set(commands.flatMap(({ control }) => control?.of ?? []))
  const phases: ReadonlySet<string> = new Set(ACCEPTANCE_PHASES)
  const accepting = commands.filter(({ phase }) => phases.has(phase)).map(({ id }) => id)
  return { commands: accepting.length, withoutControl: accepting.filter((id) => !controlled.has(id)) }
}
