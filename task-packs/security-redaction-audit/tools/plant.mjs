// `plant.mjs logs` writes the logs with credentials in them to build/raw; `plant.mjs list` writes where each one went to
// build/canaries.json. Two calls, so that the redactor can be given the logs without the list.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { plant } from './canaries.mjs'

const what = process.argv[2]
const seed = process.env['CANARY_SEED']
if (!seed) throw new Error('CANARY_SEED is not set')

const planted = readdirSync('data/logs')
  .toSorted()
  .map((file) => ({ file, ...plant(readFileSync(`data/logs/${file}`, 'utf8'), { file, seed }) }))

mkdirSync('build/raw', { recursive: true })
if (what === 'logs') {
  for (const { file, text } of planted) writeFileSync(`build/raw/${file}`, text)
} else if (what === 'list') {
  const canaries = planted.flatMap((log) => log.canaries)
  writeFileSync('build/canaries.json', `${JSON.stringify(canaries, null, 2)}\n`)
} else {
  throw new Error('usage: plant.mjs logs|list')
}
