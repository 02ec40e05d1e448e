// No credential may stand in the pack itself, not even a fake one: scanners would report it, and people would learn to look away.
import { readdirSync, readFileSync } from 'node:fs'
import { kinds, shapedRules } from './rules.mjs'
import { redact } from './redactor.mjs'

const findings = [
  ...['.', 'tools'].flatMap((folder) => findingsIn(folder, kindsByShape)),
  ...findingsIn('data/logs', (line) => [...redact(line).counts.keys()]),
]
if (new Set(kinds).size !== kinds.length) findings.push('two rules share a kind')
for (const finding of findings) process.stderr.write(`${finding}\n`)
if (findings.length > 0) process.exitCode = 1

/**
 * @param {string} folder
 * @param {(line: string) => string[]} kindsOf
 */
function findingsIn(folder, kindsOf) {
  return textFiles(folder).flatMap((path) => {
    // A template names the place where a value will stand; the placeholder is not the value.
    const text = readFileSync(path, 'utf8').replaceAll(/<<.+?>>+/g, '[REDACTED]')
    return text
      .split('\n')
      .flatMap((line, index) =>
        kindsOf(line).map((kind) => `${path}:${index + 1} holds what looks like a credential: ${kind}`),
      )
  })
}

/** Source code may well assign to a variable called password, so the context rules do not apply to it. @param {string} line */
function kindsByShape(line) {
  return shapedRules
    .filter(({ patterns }) => patterns.some((pattern) => line.search(pattern) !== -1))
    .map(({ kind }) => kind)
}

/** @param {string} folder */
function textFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${folder}/${entry.name}`)
    .toSorted()
}
