// Every rule can be read as a whole, says what it is, and is there once.
import { readdirSync, readFileSync } from 'node:fs'
import { readRule } from './sigma.mjs'

const LEVELS = ['informational', 'low', 'medium', 'high', 'critical']
const STATUS = ['stable', 'test', 'experimental', 'deprecated', 'unsupported']
const problems = []
const ids = new Map()
const files = readdirSync('rules').filter((file) => file.endsWith('.yml'))
if (files.length === 0) problems.push('rules: there is no rule')
for (const file of files.toSorted()) {
  try {
    check(file, readRule(readFileSync(`rules/${file}`, 'utf8'), file).meta)
  } catch (error) {
    problems.push(`rules/${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

function check(file, { title, id, status, level, tags, description }) {
  const say = (problem) => problems.push(`rules/${file}: ${problem}`)
  if (typeof title !== 'string' || title.length > 256) say('it has no title of at most 256 characters')
  if (typeof description !== 'string') say('it has no description')
  if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(String(id))) say('its id is no UUID')
  else if (ids.has(id)) say(`its id is that of rules/${ids.get(id)}`)
  ids.set(id, file)
  if (!STATUS.includes(status)) say(`its status is none of ${STATUS.join(', ')}`)
  if (!LEVELS.includes(level)) say(`its level is none of ${LEVELS.join(', ')}`)
  const techniques = Array.isArray(tags) ? tags.filter((tag) => /^attack\.t\d{4}(?:\.\d{3})?$/.test(String(tag))) : []
  if (techniques.length === 0) say('no tag names a technique of ATT&CK, such as attack.t1059')
}
