import { acceptanceOf } from '../graph/acceptance.ts'
import type { Project } from '../project.ts'
import { renderUncontrolled } from '../report/controls.ts'
import { printJson } from '../report/json.ts'
import { diagnosticsJson } from '../report/diagnostics.ts'
import { count } from '../report/phrase.ts'
import type { ComplaintFormat } from './choices.ts'
import type { Context } from './context.ts'
import { forPeople, type CommonOptions, type SelectionOptions } from './options.ts'
import { openProject, showDiagnostics } from './project.ts'

export interface ValidateOptions extends CommonOptions, SelectionOptions {
  readonly format?: ComplaintFormat
}

export async function validate(context: Context, names: readonly string[], options: ValidateOptions): Promise<number> {
  const { project } = await openProject(context, names, options)
  await tell(context, project, options)
  return project.graph ? 0 : 2
}

async function tell(context: Context, project: Project, options: ValidateOptions): Promise<void> {
  const { diagnostics } = project
  switch (options.format ?? (options.json ? 'json' : 'text')) {
    case 'text':
      return tellPeople(context, project, options)
    case 'json':
      return tellJson(context, project)
    case 'sarif': {
      const { renderDiagnosticsSarif } = await import('../report/diagnostics-sarif.ts')
      return context.out(renderDiagnosticsSarif(diagnostics, context.tool))
    }
    case 'github': {
      const { renderGithub } = await import('../report/diagnostics-github.ts')
      return context.out(renderGithub(diagnostics))
    }
  }
}

function tellJson(context: Context, { graph, packs, diagnostics }: Project): void {
  const acceptance = graph ? acceptanceOf(graph) : null
  const told = diagnosticsJson(diagnostics)
  context.out(printJson({ valid: graph !== null, packs: packs.length, acceptance, diagnostics: told }))
}

function tellPeople(context: Context, { graph, packs, diagnostics, sources }: Project, options: ValidateOptions): void {
  showDiagnostics(context, diagnostics, { ...options, sources })
  if (!graph) return
  if (!options.quiet) context.out(`${count(packs.length, 'pack')} valid, ${count(graph.actions.length, 'action')}\n`)
  forPeople('err', context)(renderUncontrolled(acceptanceOf(graph), options))
}
