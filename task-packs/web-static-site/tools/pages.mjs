import { readFileSync } from 'node:fs'

/**
 * A page as its author wrote it.
 *
 * @typedef {object} Page
 * @property {string} source  relative to `content`
 * @property {string} path  of the finished page, relative to the site
 * @property {string} title
 * @property {string} description
 * @property {number} order  its place in the navigation
 * @property {string} markdown
 */

const FRONT_MATTER = /^---\n(?<fields>(?:[a-z]+: .*\n)+)---\n\n(?<markdown>[\s\S]*)$/

/**
 * @param {string} source  relative to `content`
 * @returns {Page}
 * @throws {Error} naming the file and what is missing
 */
export function readPage(source) {
  const match = FRONT_MATTER.exec(readFileSync(`content/${source}`, 'utf8'))
  if (!match?.groups) throw new Error(`content/${source} has no front matter`)
  const { fields = '', markdown = '' } = match.groups
  const values = Object.fromEntries(fields.trimEnd().split('\n').map(fieldOf))
  for (const key of ['title', 'description', 'order']) {
    if (!values[key]) throw new Error(`content/${source} lacks "${key}" in its front matter`)
  }
  const order = Number(values['order'])
  if (!Number.isSafeInteger(order)) throw new Error(`content/${source}: "order" is not a whole number`)
  const { title = '', description = '' } = values
  return { source, path: source.replace(/\.md$/, '.html'), title, description, order, markdown }
}

/**
 * @param {string} line
 * @returns {[string, string]}
 */
function fieldOf(line) {
  const colon = line.indexOf(': ')
  return [line.slice(0, colon), line.slice(colon + 2).trim()]
}
