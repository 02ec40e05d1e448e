// Markdown as GitHub shows it.
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { parseFragment, type DefaultTreeAdapterTypes as Tree } from 'parse5'

/** As GitHub makes HTML of it, before it takes away what it does not allow. */
function rendered(markdown: string): string {
  return micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] })
}

export interface Seen {
  readonly elements: readonly string[]
  /** Outside of code: where GitHub looks for mentions, references and emoji. */
  readonly prose: string
  readonly code: readonly string[]
}

export function seen(markdown: string): Seen {
  const elements: string[] = []
  const code: string[] = []
  let prose = ''
  const walk = (node: Tree.Node, inCode: boolean): void => {
    const isCode = inCode || ('tagName' in node && node.tagName === 'code')
    if ('tagName' in node) elements.push(node.tagName)
    if (node.nodeName === '#text' && 'value' in node) {
      if (inCode) code.push(node.value)
      else prose += node.value
    }
    if (node.nodeName === '#comment') elements.push('comment')
    if ('childNodes' in node) for (const child of node.childNodes) walk(child, isCode)
  }
  walk(parseFragment(rendered(markdown)), false)
  return { elements, prose, code }
}

export const OURS: ReadonlySet<string> = new Set(
  'h2 h3 p table thead tbody tr th td code pre strong em ul li'.split(' '),
)

/** What GitHub would notify, link, close or replace. */
export const ACTIVE: RegExp = /@\w|#\d|\bGH-\d|https?:|www\.|:\w+:|\b[0-9a-f]{7,40}\b|\$/
