// The log templates: UTF-8, line feeds, one at the end, no trailing blanks, and placeholders that can be filled.
import { readdirSync, readFileSync } from 'node:fs'
import { plant } from './canaries.mjs'

const problems = readdirSync('data/logs').flatMap((file) => problemsOf(file))
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

/** @param {string} file */
function problemsOf(file) {
  const place = `data/logs/${file}`
  const bytes = readFileSync(place)
  const text = bytes.toString('utf8')
  const found = []
  if (!Buffer.from(text).equals(bytes)) found.push(`${place} is not UTF-8`)
  if (!text.endsWith('\n') || text.endsWith('\n\n')) found.push(`${place} does not end with one line feed`)
  text.split('\n').forEach((line, index) => {
    if (/[\t\r ]$/.test(line)) found.push(`${place}:${index + 1} ends with a blank or a carriage return`)
  })
  try {
    const left = plant(text, { file, seed: 'format' }).text.match(/<<[^>\n]*>>/)
    if (left) found.push(`${place} has a placeholder that is not filled: ${left[0]}`)
  } catch (error) {
    found.push(error instanceof Error ? error.message : String(error))
  }
  return found
}
