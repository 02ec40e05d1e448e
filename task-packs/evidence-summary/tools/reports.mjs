import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/**
 * What every report says in the same way: its pack, and for each check how many things it looked at and how many failed.
 *
 * @typedef {object} Report
 * @property {string} pack
 * @property {readonly { name: string, subjects: number, failures: number }[]} checks
 */

/** A pack in the summary. @typedef {{ pack: string, report: string, sha256: string, checks: number, subjects: number, failures: number }} Row */

/** @typedef {{ packs: readonly Row[], totals: { packs: number, checks: number, subjects: number, failures: number } }} Summary */

/**
 * The packs whose evidence belongs into the summary, as task.yml names them, with the place of each report.
 *
 * @returns {{ pack: string, path: string }[]}
 */
export function neededReports() {
  const { needs, inputs } = parse(readFileSync('task.yml', 'utf8'))
  return needs.toSorted().map((/** @type {string} */ pack) => {
    const artifact = inputs.artifacts.find((/** @type {{ from: string }} */ { from }) => from === pack)
    if (!artifact) throw new Error(`task.yml needs ${pack}, but takes no artifact from it`)
    return { pack, path: artifact.as }
  })
}

/**
 * @param {{ pack: string, path: string }} place
 * @returns {{ report: Report, sha256: string }}
 * @throws {Error} naming the file and what is wrong with it
 */
export function readReport({ pack, path }) {
  const bytes = readBytes(path)
  const report = parseJson(bytes.toString('utf8'), path)
  if (report.pack !== pack) throw new Error(`${path} is the report of ${report.pack} instead of ${pack}`)
  if (!Array.isArray(report.checks) || report.checks.length === 0) throw new Error(`${path} reports no check`)
  for (const check of report.checks) {
    for (const key of ['subjects', 'failures']) {
      if (!Number.isSafeInteger(check[key]) || check[key] < 0) {
        throw new Error(`${path}: "${key}" of the check ${check.name} is ${JSON.stringify(check[key])}`)
      }
    }
  }
  return { report, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** @param {string} path */
function readBytes(path) {
  try {
    return readFileSync(path)
  } catch {
    throw new Error(`${path} is not there`)
  }
}

/**
 * @param {string} text
 * @param {string} path
 */
export function parseJson(text, path) {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`${path} is not JSON`)
  }
}
