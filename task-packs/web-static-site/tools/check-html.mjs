// Each page by itself: no parse error, a language, a title, one h1, headings without gaps, unique ids, images with a text.
import { readFileSync } from 'node:fs'
import { filesUnder } from './files.mjs'
import { parseHtml } from './html.mjs'

const paths = filesUnder('site').filter((path) => path.endsWith('.html'))
const pages = paths.map((path) => ({ path, html: parseHtml(readFileSync(`site/${path}`, 'utf8')) }))
const problems = pages.length === 0 ? ['site holds no page'] : [...pages.flatMap(problemsOf), ...repeatedTitles()]
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

/** @param {{ path: string, html: import('./html.mjs').Html }} page */
function problemsOf({ path, html: { parseErrors, elements } }) {
  const found = parseErrors.map(({ code, line }) => `site/${path}:${line} is not valid HTML: ${code}`)
  const report = (/** @type {number} */ line, /** @type {string} */ text) => found.push(`site/${path}:${line} ${text}`)
  const named = (/** @type {string} */ name) => elements.filter((element) => element.name === name)

  if (!named('html')[0]?.attributes.get('lang')) report(1, 'has no lang')
  if (!named('title')[0]?.text.trim()) report(1, 'has no title')
  const description = named('meta').find(({ attributes }) => attributes.get('name') === 'description')
  if (!description?.attributes.get('content')) report(1, 'has no description')
  if (named('main').length !== 1) report(1, `has ${named('main').length} main elements instead of one`)
  if (named('h1').length !== 1) report(1, `has ${named('h1').length} h1 elements instead of one`)
  for (const { attributes, line } of named('img')) {
    if (!attributes.get('alt')?.trim()) report(line, `shows ${attributes.get('src')} without an alt text`)
  }
  headingGaps(elements, report)
  repeatedIds(elements, report)
  return found
}

/**
 * @param {readonly import('./html.mjs').Element[]} elements
 * @param {(line: number, text: string) => void} report
 */
function headingGaps(elements, report) {
  let above = 0
  for (const { name, line, text } of elements) {
    if (!/^h[1-6]$/.test(name)) continue
    const level = Number(name.slice(1))
    if (level > above + 1) report(line, `goes from h${above} to ${name}: ${text}`)
    above = level
  }
}

/**
 * @param {readonly import('./html.mjs').Element[]} elements
 * @param {(line: number, text: string) => void} report
 */
function repeatedIds(elements, report) {
  const seen = new Set()
  for (const { attributes, line } of elements) {
    const id = attributes.get('id')
    if (id === undefined) continue
    if (seen.has(id)) report(line, `repeats the id "${id}"`)
    seen.add(id)
  }
}

function repeatedTitles() {
  /** @type {Map<string, string>} */
  const seen = new Map()
  return pages.flatMap(({ path, html }) => {
    const title = html.elements.find(({ name }) => name === 'title')?.text ?? ''
    const other = seen.get(title)
    seen.set(title, path)
    return other === undefined ? [] : [`site/${path} has the title of site/${other}: ${title}`]
  })
}
