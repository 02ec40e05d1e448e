import { renderDot } from '../report/dot.ts'
import { renderGraphJson } from '../report/graph-json.ts'
import type { GraphView } from '../report/graph-view.ts'
import { renderMermaid } from '../report/mermaid.ts'
import { renderTree } from '../report/tree.ts'
import { renderWay } from '../report/way.ts'
import type { Graph } from '../model/graph.ts'
import type { Project } from '../project.ts'
import type { GraphFormat } from './choices.ts'
import type { Context } from './context.ts'
import type { GraphOptions } from './graph-options.ts'
import { partAsked } from './graph-view.ts'
import { folderOf, forPeople, styleFor, UsageError } from './options.ts'
import { openProject, showDiagnostics } from './project.ts'
import { checkWatch } from './watch-options.ts'

export async function graph(context: Context, names: readonly string[], options: GraphOptions): Promise<number> {
  checkWatch(options)
  if (options.watch) return (await import('./watch-commands.ts')).watchGraph(context, names, options)
  const target = options.output === undefined ? null : await targetFor(context, options.output)
  const { project, workspace } = await openProject(context, names, options)
  showDiagnostics(context, project.diagnostics, { ...options, sources: project.sources })
  if (!project.graph || !workspace) return 2
  const compiled = { ...project, graph: project.graph }
  const view = await viewOf(context, compiled.graph, { ...options, root: workspace.root })
  const text = await render(context, view, { ...options, project: compiled, root: workspace.root })
  if (target) target(text)
  else (isForPeople(formatOf(options)) ? forPeople('out', context) : context.out)(text)
  return view.graph.actions.length === 0 && compiled.graph.actions.length > 0 ? 1 : 0
}

function formatOf({ format, json }: GraphOptions): GraphFormat {
  return format ?? (json ? 'json' : 'tree')
}

function isForPeople(format: GraphFormat): boolean {
  return format === 'tree' || format === 'mermaid' || format === 'dot'
}

/** Whether something was asked that needs more than the graph itself. */
async function viewOf(
  context: Context,
  whole: Graph,
  options: GraphOptions & { readonly root: string },
): Promise<GraphView> {
  const { affectedBy = [], root } = options
  const named = [options.run, options.focus, options.depth, options.why, options.affectedBy]
  if (named.every((option) => option === undefined)) return { graph: whole, whole, run: null, isWay: false }
  const paths = affectedBy.map((path) => within(context, path, { ...options, root }))
  const view = partAsked(context, whole, { ...options, paths })
  if (options.run === undefined) return { ...view, run: null }
  const { overlayOf } = await import('./graph-run.ts')
  return { ...view, run: overlayOf(context, options.run, whole, options) }
}

/** A path relative to the workspace. */
function within(
  context: Context,
  path: string,
  { root, ...options }: GraphOptions & { readonly root: string },
): string {
  const from =
    options.directory === undefined ? path : path.startsWith('/') ? path : `${folderOf(context, options)}/${path}`
  const absolute = context.absolute(from)
  if (absolute.startsWith(`${root}/`)) return absolute.slice(root.length + 1)
  throw new UsageError(`'${path}' is not a file of the workspace`)
}

interface Rendering extends GraphOptions {
  readonly project: Project & { readonly graph: Graph }
  readonly root: string
}

async function render(context: Context, view: GraphView, options: Rendering): Promise<string> {
  const style = styleFor('out', context, options)
  const format = formatOf(options)
  switch (format) {
    case 'tree':
      return view.isWay ? renderWay(view, style) : renderTree(view.graph, { ...style, run: view.run })
    case 'json': {
      // With the library that the form is of.
      const { exportGraph } = await import('../graph/export.ts')
      return renderGraphJson(exportGraph(view.graph), view)
    }
    case 'mermaid':
      return renderMermaid(view.graph, view)
    case 'dot':
      return renderDot(view.graph, view)
    default: {
      const { picture } = await import('./picture.ts')
      return picture(context, { ...options, view }, { ...options, format })
    }
  }
}

/** Writes to a file, as long as nothing is known to stand in its way. */
async function targetFor(context: Context, file: string): Promise<(text: string) => void> {
  const { obstacleTo, writeResult } = await context.results()
  const path = context.absolute(file)
  const fail = (message: string): never => {
    throw new UsageError(`The graph can't be written to '${file}': ${message}`)
  }
  const obstacle = obstacleTo(path)
  if (obstacle !== null) fail(obstacle.message)
  return (text) => {
    const written = writeResult(path, text)
    if (!written.ok) fail(written.error.message)
  }
}
