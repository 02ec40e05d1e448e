import { renderList, renderListJson } from '../report/list.ts'
import type { Context } from './context.ts'
import { forPeople, styleFor, type CommonOptions, type SelectionOptions } from './options.ts'
import { openProject, showDiagnostics } from './project.ts'

export type ListOptions = CommonOptions & SelectionOptions

/** Shows the packs that can be read, even if others can't; then the exit code says so. */
export async function list(context: Context, names: readonly string[], options: ListOptions): Promise<number> {
  const { project } = await openProject(context, names, options)
  const { packs, graph, diagnostics, sources } = project
  showDiagnostics(context, diagnostics, { ...options, sources })
  if (options.json) context.out(renderListJson(packs))
  else forPeople('out', context)(renderList(packs, styleFor('out', context, options)))
  return graph ? 0 : 2
}
