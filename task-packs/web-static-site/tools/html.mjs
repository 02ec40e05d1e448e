import { parse } from 'parse5'

/**
 * What the checks ask of a page, as a browser would see it.
 *
 * @typedef {object} Html
 * @property {readonly { code: string, line: number }[]} parseErrors  codes of the HTML standard
 * @property {readonly Element[]} elements  in document order
 */

/**
 * @typedef {object} Element
 * @property {string} name
 * @property {ReadonlyMap<string, string>} attributes
 * @property {string} text  of all that is in it
 * @property {number} line
 * @property {boolean} inMain  part of the page's own content, not of what stands on every page
 */

/**
 * @param {string} source
 * @returns {Html}
 */
export function parseHtml(source) {
  /** @type {{ code: string, line: number }[]} */
  const parseErrors = []
  const document = parse(source, {
    sourceCodeLocationInfo: true,
    onParseError: ({ code, startLine }) => parseErrors.push({ code, line: startLine }),
  })
  return { parseErrors, elements: elementsOf(document, false) }
}

/**
 * @param {any} node  of parse5's tree
 * @param {boolean} inMain
 * @returns {Element[]}
 */
function elementsOf(node, inMain) {
  /** @type {any[]} */
  const children = node.childNodes ?? []
  const below = children.flatMap((child) => elementsOf(child, inMain || node.tagName === 'main'))
  if (!node.tagName) return below
  const attributes = new Map(node.attrs.map((/** @type {any} */ { name, value }) => [name, value]))
  const line = node.sourceCodeLocation?.startLine ?? 0
  return [{ name: node.tagName, attributes, text: textOf(node), line, inMain }, ...below]
}

/**
 * @param {any} node
 * @returns {string}
 */
function textOf(node) {
  if (node.nodeName === '#text') return node.value
  return (node.childNodes ?? []).map(textOf).join('')
}
