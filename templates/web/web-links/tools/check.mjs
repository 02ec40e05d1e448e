// Follows whatever the site refers to within itself. Names are compared letter by letter, as servers do, on every machine.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { inStyle, readPage } from './references.mjs'

const { BASE = '/' } = process.env
const HERE = `http://site.invalid${BASE}`

/** @type {Set<string>} */
const files = new Set(
  readdirSync('site', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice('site/'.length)),
)
const pages = new Map()
for (const file of [...files].filter((name) => name.endsWith('.html')).toSorted()) {
  pages.set(file, readPage(readFileSync(`site/${file}`, 'utf8')))
}

const problems = []
/** @type {Set<string>} */
const elsewhere = new Set()
const linked = new Set(['index.html'])
let followed = 0
for (const [file, { references, base }] of pages) for (const reference of references) follow(file, reference, base)
for (const file of [...files].filter((name) => name.endsWith('.css')).toSorted()) {
  for (const reference of inStyle(readFileSync(`site/${file}`, 'utf8'))) follow(file, reference, '')
}
if (followed === 0) problems.push('site: it has no links')
for (const page of pages.keys()) if (!linked.has(page)) problems.push(`site/${page}: no page links to it`)

const report = { pages: pages.size, followed, elsewhere: [...elsewhere].toSorted(), problems }
writeFileSync('artifacts/links.json', `${JSON.stringify(report, null, 2)}\n`)
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

function follow(file, { url, line }, base) {
  const say = (problem) => problems.push(`site/${file}:${line}: ${url}: ${problem}`)
  const from = new URL(base, new URL(file, HERE))
  if (!URL.canParse(url, from)) return say('that is no address')
  const target = new URL(url, from)
  if (/^(?:mailto|tel|data|javascript):$/.test(target.protocol))
    return target.protocol === 'javascript:' && say('it runs a script')
  if (target.host !== 'site.invalid') return elsewhere.add(target.href)
  followed++
  if (!target.pathname.startsWith(BASE)) return say(`it leaves ${BASE}, where the site is`)
  const path = decoded(target.pathname.slice(BASE.length))
  const found = path === '' || path.endsWith('/') ? `${path}index.html` : path
  if (!files.has(found))
    return say(files.has(`${found}/index.html`) ? `the / at its end is missing` : `there is no site/${found}`)
  if (file !== found) linked.add(found)
  const anchor = decoded(target.hash.slice(1))
  if (pages.has(found) && !pages.get(found).anchors.has(anchor)) say(`site/${found} has no anchor ${anchor}`)
}

/** As it is where the percent signs in it are no encoding. */
function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
