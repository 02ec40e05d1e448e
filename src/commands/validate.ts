import { printJson } from '../report/json.ts'
import { diagnosticsJson } from '../report/diagnostics.ts'
import { count } from '../report/phrase.ts'
import type { Context } from './context.ts'
import type { CommonOptions, SelectionOptions } from './options.ts'
import { openProject, showDiagnostics } from './project.ts'

export type ValidateOptions = CommonOptions & SelectionOptions

export async function validate(context: Context, names: readonly string[], options: ValidateOptions): Promise<number> {
  const { project } = await openProject(context, names, options)
  const { graph, packs, diagnostics, sources } = project
  if (options.json) {
    context.out(printJson({ valid: graph !== null, packs: packs.length, diagnostics: diagnosticsJson(diagnostics) }))
  } else {
    showDiagnostics(context, diagnostics, { ...options, sources })
    if (graph && !options.quiet) {
      context.out(`${count(packs.length, 'pack')} valid, ${count(graph.actions.length, 'action')}\n`)
    }
  }
  return graph ? 0 : 2
}
