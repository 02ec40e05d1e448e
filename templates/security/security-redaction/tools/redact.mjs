// Puts a pseudonym in the place of every identifier: `[person-1]`, `[email-2]`, numbered as they first occur, the same one for
// the same thing in all reports.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'

const { INTERNAL_DOMAIN = '' } = process.env
const people = readFileSync('data/people.csv', 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [name = '', email = '', phone = ''] = line.split(',')
    return { name, first: name.split(' ')[0] ?? '', email, phone }
  })

/** From what says most to what says least, so that no rule takes a part of what belongs to another. */
const RULES = [
  { kind: 'email', pattern: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g },
  { kind: 'mac', pattern: /\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/gi },
  // Candidates; what is none, such as the time 10:00, stays.
  { kind: 'ip', pattern: /(?<![\w:.])[0-9a-f]*:[0-9a-f:.]*[0-9a-f:](?![\w:])/gi, only: isIPv6 },
  { kind: 'ip', pattern: /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)/g },
  { kind: 'host', pattern: new RegExp(`\\b[\\w-]+(?:\\.[\\w-]+)*\\.${literal(INTERNAL_DOMAIN)}\\b`, 'gi') },
  { kind: 'phone', pattern: /\+\d[\d ()-]{6,}\d/g },
  { kind: 'person', pattern: anyOf(people.map(({ name }) => name)), as: (found) => found.toLowerCase() },
  { kind: 'person', pattern: anyOf(people.map(({ first }) => first)), as: fullName },
]

const known = new Map()
const counts = {}
mkdirSync('build/redacted', { recursive: true })
for (const file of readdirSync('reports').toSorted()) {
  const text = readFileSync(`reports/${file}`, 'utf8')
  writeFileSync(`build/redacted/${file}`, RULES.reduce(redact, text))
}
writeFileSync('artifacts/redactions.json', `${JSON.stringify(counts, null, 2)}\n`)

function redact(text, { kind, pattern, as = (found) => found.toLowerCase(), only = () => true }) {
  return text.replaceAll(pattern, (found) => {
    if (!only(found)) return found
    const key = `${kind} ${as(found)}`
    if (!known.has(key)) known.set(key, [...known.keys()].filter((other) => other.startsWith(`${kind} `)).length + 1)
    counts[kind] = (counts[kind] ?? 0) + 1
    return `[${kind}-${known.get(key)}]`
  })
}

function anyOf(names) {
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${names.map(literal).join('|')})(?![\\p{L}\\p{N}])`, 'giu')
}

/** Who a first name means; only as good as first names are unique, which the check of the people makes sure of. */
function fullName(found) {
  return people.find(({ first }) => first.toLowerCase() === found.toLowerCase())?.name.toLowerCase() ?? found
}

function literal(text) {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
