// Builds the site into a folder: build.mjs <folder> [--reverse]. `--reverse` reads the sources in the opposite order, which
// must not matter.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { filesUnder } from './files.mjs'
import { layout } from './layout.mjs'
import { readPage } from './pages.mjs'
import { renderMarkdown } from './render.mjs'
import { sitemap } from './sitemap.mjs'

const [out, order] = process.argv.slice(2)
if (!out) throw new Error('usage: build.mjs <folder> [--reverse]')
const epoch = process.env['SOURCE_DATE_EPOCH']
if (epoch === undefined) throw new Error('SOURCE_DATE_EPOCH is not set')

/** @type {import('./layout.mjs').Site} */
const site = JSON.parse(readFileSync('site.json', 'utf8'))
const sources = filesUnder('content').filter((path) => path.endsWith('.md'))
const read = (order === '--reverse' ? sources.toReversed() : sources).map(readPage)
const pages = read.toSorted((a, b) => a.order - b.order)

for (const file of filesUnder('static')) {
  mkdirSync(dirname(`${out}/${file}`), { recursive: true })
  cpSync(`static/${file}`, `${out}/${file}`)
}
for (const page of read) {
  mkdirSync(dirname(`${out}/${page.path}`), { recursive: true })
  writeFileSync(`${out}/${page.path}`, layout(page, { site, pages, content: renderMarkdown(page.markdown) }))
}
const paths = pages.map(({ path }) => path)
writeFileSync(`${out}/sitemap.xml`, sitemap(paths, { baseUrl: site.baseUrl, epoch }))
