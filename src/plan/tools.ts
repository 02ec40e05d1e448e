import { diagnostic, sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import { placeOf, type Pack } from '../model/pack.ts'
import type { Tool } from '../model/plan.ts'
import type { ToolError, ToolResolver } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { toolKey } from './prepare.ts'

/** Finds every tool that packs declare, by {@link toolKey}; the error tells of each that is missing or does not fit. */
export async function resolveTools(
  packs: readonly Pack[],
  resolver: ToolResolver,
): Promise<Result<ReadonlyMap<string, Tool>, readonly Diagnostic[]>> {
  const asked = new Map<string, Promise<Result<Tool, ToolError>>>()
  const tools = new Map<string, Tool>()
  const problems: Diagnostic[] = []
  const wanted = packs.flatMap((pack) =>
    Object.entries(pack.definition.inputs.tools).map(([name, range]) => ({
      pack,
      name,
      key: toolKey(name, range),
      range,
    })),
  )
  for (const { name, range, key } of wanted) if (!asked.has(key)) asked.set(key, resolver.resolve(name, range))
  for (const { pack, name, key } of wanted) {
    const found = await asked.get(key)
    if (found?.ok) tools.set(key, found.value)
    else if (found) problems.push(toolProblem(pack, name, found.error))
  }
  return problems.length > 0 ? err(sortDiagnostics(problems)) : ok(tools)
}

function toolProblem(pack: Pack, tool: string, error: ToolError): Diagnostic {
  const place = placeOf(pack, `/inputs/tools/${tool}`)
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
