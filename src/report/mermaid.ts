import type { Action, EdgeKind, Graph } from '../model/graph.ts'
import { fit } from './columns.ts'
import { edgeWording } from './edges.ts'
import { isCritical, type GraphView, type RunOverlay } from './graph-view.ts'
import { groupBy } from './grouping.ts'
import type { Tone } from './report-model.ts'
import { escapeText } from './style.ts'

const ARROWS: Readonly<Record<EdgeKind, string>> = {
  needs: '-->',
  output: '==>',
  change: '==>',
  phase: '-.->',
  pack: '-->',
}
const COMMAND_COLUMNS = 60

/**
 * The graph as a Mermaid flowchart: a subgraph for each pack; thick arrows carry outputs, dotted ones only order phases. With a
 * run, nodes are coloured by how they ended, and the critical path by its arrows.
 */
export function renderMermaid(graph: Graph, view: GraphView | null = null): string {
  const lines = ['flowchart TD']
  const byPack = groupBy(graph.actions, (action) => action.pack)
  for (const { definition } of graph.packs) {
    lines.push(`  subgraph ${nodeId('p', definition.id)}["${label(definition.id)}"]`)
    for (const action of byPack.get(definition.id) ?? []) lines.push(`    ${node(action)}`)
    lines.push('  end')
  }
  const wording = view?.isWay ? edgeWording(view.whole) : null
  for (const edge of graph.edges) {
    const why = wording ? `|"${label(wording(edge).words)}"|` : ''
    lines.push(`  ${nodeId('a', edge.from)} ${ARROWS[edge.kind]}${why} ${nodeId('a', edge.to)}`)
  }
  if (view?.run) lines.push(...coloured(graph, view.run))
  return lines.map((line) => `${line}\n`).join('')
}

const CLASSES: Readonly<Record<Tone, string>> = {
  good: 'fill:#e8f5ec,stroke:#146c37,color:#146c37',
  bad: 'fill:#fcebe9,stroke:#a8201a,color:#a8201a',
  idle: 'fill:#efeeec,stroke:#5b5f66,color:#5b5f66',
}

function coloured(graph: Graph, run: RunOverlay): readonly string[] {
  const tones = (Object.keys(CLASSES) as Tone[]).flatMap((tone) => {
    const own = graph.actions.filter(({ id }) => run.actions.get(id)?.tone === tone)
    const ids = own.map(({ id }) => nodeId('a', id)).join(',')
    return own.length === 0 ? [] : [`  classDef ${tone} ${CLASSES[tone]}`, `  class ${ids} ${tone}`]
  })
  const edges = graph.edges.flatMap((edge, at) => (isCritical(run, edge) ? [at] : []))
  return [...tones, ...(edges.length === 0 ? [] : [`  linkStyle ${edges.join(',')} stroke:#a34a00,stroke-width:3px`])]
}

function node(action: Action): string {
  const name = label(action.id.slice(action.pack.length + 1))
  if (action.kind === 'gate') return `${nodeId('a', action.id)}{{"${name}"}}`
  if (action.control) return `${nodeId('a', action.id)}(["${name}<br/>${label(`must fail: ${action.control.of}`)}"])`
  return `${nodeId('a', action.id)}["${name}<br/>${label(fit(escapeText(action.text), COMMAND_COLUMNS, '…'))}"]`
}

/** Letters and digits stay, everything else becomes `_<hex>_`: different ids stay different, and none is a word of the language. */
function nodeId(prefix: string, id: string): string {
  return `${prefix}_${id.replace(/[^A-Za-z0-9]/gu, (character) => `_${codePoint(character).toString(16)}_`)}`
}

/** Letters, digits and a few harmless signs stay, everything else becomes an entity, so that no label can end its quotes. */
function label(text: string): string {
  return escapeText(text).replace(/[^\p{L}\p{M}\p{N} ./,=_…-]/gu, (character) => `#${codePoint(character)};`)
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0
}
