import { edgeWording } from './edges.ts'
import type { GraphView } from './graph-view.ts'
import { escapeText, styleOf, type StyleOptions } from './style.ts'

/** A way from one action to another: each action, and below it why the next one comes after it. */
export function renderWay({ graph, whole, run }: GraphView, options: StyleOptions): string {
  const { colors, glyphs } = styleOf(options)
  const wording = edgeWording(whole)
  const lines = graph.actions.flatMap(({ id }, at) => {
    const next = graph.actions[at + 1]
    const edge = graph.edges.find(({ from, to }) => from === id && to === next?.id)
    const ended = run?.actions.get(id)
    const name = `${colors.bold(escapeText(id))}${ended ? `  ${ended.words}` : ''}`
    if (!edge) return [name]
    const { words, place } = wording(edge)
    return [name, `${glyphs.pipe}${words}${place === null ? '' : `  ${colors.dim(place)}`}`]
  })
  return lines.map((line) => `${line}\n`).join('')
}
