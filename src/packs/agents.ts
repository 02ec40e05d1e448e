import type { AgentCommand } from '../model/agent.ts'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { placeOf, type Pack } from '../model/pack.ts'

/** A pack whose steps that say `uses: agent` are done by the agent of the configuration. Without one each is complained of. */
export function withAgent<P extends Pack>(
  pack: P,
  by: AgentCommand | null,
): { readonly pack: P; readonly diagnostics: readonly Diagnostic[] } {
  const { id, steps } = pack.definition
  const asking = steps.filter(({ agent }) => agent)
  if (asking.length === 0) return { pack, diagnostics: [] }
  if (by === null) {
    const diagnostics = asking.map((step) =>
      diagnostic('agent-unset', placeOf(pack, `${step.pointer}/uses`), { action: `${id}:steps/${step.id}` }),
    )
    return { pack, diagnostics }
  }
  const done = steps.map((step) => (step.agent ? { ...step, agent: { ...step.agent, by } } : step))
  return { pack: { ...pack, definition: { ...pack.definition, steps: done } }, diagnostics: [] }
}
