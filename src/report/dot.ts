import type { Action, EdgeKind, Graph } from '../model/graph.ts'
import { fit } from './columns.ts'
import { groupBy } from './grouping.ts'
import { escapeText } from './style.ts'

const EDGES: Readonly<Record<EdgeKind, string>> = { needs: 'solid', output: 'bold', phase: 'dotted', pack: 'solid' }
const COMMAND_COLUMNS = 60

/** The graph in the language of Graphviz: a cluster for each pack; bold edges carry outputs, dotted ones only order phases. */
export function renderDot(graph: Graph): string {
  const lines = ['digraph codex {', '  rankdir=TB', '  node [shape=box, fontname="monospace"]']
  const byPack = groupBy(graph.actions, (action) => action.pack)
  for (const { definition } of graph.packs) {
    lines.push(`  subgraph ${quoted(`cluster_${definition.id}`)} {`, `    label=${quoted(definition.id)}`)
    for (const action of byPack.get(definition.id) ?? []) lines.push(`    ${node(action)}`)
    lines.push('  }')
  }
  for (const { from, to, kind } of graph.edges) {
    lines.push(`  ${quoted(from)} -> ${quoted(to)} [style=${EDGES[kind]}]`)
  }
  lines.push('}')
  return lines.map((line) => `${line}\n`).join('')
}

function node(action: Action): string {
  const name = action.id.slice(action.pack.length + 1)
  if (action.kind === 'gate') return `${quoted(action.id)} [label=${quoted(name)}, shape=hexagon]`
  if (action.control) {
    return `${quoted(action.id)} [label=${quoted(name, `must fail: ${action.control.of}`)}, style=rounded]`
  }
  const command = fit(escapeText(action.text), COMMAND_COLUMNS, '…')
  return `${quoted(action.id)} [label=${quoted(name, command)}]`
}

/** A quoted string of lines, in which nothing is an escape or an entity of Graphviz but the breaks between the lines. */
function quoted(...lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    escapeText(line).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;'),
  )
  return `"${escaped.join('\\n')}"`
}
