// Adds up the reports: artifacts/summary.json for programs, artifacts/summary.md for people.
import { mkdirSync, writeFileSync } from 'node:fs'
import { neededReports, readReport } from './reports.mjs'

/** @typedef {import('./reports.mjs').Row} Row */

try {
  const rows = neededReports().map(rowOf)
  mkdirSync('artifacts', { recursive: true })
  writeFileSync('artifacts/summary.json', `${JSON.stringify({ packs: rows, totals: totalsOf(rows) }, null, 2)}\n`)
  writeFileSync('artifacts/summary.md', markdown(rows))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

/**
 * @param {{ pack: string, path: string }} place
 * @returns {Row}
 */
function rowOf(place) {
  const { report, sha256 } = readReport(place)
  return { pack: place.pack, report: place.path, sha256, checks: report.checks.length, ...sumsOf(report.checks) }
}

/** @param {readonly { subjects: number, failures: number }[]} parts */
function sumsOf(parts) {
  const sum = (/** @type {'subjects' | 'failures'} */ key) => parts.reduce((total, part) => total + part[key], 0)
  return { subjects: sum('subjects'), failures: sum('failures') }
}

/** @param {readonly Row[]} rows */
function totalsOf(rows) {
  return { packs: rows.length, checks: rows.reduce((total, row) => total + row.checks, 0), ...sumsOf(rows) }
}

/** @param {readonly Row[]} rows */
function markdown(rows) {
  const totals = totalsOf(rows)
  const verdict = totals.failures === 0 ? 'Nothing failed.' : `${totals.failures} failed.`
  return `# Evidence

${totals.packs} packs looked at ${totals.subjects} things in ${totals.checks} checks. ${verdict}

| Pack | Checks | Looked at | Failed | SHA-256 of its report |
| --- | ---: | ---: | ---: | --- |
${rows.map((row) => `| ${row.pack} | ${row.checks} | ${row.subjects} | ${row.failures} | \`${row.sha256}\` |`).join('\n')}
`
}
