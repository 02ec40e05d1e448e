import type { Action, EdgeKind, Graph } from '../model/graph.ts'
import { fit } from './columns.ts'
import { edgeWording } from './edges.ts'
import { isCritical, type GraphView, type RunOverlay } from './graph-view.ts'
import { groupBy } from './grouping.ts'
import type { Tone } from './report-model.ts'
import { escapeText } from './style.ts'

const EDGES: Readonly<Record<EdgeKind, string>> = {
  needs: 'solid',
  output: 'bold',
  change: 'bold',
  phase: 'dotted',
  pack: 'solid',
}
const COMMAND_COLUMNS = 60

/**
 * The graph in the language of Graphviz: a cluster for each pack; bold edges carry outputs, dotted ones only order phases. With
 * a run, nodes are filled by how they ended, and the critical path is drawn thick.
 */
export function renderDot(graph: Graph, view: GraphView | null = null): string {
  const lines = ['digraph codex {', '  rankdir=TB', '  node [shape=box, fontname="monospace"]']
  const byPack = groupBy(graph.actions, (action) => action.pack)
  for (const { definition } of graph.packs) {
    lines.push(`  subgraph ${quoted(`cluster_${definition.id}`)} {`, `    label=${quoted(definition.id)}`)
    for (const action of byPack.get(definition.id) ?? []) lines.push(`    ${node(action, view?.run ?? null)}`)
    lines.push('  }')
  }
  const wording = view?.isWay ? edgeWording(view.whole) : null
  for (const edge of graph.edges) {
    const why = wording ? `, label=${quoted(wording(edge).words)}` : ''
    const thick = isCritical(view?.run ?? null, edge) ? ', color="#a34a00", penwidth=3' : ''
    lines.push(`  ${quoted(edge.from)} -> ${quoted(edge.to)} [style=${EDGES[edge.kind]}${why}${thick}]`)
  }
  lines.push('}')
  return lines.map((line) => `${line}\n`).join('')
}

const FILLS: Readonly<Record<Tone, string>> = { good: '#e8f5ec', bad: '#fcebe9', idle: '#efeeec' }

function node(action: Action, run: RunOverlay | null): string {
  const tone = run?.actions.get(action.id)?.tone
  const rounded = action.kind === 'command' && action.control ? ['rounded'] : []
  const styles = [...rounded, ...(tone ? ['filled'] : [])]
  const filled = `${styles.length > 0 ? `, style=${styles.length > 1 ? quoted(styles.join()) : styles.join()}` : ''}${tone ? `, fillcolor=${quoted(FILLS[tone])}` : ''}`
  const name = action.id.slice(action.pack.length + 1)
  if (action.kind === 'gate') return `${quoted(action.id)} [label=${quoted(name)}, shape=hexagon${filled}]`
  if (action.control) {
    return `${quoted(action.id)} [label=${quoted(name, `must fail: ${action.control.of}`)}${filled}]`
  }
  const command = fit(escapeText(action.text), COMMAND_COLUMNS, '…')
  return `${quoted(action.id)} [label=${quoted(name, command)}${filled}]`
}

/** A quoted string of lines, in which nothing is an escape or an entity of Graphviz but the breaks between the lines. */
function quoted(...lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    escapeText(line).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;'),
  )
  return `"${escaped.join('\\n')}"`
}
