// Matches every rule against every recorded event of its log source.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readRule } from './sigma.mjs'

const rules = readdirSync('rules')
  .filter((file) => file.endsWith('.yml'))
  .toSorted()
  .flatMap(load)
const hits = []
for (const file of readdirSync('events').toSorted()) {
  const lines = readFileSync(`events/${file}`, 'utf8').split('\n')
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const { logsource, event } = JSON.parse(line)
    const fired = rules.filter((rule) => rule.concerns(logsource) && rule.matches(event)).map(({ name }) => name)
    hits.push({ at: `events/${file}:${index + 1}`, rules: fired })
  }
}
writeFileSync('build/hits.json', `${JSON.stringify(hits, null, 2)}\n`)

/** What can't be read is told, with the reason, by the check of the rules. */
function load(file) {
  try {
    return [readRule(readFileSync(`rules/${file}`, 'utf8'), file.replace(/\.yml$/, ''))]
  } catch {
    return []
  }
}
