// The list that the audit goes by: complete lines, and nobody who could be taken for another.
import { readFileSync } from 'node:fs'

const [head, ...lines] = readFileSync('data/people.csv', 'utf8').trimEnd().split('\n')
const problems = []
if (head !== 'name,email,phone') problems.push('data/people.csv:1: the head is another')
if (lines.length === 0) problems.push('data/people.csv: there is nobody in it, so the audit would look for nobody')
const seen = new Map()
for (const [index, line] of lines.entries()) {
  const at = `data/people.csv:${index + 2}`
  const fields = line.split(',')
  const [name = '', email = '', phone = ''] = fields
  if (fields.length !== 3 || !/^\S+ \S/.test(name)) problems.push(`${at}: a name, an address and a number are needed`)
  if (!/^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/.test(email)) problems.push(`${at}: that is no e-mail address`)
  if (!/^\+\d[\d ]{6,}$/.test(phone)) problems.push(`${at}: the number does not begin with + and its country`)
  for (const word of [name.split(' ')[0], email, phone]) {
    const other = seen.get(word)
    if (other) problems.push(`${at}: it shares a first name, an address or a number with ${other}`)
    seen.set(word, at)
  }
}
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1
