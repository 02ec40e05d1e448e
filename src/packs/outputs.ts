import { ACCEPTANCE_PHASES, type CommandDefinition, type Pack } from '../model/pack.ts'
import type { Phase } from '../model/graph.ts'

/** An output as a pack declares it. */
export interface DeclaredOutput {
  /** Relative to the pack's folder; with a leading `/`, to the workspace. */
  readonly path: string
  readonly action: string
  readonly pointer: string
}

export function declaredOutputs(pack: Pack): DeclaredOutput[] {
  const { id, steps, acceptance } = pack.definition
  const of = (phase: Phase, commands: readonly CommandDefinition[]): DeclaredOutput[] =>
    commands.flatMap((command) =>
      command.outputs.map((path, index) => ({
        path,
        action: `${id}:${phase}/${command.id}`,
        pointer: `${command.pointer}/outputs/${index}`,
      })),
    )
  return [...of('steps', steps), ...ACCEPTANCE_PHASES.flatMap((phase) => of(phase, acceptance[phase]))]
}
