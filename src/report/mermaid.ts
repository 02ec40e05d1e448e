import type { Action, EdgeKind, Graph } from '../model/graph.ts'
import { fit } from './columns.ts'
import { groupBy } from './grouping.ts'
import { escapeText } from './style.ts'

const ARROWS: Readonly<Record<EdgeKind, string>> = { needs: '-->', output: '==>', phase: '-.->', pack: '-->' }
const COMMAND_COLUMNS = 60

/** The graph as a Mermaid flowchart: a subgraph for each pack; thick arrows carry outputs, dotted ones only order phases. */
export function renderMermaid(graph: Graph): string {
  const lines = ['flowchart TD']
  const byPack = groupBy(graph.actions, (action) => action.pack)
  for (const { definition } of graph.packs) {
    lines.push(`  subgraph ${nodeId('p', definition.id)}["${label(definition.id)}"]`)
    for (const action of byPack.get(definition.id) ?? []) lines.push(`    ${node(action)}`)
    lines.push('  end')
  }
  for (const { from, to, kind } of graph.edges) lines.push(`  ${nodeId('a', from)} ${ARROWS[kind]} ${nodeId('a', to)}`)
  return lines.map((line) => `${line}\n`).join('')
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
