// Pages as lists of tags and texts with their lines: enough to ask what a page has, without building a tree.

/**
 * @typedef {{ kind: 'open', name: string, attributes: Map<string, string>, line: number }} Open
 * @typedef {{ kind: 'close', name: string, line: number }} Close
 * @typedef {{ kind: 'text', text: string, line: number }} Text
 */

const TOKEN =
  /<!--[^]*?(?:-->|$)|<!doctype[^>]*>|<(\/?)([a-z][a-z0-9-]*)((?:\s+[^\s"'>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?|\s|\/)*)>|[^<]+|</gi
const ATTRIBUTE = /([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g
const RAW = ['script', 'style', 'textarea', 'title']

/**
 * @param {string} html
 * @returns {(Open | Close | Text)[]}
 */
export function tokens(html) {
  const found = []
  const token = new RegExp(TOKEN)
  let line = 1
  for (let match = token.exec(html); match; match = token.exec(html)) {
    const [whole, slash, name, attributes = ''] = match
    if (name === undefined) {
      if (!whole.startsWith('<!')) found.push({ kind: 'text', text: decode(whole), line })
    } else if (slash) found.push({ kind: 'close', name: name.toLowerCase(), line })
    else {
      found.push({ kind: 'open', name: name.toLowerCase(), attributes: attributesOf(attributes), line })
      const end = RAW.includes(name.toLowerCase())
        ? html.toLowerCase().indexOf(`</${name.toLowerCase()}`, token.lastIndex)
        : -1
      if (end !== -1) {
        found.push({ kind: 'text', text: html.slice(token.lastIndex, end), line })
        line += breaks(html.slice(token.lastIndex, end))
        token.lastIndex = end
      }
    }
    line += breaks(whole)
  }
  return found
}

function attributesOf(text) {
  const attributes = new Map()
  for (const [, name = '', double, single, bare = ''] of text.matchAll(ATTRIBUTE)) {
    if (!attributes.has(name.toLowerCase())) attributes.set(name.toLowerCase(), decode(double ?? single ?? bare))
  }
  return attributes
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

function decode(text) {
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex, number, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole
    const code = hex === undefined ? Number(number) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

function breaks(text) {
  return text.split('\n').length - 1
}
