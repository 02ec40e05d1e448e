import { exportGraph } from '../graph/export.ts'
import { printJson } from '../report/json.ts'
import type { Graph } from '../model/graph.ts'
import { renderDot } from '../report/dot.ts'
import { renderMermaid } from '../report/mermaid.ts'
import type { StyleOptions } from '../report/style.ts'
import { renderTree } from '../report/tree.ts'
import type { GraphFormat } from './choices.ts'
import type { Context } from './context.ts'
import { forPeople, styleFor, type CommonOptions, type SelectionOptions } from './options.ts'
import { openProject, showDiagnostics } from './project.ts'

export interface GraphOptions extends CommonOptions, SelectionOptions {
  readonly format?: GraphFormat
}

export async function graph(context: Context, names: readonly string[], options: GraphOptions): Promise<number> {
  const { project } = await openProject(context, names, options)
  showDiagnostics(context, project.diagnostics, { ...options, sources: project.sources })
  if (!project.graph) return 2
  const format = options.format ?? (options.json ? 'json' : 'tree')
  const write = format === 'json' ? context.out : forPeople('out', context)
  write(render(project.graph, format, styleFor('out', context, options)))
  return 0
}

function render(compiled: Graph, format: GraphFormat, style: StyleOptions): string {
  switch (format) {
    case 'tree':
      return renderTree(compiled, style)
    case 'json':
      return printJson(exportGraph(compiled) as object)
    case 'mermaid':
      return renderMermaid(compiled)
    case 'dot':
      return renderDot(compiled)
  }
}
