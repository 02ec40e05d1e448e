import { Marked } from 'marked'

/** @typedef {import('marked').Token} Token */

/**
 * Renders one page's Markdown: every heading gets an anchor made of its words, links to Markdown files become links to pages.
 *
 * @param {string} markdown
 * @returns {string}
 */
export function renderMarkdown(markdown) {
  /** @type {Map<string, number>} */
  const used = new Map()
  const marked = new Marked({
    async: false,
    walkTokens: (token) => {
      if (token.type === 'link') token.href = token.href.replace(/^(?![a-z]+:)(.+?)\.md(?=#|$)/, '$1.html')
    },
    renderer: {
      heading({ tokens, depth }) {
        const text = this.parser.parseInline(tokens)
        const id = uniqueId(slug(plainText(tokens)), used)
        if (depth === 1) return `<h1 id="${id}">${text}</h1>\n`
        return `<h${depth} id="${id}">${text}<a class="anchor" href="#${id}" aria-label="Link to this section">#</a></h${depth}>\n`
      },
    },
  })
  return /** @type {string} */ (marked.parse(markdown))
}

/**
 * @param {readonly Token[]} tokens
 * @returns {string}
 */
function plainText(tokens) {
  return tokens
    .map((token) => ('tokens' in token && token.tokens ? plainText(token.tokens) : 'text' in token ? token.text : ''))
    .join('')
}

/**
 * Lower case without regard to any locale; letters, digits, `_` and `-` stay.
 *
 * @param {string} text
 */
function slug(text) {
  const words = text.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
  return words.trim().replaceAll(/\s+/g, '-') || 'section'
}

/**
 * @param {string} id
 * @param {Map<string, number>} used
 */
function uniqueId(id, used) {
  const count = (used.get(id) ?? 0) + 1
  used.set(id, count)
  return count === 1 ? id : `${id}-${count}`
}
