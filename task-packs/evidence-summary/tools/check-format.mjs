// The two reports: JSON as the tool writes it, and Markdown whose table has as many cells in each row.
import { readFileSync } from 'node:fs'
import { parseJson } from './reports.mjs'

const problems = [...jsonProblems('artifacts/summary.json'), ...markdownProblems('artifacts/summary.md')]
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

/** @param {string} path */
function jsonProblems(path) {
  const text = readFileSync(path, 'utf8')
  try {
    const written = `${JSON.stringify(parseJson(text, path), null, 2)}\n` === text
    return written ? [] : [`${path} is not indented by two blanks, or does not end with one line feed`]
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

/** @param {string} path */
function markdownProblems(path) {
  const text = readFileSync(path, 'utf8')
  const found = text.endsWith('\n') && !text.endsWith('\n\n') ? [] : [`${path} does not end with one line feed`]
  if (!text.startsWith('# ')) found.push(`${path} does not begin with a title`)
  const rows = text.split('\n').filter((line) => line.startsWith('|'))
  const cells = rows[0]?.split('|').length
  if (rows.length < 3) found.push(`${path} has no table`)
  for (const row of rows) if (row.split('|').length !== cells) found.push(`${path}: a row has other cells: ${row}`)
  return found
}
