import type { ManifestAction } from './manifest.ts'
import { ACCEPTANCE_PHASES, type CommandDefinition, type Pack } from './pack.ts'

/** What a task.yml says of an action, of a control what it says of its command; `null` for a plugin and a gate, and where it says nothing. */
export function commandOf(
  { definition }: Pack,
  { id, phase }: Pick<ManifestAction, 'id' | 'phase'>,
): CommandDefinition | null {
  switch (phase) {
    case 'gate':
    case 'plugin':
      return null
    case 'steps':
      return definition.steps.find((command) => `${definition.id}:steps/${command.id}` === id) ?? null
    case 'controls': {
      const found = ACCEPTANCE_PHASES.flatMap((of) =>
        definition.acceptance[of].filter((command) => `${definition.id}:controls/${of}-${command.id}` === id),
      )
      return found[0] ?? null
    }
    default:
      return definition.acceptance[phase].find((command) => `${definition.id}:${phase}/${command.id}` === id) ?? null
  }
}
