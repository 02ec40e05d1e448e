import { acceptanceOf } from '../graph/acceptance.ts'
import { renderUncontrolled } from '../report/controls.ts'
import { printJson } from '../report/json.ts'
import { diagnosticsJson } from '../report/diagnostics.ts'
import { count } from '../report/phrase.ts'
import type { Context } from './context.ts'
import { forPeople, type CommonOptions, type SelectionOptions } from './options.ts'
import { openProject, showDiagnostics } from './project.ts'

export type ValidateOptions = CommonOptions & SelectionOptions

export async function validate(context: Context, names: readonly string[], options: ValidateOptions): Promise<number> {
  const { project } = await openProject(context, names, options)
  const { graph, packs, diagnostics, sources } = project
  const acceptance = graph ? acceptanceOf(graph) : null
  if (options.json) {
    const told = diagnosticsJson(diagnostics)
    context.out(printJson({ valid: graph !== null, packs: packs.length, acceptance, diagnostics: told }))
  } else {
    showDiagnostics(context, diagnostics, { ...options, sources })
    if (graph && !options.quiet) {
      context.out(`${count(packs.length, 'pack')} valid, ${count(graph.actions.length, 'action')}\n`)
    }
    if (acceptance) forPeople('err', context)(renderUncontrolled(acceptance, options))
  }
  return graph ? 0 : 2
}
