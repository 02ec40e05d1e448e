// The site as a whole: links, anchors, images, site map, and whether a second build gives the same bytes.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { posix } from 'node:path'
import { filesUnder } from './files.mjs'
import { parseHtml } from './html.mjs'
import { dateOf } from './sitemap.mjs'

/** @typedef {{ from: string, line: number, url: string, inText: boolean }} Reference */

const { baseUrl } = JSON.parse(readFileSync('site.json', 'utf8'))
const files = filesUnder('site')
const pages = files
  .filter((path) => path.endsWith('.html'))
  .map((path) => ({ path, ...parseHtml(readFileSync(`site/${path}`, 'utf8')) }))
const ids = new Map(
  pages.map(({ path, elements }) => [path, new Set(elements.map((element) => element.attributes.get('id')))]),
)
const references = pages.flatMap(({ path, elements }) => referencesIn(path, elements))
const internal = references.filter(({ url }) => !isExternal(url))
const reached = reachable()

const checks = [
  check('links', internal, (reference) => {
    const { path } = targetOf(reference)
    return files.includes(path) ? [] : [`${placeOf(reference)} links to ${reference.url}, but there is no site/${path}`]
  }),
  check(
    'anchors',
    internal.filter(({ url }) => url.includes('#')),
    (reference) => {
      const { path, anchor } = targetOf(reference)
      const missing = ids.has(path) && !ids.get(path)?.has(anchor)
      return missing ? [`${placeOf(reference)} links to ${reference.url}, but site/${path} has no #${anchor}`] : []
    },
  ),
  check(
    'external-links',
    references.filter(({ url }) => isExternal(url)),
    (reference) =>
      reference.url.startsWith('https://') ? [] : [`${placeOf(reference)} is not https: ${reference.url}`],
  ),
  check('reachable', pages, ({ path }) => (reached.has(path) ? [] : [`site/${path} can't be reached from index.html`])),
  check('sitemap', pages, ({ path }) => sitemapProblems(path)),
  check('sitemap-complete', ['site/sitemap.xml'], () => {
    const listed = locations().length
    return listed === pages.length ? [] : [`site/sitemap.xml lists ${listed} pages instead of ${pages.length}`]
  }),
  check('reproducible', [...new Set([...files, ...filesUnder('build/again')])], difference),
]

const failures = checks.flatMap((done) => done.failures)
writeReport()
for (const failure of failures) process.stderr.write(`${failure}\n`)
if (failures.length > 0) process.exitCode = 1

/**
 * @template Subject
 * @param {string} name
 * @param {readonly Subject[]} subjects
 * @param {(subject: Subject) => string[]} find
 */
function check(name, subjects, find) {
  return { name, subjects: subjects.length, failures: subjects.flatMap(find) }
}

/**
 * @param {string} from
 * @param {readonly import('./html.mjs').Element[]} elements
 * @returns {Reference[]}
 */
function referencesIn(from, elements) {
  return elements.flatMap(({ name, attributes, line, inMain }) => {
    const url = attributes.get('href') ?? attributes.get('src')
    return url === undefined ? [] : [{ from, line, url, inText: inMain && name === 'a' }]
  })
}

/** The site's own address is not external, however it is written. @param {string} url */
function isExternal(url) {
  return !url.startsWith(baseUrl) && /^[a-z][a-z0-9+.-]*:|^\/\//i.test(url)
}

/**
 * @param {{ from: string, url: string }} reference
 * @returns {{ path: string, anchor: string }}
 */
function targetOf({ from, url }) {
  if (url.startsWith(baseUrl)) return targetOf({ from: 'index.html', url: url.slice(baseUrl.length) })
  const [file = '', anchor = ''] = url.split('#')
  const path = file === '' ? from : posix.join(posix.dirname(from), decodeURIComponent(file))
  return { path, anchor: decodeURIComponent(anchor) }
}

/** @param {Reference} reference */
function placeOf({ from, line }) {
  return `site/${from}:${line}`
}

/** The pages that a reader gets to by following links in the text; the navigation, which lists all of them, does not count. */
function reachable() {
  const found = new Set(['index.html'])
  for (const path of found) {
    const links = internal.filter(({ from, inText }) => from === path && inText)
    for (const link of links) found.add(targetOf(link).path)
  }
  return found
}

/** @returns {string[]} */
function locations() {
  return [...readFileSync('site/sitemap.xml', 'utf8').matchAll(/<loc>(.*?)<\/loc>/g)].map((match) => match[1] ?? '')
}

/** @param {string} path */
function sitemapProblems(path) {
  const date = dateOf(process.env['SOURCE_DATE_EPOCH'] ?? '')
  const entry = `<url><loc>${baseUrl}${path}</loc><lastmod>${date}</lastmod></url>`
  if (readFileSync('site/sitemap.xml', 'utf8').includes(entry)) return []
  return [`site/sitemap.xml does not list ${baseUrl}${path} with the date ${date}`]
}

/** @param {string} file */
function difference(file) {
  const [first, second] = ['site', 'build/again'].map((folder) => bytesOf(`${folder}/${file}`))
  if (!first || !second) return [`${file} is in ${first ? 'the first' : 'the second'} build only`]
  if (first.equals(second)) return []
  const at = first.findIndex((byte, index) => byte !== second[index])
  return [`${file} differs between two builds at byte ${at === -1 ? first.length : at}`]
}

/** @param {string} path */
function bytesOf(path) {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}

function writeReport() {
  const report = {
    pack: 'web-static-site',
    checks: checks.map((done) => ({ name: done.name, subjects: done.subjects, failures: done.failures.length })),
    pages: pages.map(({ path, elements }) => ({
      path,
      title: elements.find(({ name }) => name === 'title')?.text ?? '',
      words: (elements.find(({ name }) => name === 'main')?.text ?? '').split(/\s+/).filter(Boolean).length,
      headings: elements.filter(({ name }) => /^h[1-6]$/.test(name)).length,
      images: elements.filter(({ name }) => name === 'img').length,
      links: references.filter(({ from }) => from === path).length,
    })),
    files: files.map((path) => ({
      path,
      bytes: readFileSync(`site/${path}`).length,
      sha256: createHash('sha256')
        .update(readFileSync(`site/${path}`))
        .digest('hex'),
    })),
  }
  mkdirSync('artifacts', { recursive: true })
  writeFileSync('artifacts/site-report.json', `${JSON.stringify(report, null, 2)}\n`)
}
