// Builds src into a folder: style sheets and scripts get names with the hash of what is in them, so that they can be cached for
// ever, and the pages point to those. Usage: build.mjs <folder> [--reverse]
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname } from 'node:path'
import { stamp } from './stamp.mjs'

const [folder = 'site', order] = process.argv.slice(2)
const HASHED = ['.css', '.js']

// A folder's list has no order that could be relied upon; --reverse shows whether anybody does.
const files = readdirSync('src')
if (order === '--reverse') files.reverse()

const names = new Map(files.map((file) => [file, HASHED.includes(extname(file)) ? hashed(file) : file]))
mkdirSync(folder, { recursive: true })
for (const file of files) {
  const text = readFileSync(`src/${file}`, 'utf8')
  writeFileSync(`${folder}/${names.get(file)}`, file.endsWith('.html') ? page(text) : text)
}
const assets = [...names].filter(([file, name]) => file !== name).toSorted(([a], [b]) => (a < b ? -1 : 1))
writeFileSync(`${folder}/assets.json`, `${JSON.stringify(Object.fromEntries(assets), null, 2)}\n`)

function hashed(file) {
  const digest = createHash('sha256')
    .update(readFileSync(`src/${file}`))
    .digest('hex')
    .slice(0, 12)
  return file.replace(/(?=\.[^.]+$)/, `.${digest}`)
}

function page(text) {
  const linked = text.replaceAll(/(href|src)="([^"]+)"/g, (whole, attribute, file) =>
    names.has(file) ? `${attribute}="${names.get(file)}"` : whole,
  )
  return linked.replaceAll('{{date}}', stamp())
}
