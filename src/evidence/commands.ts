import type { ManifestAction } from '../model/manifest.ts'
import type { CommandDefinition, Pack } from '../model/pack.ts'

/** What a task.yml says of an action; `null` for a gate, and where it says nothing of it. */
export function commandOf(
  { definition }: Pack,
  { id, phase }: Pick<ManifestAction, 'id' | 'phase'>,
): CommandDefinition | null {
  if (phase === 'gate') return null
  const commands = phase === 'steps' ? definition.steps : definition.acceptance[phase]
  return commands.find((command) => `${definition.id}:${phase}/${command.id}` === id) ?? null
}
