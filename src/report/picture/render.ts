import type { GraphView } from '../graph-view.ts'
import { draw } from './draw.ts'
import { loadEngine } from './engine.ts'
import { factsData, type Knowledge } from './facts.ts'
import { pictureData } from './geometry.ts'
import { renderPage } from './html.ts'
import { renderSvg } from './svg.ts'

export interface PictureOptions {
  /** Whether each pack is one node; `null`: where there is much. */
  readonly fold: boolean | null
}

export async function svgOf(view: GraphView, { fold }: PictureOptions): Promise<string> {
  return renderSvg(pictureData(draw(await loadEngine(), view), view, fold))
}

/** @param options.script what runs in the page */
export async function pageOf(
  view: GraphView,
  { fold, script, ...knowledge }: PictureOptions & Knowledge & { readonly script: string },
): Promise<string> {
  return renderPage(pictureData(draw(await loadEngine(), view), view, fold), factsData(view, knowledge), script)
}
