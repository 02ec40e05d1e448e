import { DirectedGraph } from 'graphology'
import type { Json } from '../model/canonical.ts'
import type { Action, Graph } from '../model/graph.ts'

/**
 * The graph as graphology itself writes and imports it: `attributes`, `options`, `nodes[]` (`key`, `attributes`) and
 * `edges[]` (`key`, `source`, `target`, `attributes`). Nodes are in plan order; there is nothing of the machine in it.
 */
export function exportGraph(graph: Graph): Json {
  const packs = graph.packs.map(({ definition, digest }) => ({
    id: definition.id,
    definition: digest,
    needs: definition.needs,
  }))
  const directed = new DirectedGraph({ allowSelfLoops: false })
  directed.replaceAttributes({ name: 'codex', packs })
  for (const action of graph.actions) directed.addNode(action.id, attributesOf(action))
  for (const { from, to, kind } of graph.edges) {
    directed.addDirectedEdgeWithKey(`${from} -> ${to}`, from, to, { kind })
  }
  return directed.export()
}

function attributesOf(action: Action): { readonly [key: string]: Json } {
  const { kind, pack, phase, needs, providers, place } = action
  const common = { kind, pack, phase, needs, providers, file: place.file, line: place.start.line }
  if (action.kind === 'gate') {
    const { gate, required, optional, controls } = action
    return controls ? { ...common, gate, controls } : { ...common, gate, required, optional }
  }
  const { argv, text, cwd, sources, artifacts, outputs, control } = action
  const mounted = artifacts.map(({ from, path, as }) => ({ from, path, as }))
  const command = { ...common, command: argv, text, cwd, sources: sources.length, artifacts: mounted, outputs }
  if (!control) return command
  const replace = control.replace.map(({ target, source, producers: makers }) => ({
    target,
    source,
    producers: makers,
  }))
  return { ...command, control: { of: control.of, replace } }
}
