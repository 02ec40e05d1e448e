import { diagnostic, sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import { packsWithPlugin, type Action } from '../model/graph.ts'
import { placeOf, type Pack } from '../model/pack.ts'
import { PLUGIN_TOOL } from '../model/plugin.ts'
import type { Tool } from '../model/plan.ts'
import type { ToolError, ToolResolver } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { toolKey } from './prepare.ts'

/** What runs, as far as it decides what is needed of a machine. */
export interface Running {
  readonly packs: readonly Pack[]
  readonly actions: readonly Action[]
}

/** Finds every tool that packs declare or a plugin takes, by {@link toolKey}; the error tells of each that is missing or does not fit. */
export async function resolveTools(
  running: Running,
  resolver: ToolResolver,
): Promise<Result<ReadonlyMap<string, Tool>, readonly Diagnostic[]>> {
  const asked = new Map<string, Promise<Result<Tool, ToolError>>>()
  const tools = new Map<string, Tool>()
  const problems: Diagnostic[] = []
  const wanted = wantedBy(running)
  for (const { name, range, key } of wanted) if (!asked.has(key)) asked.set(key, resolver.resolve(name, range))
  for (const { key, ...about } of wanted) {
    const found = await asked.get(key)
    if (found?.ok) tools.set(key, found.value)
    else if (found) problems.push(toolProblem(about, found.error))
  }
  return problems.length > 0 ? err(sortDiagnostics(problems)) : ok(tools)
}

interface Wanted {
  readonly pack: Pack
  readonly name: string
  readonly range: string
  readonly key: string
  /** JSON pointer of what asks for it. */
  readonly pointer: string
  readonly by?: 'agent'
}

function wantedBy({ packs, actions }: Running): readonly Wanted[] {
  const withPlugin = packsWithPlugin(actions)
  return packs.flatMap((pack) => {
    const { id, inputs, steps } = pack.definition
    const wanted = (name: string, range: string): Omit<Wanted, 'pointer'> => {
      return { pack, name, range, key: toolKey(name, range) }
    }
    const declared = Object.entries(inputs.tools).map(([name, range]) => ({
      ...wanted(name, range),
      pointer: `/inputs/tools/${name}`,
    }))
    // What every step of an agent asks for is told of once.
    const asking = steps.find(({ agent }) => agent?.by)
    const agents = Object.entries(asking?.agent?.by?.tools ?? {}).map(([name, range]) => {
      return { ...wanted(name, range), pointer: `${asking?.pointer}/uses`, by: 'agent' as const }
    })
    const { name, range } = PLUGIN_TOOL
    const hasPlugin = withPlugin.has(id) && !declared.some((tool) => tool.name === name)
    return [...declared, ...agents, ...(hasPlugin ? [{ ...wanted(name, range), pointer: '/plugin' }] : [])]
  })
}

function toolProblem({ pack, name, pointer, by }: Omit<Wanted, 'key'>, error: ToolError): Diagnostic {
  const place = placeOf(pack, pointer)
  const about = { tool: name, pack: pack.definition.id, ...(by ? { by } : {}) }
  switch (error.kind) {
    case 'missing':
      return diagnostic('tool-missing', place, error.near === undefined ? about : { ...about, suggestion: error.near })
    case 'no-answer':
      return diagnostic('tool-no-answer', place, { ...about, path: error.path })
    case 'version':
      return diagnostic('tool-version', place, { ...about, range: error.range, found: error.found })
    case 'unknown-version':
      return diagnostic('tool-unknown-version', place, { ...about, path: error.path })
  }
}
