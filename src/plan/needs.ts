import { diagnostic, sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import { placeOf, type Pack } from '../model/pack.ts'
import type { Tool } from '../model/plan.ts'
import type { Executor, ToolResolver } from '../model/ports.ts'
import { err, type Result } from '../model/result.ts'
import { resolveTools, type Running } from './tools.ts'

/**
 * What packs need of a machine: their tools, by `toolKey`, and a sandbox that holds those that have a network to it. The error
 * tells of everything that is missing.
 */
export async function findNeeds(
  running: Running,
  executor: Pick<Executor, 'tryNetwork'>,
  resolver: ToolResolver,
): Promise<Result<ReadonlyMap<string, Tool>, readonly Diagnostic[]>> {
  const unheld = await unheldNetworks(running.packs, executor)
  const tools = await resolveTools(running, resolver)
  if (unheld.length === 0) return tools
  return err(sortDiagnostics([...unheld, ...(tools.ok ? [] : tools.error)]))
}

async function unheldNetworks(
  packs: readonly Pack[],
  { tryNetwork }: Pick<Executor, 'tryNetwork'>,
): Promise<readonly Diagnostic[]> {
  const asking = packs.filter(({ definition }) => definition.constraints.network.length > 0)
  const problem = asking.length > 0 ? await tryNetwork() : null
  if (problem === null) return []
  return asking.map((pack) => {
    const facts = { field: 'constraints.network', pack: pack.definition.id, problem }
    return diagnostic('no-network-sandbox', placeOf(pack, '/constraints/network'), facts)
  })
}
