import { embedded, joined, markup, type Markup } from '../markup.ts'
import type { PictureData } from './data.ts'
import { foldedShape, INSIDE, insideShapes, linkShape, openShape, type Shape } from './shapes.ts'
import { SIZES } from './sizes.ts'
import { colours, SHAPES } from './style.ts'

const CAPTION = 20

/** The picture as one file that needs nothing else: it follows the colours of whoever looks, and holds no script. */
export function renderSvg(picture: PictureData): string {
  const { margin } = SIZES
  const [inner, below] = picture.fold ? picture.size.folded : picture.size.open
  const captions = captionsOf(picture)
  const width = Math.ceil(Math.max(inner, ...captions.map((text) => text.length * SIZES.small), 240) + 2 * margin)
  const height = Math.ceil(below + 2 * margin + captions.length * CAPTION)
  const caption = captions.map((text, at) => {
    const y = height - margin - (captions.length - 1 - at) * CAPTION + 6
    return markup`<text class="caption" x="${margin}" y="${y}">${text}</text>\n`
  })
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<title id="title">${picture.title}</title>
<style>${embedded(`${colours('svg')}.paper { fill: var(--paper); }${SHAPES}`)}</style>
<rect class="paper" width="${width}" height="${height}" rx="12"/>
<g transform="translate(${margin} ${margin})">
${joined(shapesOf(picture).map(written), '\n')}
</g>
${caption}</svg>
`.text
}

function captionsOf({ run, notes, reasons }: PictureData): readonly string[] {
  const ran = run
    ? [`${run.name} ${run.verdict}${run.critical === null ? '' : `; critical path: ${run.critical}`}`]
    : []
  return [...ran, ...notes, ...reasons]
}

function shapesOf(picture: PictureData): readonly Shape[] {
  const { fold, links, packs } = picture
  const lines = links.map((link) => linkShape(link, fold ? link.folded : link.open))
  if (fold) return [...lines, ...packs.map((pack) => foldedShape(pack, pack.folded))]
  const open = packs.flatMap((pack) => {
    const [x, y] = pack.open
    const place = `translate(${x + INSIDE.x} ${y + INSIDE.y})`
    const inside: Shape = { tag: 'g', attributes: { transform: place }, children: insideShapes(pack, picture) }
    return [openShape(pack, pack.open), inside]
  })
  return [...lines, ...open]
}

function written({ tag, attributes, children }: Shape): Markup {
  const own = Object.entries(attributes).map(([name, value]) => markup` ${name}="${value}"`)
  if (children.length === 0) return markup`<${tag}${own}/>`
  return markup`<${tag}${own}>${children.map((child) => (typeof child === 'string' ? child : written(child)))}</${tag}>`
}
