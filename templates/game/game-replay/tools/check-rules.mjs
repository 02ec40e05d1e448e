// The rules of the game know neither chance nor clock nor fractions, nor anything else that differs between machines.
import { readdirSync, readFileSync } from 'node:fs'

const MATHS = 'abs|floor|imul|max|min|sign|trunc'
const BANNED = [
  [new RegExp(`\\bMath\\.(?!(?:${MATHS})\\b)\\w+`), 'is not the same on every machine'],
  [/\b(?:Date|performance|process|crypto|setTimeout|fetch)\b/, 'comes from outside of the game'],
  [/\bIntl\b|\.toLocale\w+|\.localeCompare\b/, 'depends on the locale'],
  [/\b\d+\.\d+|\.\d+\b/, 'is a fraction'],
  [/\b(?:import\s*\(|require\s*\(|from 'node:)/, 'comes from outside of the game'],
]

const files = readdirSync('game').filter((file) => file.endsWith('.mjs'))
const problems = files.length === 0 ? ['game: there are no rules'] : []
for (const file of files.toSorted()) {
  const lines = withoutComments(readFileSync(`game/${file}`, 'utf8')).split('\n')
  for (const [index, line] of lines.entries()) {
    for (const [pattern, reason] of BANNED) {
      const found = pattern.exec(line)?.[0]
      if (found !== undefined) problems.push(`game/${file}:${index + 1}: ${found} ${reason}`)
    }
  }
}
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

/** Blanks in their place, so that lines keep their numbers. */
function withoutComments(text) {
  return text.replaceAll(/\/\*[^]*?\*\/|\/\/[^\n]*/g, (comment) => comment.replaceAll(/[^\n]/g, ' '))
}
