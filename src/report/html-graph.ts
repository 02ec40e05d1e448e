import { layOut, type Box, type Chip, type Layout } from './layout.ts'
import { joined, markup, type Markup } from './markup.ts'
import type { Picture, Tone } from './report-model.ts'

const GLYPHS: Readonly<Record<Tone, string>> = { good: '✓', bad: '✗', idle: '–' }
const ROUND = 6

/** A picture of what depends on what, from top to bottom. `title` says what it shows; the list beside it says the same in words. */
export function graphSvg(picture: Picture, title: string): Markup {
  const layout = layOut(picture)
  const { width, height } = layout
  const size = markup`width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  return markup`<div class="graph" tabindex="0" role="group" aria-label="${title}"><svg role="img" aria-label="${title}" ${size}>
${joined([...layout.lines.map(line), ...layout.frames.map(frame), ...layout.chips.map(chip)], '\n')}
</svg></div>`
}

function line({ x1, y1, x2, y2 }: Layout['lines'][number]): Markup {
  // Boxes stand on whole pixels, and so the middle of one may be half a pixel beside that of another.
  if (Math.abs(x1 - x2) < 2) return markup`<path class="line" d="M${x1} ${y1}V${y2}"/>`
  const middle = (y1 + y2) / 2
  return markup`<path class="line" d="M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}"/>`
}

function frame({ x, y, width, height }: Box): Markup {
  return markup`<rect class="frame" x="${x}" y="${y}" width="${width}" height="${height}" rx="${ROUND + 4}"/>`
}

function chip({ x, y, width, height, node, label }: Chip): Markup {
  const baseline = y + height / 2 + 4
  return markup`<g class="chip ${node.tone}"><title>${node.id}: ${node.words}</title><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${ROUND}"/><text x="${x + 9}" y="${baseline}">${GLYPHS[node.tone]}</text><text x="${x + 23}" y="${baseline}">${label}</text></g>`
}
