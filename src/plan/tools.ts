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
  for (const { pack, name, key, pointer } of wanted) {
    const found = await asked.get(key)
    if (found?.ok) tools.set(key, found.value)
    else if (found) problems.push(toolProblem(pack, { tool: name, pointer }, found.error))
  }
  return problems.length > 0 ? err(sortDiagnostics(problems)) : ok(tools)
}

interface Wanted {
  readonly pack: Pack
  readonly name: string
  readonly key: string
  readonly range: string
  readonly pointer: string
}

function wantedBy({ packs, actions }: Running): readonly Wanted[] {
  const withPlugin = packsWithPlugin(actions)
  const wanted = (pack: Pack, name: string, range: string): Wanted => {
    return { pack, name, range, key: toolKey(name, range), pointer: `/inputs/tools/${name}` }
  }
  return packs.flatMap((pack) => {
    const declared = Object.entries(pack.definition.inputs.tools).map(([name, range]) => wanted(pack, name, range))
    const { name, range } = PLUGIN_TOOL
    if (!withPlugin.has(pack.definition.id) || declared.some((tool) => tool.name === name)) return declared
    return [...declared, { ...wanted(pack, name, range), pointer: '/plugin' }]
  })
}

function toolProblem(
  pack: Pack,
  { tool, pointer }: { readonly tool: string; readonly pointer: string },
  error: ToolError,
): Diagnostic {
  const place = placeOf(pack, pointer)
  const about = { tool, pack: pack.definition.id }
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
