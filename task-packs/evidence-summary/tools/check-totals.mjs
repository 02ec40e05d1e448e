// Counts again, from the reports themselves and by another way: the summary must have every needed pack, each number must be
// the sum of its parts, and both summaries must say the same.
import { readFileSync } from 'node:fs'
import { neededReports, parseJson, readReport } from './reports.mjs'

/** @type {string[]} */
const problems = []
try {
  /** @type {import('./reports.mjs').Summary} */
  const summary = parseJson(readFileSync('artifacts/summary.json', 'utf8'), 'artifacts/summary.json')
  checkPacks(summary)
  checkTotals(summary)
  checkMarkdown(summary, readFileSync('artifacts/summary.md', 'utf8'))
} catch (error) {
  problems.push(error instanceof Error ? error.message : String(error))
}
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

/** @param {import('./reports.mjs').Summary} summary */
function checkPacks({ packs }) {
  const needed = neededReports()
  for (const place of needed) {
    const row = packs.find(({ pack }) => pack === place.pack)
    if (!row) {
      problems.push(`${place.pack} is needed, but not in the summary`)
      continue
    }
    const { report, sha256 } = readReport(place)
    if (row.sha256 !== sha256) problems.push(`${place.pack}: the report is ${sha256}, the summary has ${row.sha256}`)
    let subjects = 0
    for (const check of report.checks) {
      subjects += check.subjects
      if (check.subjects === 0) problems.push(`${place.pack}: the check ${check.name} has looked at nothing`)
      if (check.failures > 0) problems.push(`${place.pack}: the check ${check.name} has ${check.failures} failures`)
    }
    expectEqual(`${place.pack}: checks`, row.checks, report.checks.length)
    expectEqual(`${place.pack}: subjects`, row.subjects, subjects)
  }
  for (const { pack } of packs) {
    if (!needed.some((place) => place.pack === pack)) problems.push(`${pack} is in the summary, but not needed`)
  }
}

/** @param {import('./reports.mjs').Summary} summary */
function checkTotals({ packs, totals }) {
  const expected = { packs: packs.length, checks: 0, subjects: 0, failures: 0 }
  for (const row of packs) {
    expected.checks += row.checks
    expected.subjects += row.subjects
    expected.failures += row.failures
  }
  for (const key of /** @type {const} */ (['packs', 'checks', 'subjects', 'failures'])) {
    expectEqual(`total of ${key}`, totals[key], expected[key])
  }
}

/**
 * @param {import('./reports.mjs').Summary} summary
 * @param {string} markdown
 */
function checkMarkdown({ packs }, markdown) {
  const rows = markdown.split('\n').filter((line) => /^\| [a-z]/.test(line))
  expectEqual('rows of artifacts/summary.md', rows.length, packs.length)
  for (const { pack, checks, subjects, failures, sha256 } of packs) {
    const row = `| ${pack} | ${checks} | ${subjects} | ${failures} | \`${sha256}\` |`
    if (!rows.includes(row)) problems.push(`artifacts/summary.md has no row "${row}"`)
  }
}

/**
 * @param {string} what
 * @param {number} found
 * @param {number} expected
 */
function expectEqual(what, found, expected) {
  if (found !== expected) problems.push(`${what}: ${found} instead of ${expected}`)
}
