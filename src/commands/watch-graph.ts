import { exportGraph } from '../graph/export.ts'
import type { Graph } from '../model/graph.ts'
import { renderDot } from '../report/dot.ts'
import { renderGraphJson } from '../report/graph-json.ts'
import { renderMermaid } from '../report/mermaid.ts'
import type { StyleOptions } from '../report/style.ts'
import { renderTree } from '../report/tree.ts'
import type { Context } from './context.ts'
import type { GraphOptions } from './graph-options.ts'
import { forPeople, styleFor, UsageError } from './options.ts'
import { showDiagnostics } from './project.ts'
import { watchScreen } from './watch-screen.ts'
import { watch, watchLines, type WatchView } from './watch.ts'

const FORMATS = ['tree', 'json', 'mermaid', 'dot'] as const
type TextFormat = (typeof FORMATS)[number]

/** Shows the whole graph again whenever it is another one. */
export async function watchGraph(context: Context, names: readonly string[], options: GraphOptions): Promise<number> {
  const { format: asked, run, focus, depth, why, affectedBy, output, json } = options
  if ([run, focus, depth, why, affectedBy, output].some((option) => option !== undefined)) {
    throw new UsageError(
      '--watch shows the whole graph on stdout: leave out what asks for a part of it, a run or a file',
    )
  }
  const wanted = asked ?? (json ? 'json' : 'tree')
  const format = FORMATS.find((one) => one === wanted)
  if (format === undefined) throw new UsageError(`--watch shows ${FORMATS.join(', ')}, and no pictures`)
  return watch(context, { names, options }, viewOf(context, format, options))
}

/** In a pipe, the graph each time it is another one, and complaints on stderr. */
function viewOf(context: Context, format: TextFormat, options: GraphOptions): WatchView {
  const style = styleFor('out', context, options)
  const renderGraph = (graph: Graph): string => render(graph, format, style)
  if (context.terminal.out) return watchScreen(context, { options, shows: 'graph', renderGraph })
  const write = format === 'json' ? context.out : forPeople('out', context)
  let shown = ''
  return {
    ...watchLines(context, options),
    onVerdict: ({ project }) => {
      showDiagnostics(context, project.diagnostics, { ...options, sources: project.sources })
      const graph = project.freeze()
      const text = graph ? renderGraph(graph) : shown
      if (text !== shown) write(text)
      shown = text
    },
  }
}

function render(graph: Graph, format: TextFormat, style: StyleOptions): string {
  const view = { graph, whole: graph, run: null, isWay: false }
  switch (format) {
    case 'tree':
      return renderTree(graph, { ...style, run: null })
    case 'json':
      return renderGraphJson(exportGraph(graph), view)
    case 'mermaid':
      return renderMermaid(graph, view)
    case 'dot':
      return renderDot(graph, view)
  }
}
