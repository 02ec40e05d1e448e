// What a page or a style sheet refers to, with the lines, and the anchors that a page has.

/** @typedef {{ url: string, line: number }} Reference */

const TAG = /<!--[^]*?-->|<([a-z][a-z0-9-]*)((?:\s+[^\s"'>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?|\s|\/)*)>/gi
const ATTRIBUTE = /([^\s"'>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g
const LINKS = ['href', 'src', 'poster', 'data', 'action']

/**
 * @param {string} html
 * @returns {{ references: Reference[], anchors: Set<string>, base: string }}
 */
export function readPage(html) {
  const references = []
  const anchors = new Set(['', 'top'])
  let base = ''
  for (const match of html.matchAll(TAG)) {
    const line = html.slice(0, match.index).split('\n').length
    const name = match[1]?.toLowerCase()
    for (const [attribute, value] of attributes(match[2] ?? '')) {
      if (attribute === 'id' || (attribute === 'name' && name === 'a')) anchors.add(value)
      else if (name === 'base' && attribute === 'href') base = value
      else if (attribute === 'srcset') references.push(...sources(value).map((url) => ({ url, line })))
      else if (attribute === 'style') references.push(...inStyle(value).map(({ url }) => ({ url, line })))
      else if (LINKS.includes(attribute)) references.push({ url: value.trim(), line })
    }
  }
  return { references, anchors, base }
}

/**
 * @param {string} css
 * @returns {Reference[]}
 */
export function inStyle(css) {
  const bare = css.replaceAll(/\/\*[^]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ' '))
  const found = bare.matchAll(/url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)|@import\s+(?:"([^"]*)"|'([^']*)')/g)
  return [...found].map((match) => ({
    url: match.slice(1).find((part) => part !== undefined) ?? '',
    line: bare.slice(0, match.index).split('\n').length,
  }))
}

function attributes(text) {
  return [...text.matchAll(ATTRIBUTE)].map(([, name = '', double, single, bare = '']) => [
    name.toLowerCase(),
    decode(double ?? single ?? bare),
  ])
}

function sources(srcset) {
  return srcset
    .split(/,\s+|,$/)
    .map((candidate) => candidate.trim().split(/\s+/)[0] ?? '')
    .filter((url) => url !== '')
}

function decode(text) {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
