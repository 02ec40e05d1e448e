// Whatever has drifted was accepted, with a reason and a name; what was accepted and has not happened is told as well.
import { readFileSync } from 'node:fs'

const read = (path) => JSON.parse(readFileSync(path, 'utf8'))
const { added, removed, changed } = read('artifacts/drift.json')
const drift = [
  ...added.map(({ id, exposure }) => ({ id, change: 'added', words: `was added (exposure: ${exposure})` })),
  ...removed.map(({ id }) => ({ id, change: 'removed', words: 'was removed' })),
  ...changed
    .filter(({ watched }) => watched)
    .map(({ id, field, from, to }) => ({
      id,
      change: `${field}: ${to}`,
      words: `has another ${field}: ${to} (${from})`,
    })),
]
const accepted = read('data/accepted.json')
const problems = []
for (const { id, change, by, reason } of accepted) {
  const at = `data/accepted.json: ${id}, ${change}`
  if (!by || !reason) problems.push(`${at}: a name (by) and a reason are needed`)
  if (!drift.some((one) => one.id === id && one.change === change)) problems.push(`${at}: this has not happened`)
}
for (const { id, change, words } of drift) {
  const isAccepted = accepted.some((one) => one.id === id && one.change === change)
  if (!isAccepted) problems.push(`${id} ${words}, and nobody has accepted that`)
}
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1
