// Redacts build/raw into build/redacted and writes what was replaced, by file and kind, to build/redactions.json.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { redact } from './redactor.mjs'

mkdirSync('build/redacted', { recursive: true })

/** @type {Record<string, Record<string, number>>} */
const redactions = {}
for (const file of readdirSync('build/raw').toSorted()) {
  // latin1 maps every byte to one character and back, so that bytes which are not UTF-8 come out as they went in.
  const { text, counts } = redact(readFileSync(`build/raw/${file}`, 'latin1'))
  writeFileSync(`build/redacted/${file}`, text, 'latin1')
  redactions[file] = Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
writeFileSync('build/redactions.json', `${JSON.stringify(redactions, null, 2)}\n`)
