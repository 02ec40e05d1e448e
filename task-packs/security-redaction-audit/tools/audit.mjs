// Proves from outside that the redaction did its work: knows what was planted and where, nothing of the redactor's rules.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { formsOf } from './forms.mjs'

/** @typedef {import('./canaries.mjs').Canary} Canary */

const KINDS = [
  'authorization-header',
  'aws-access-key-id',
  'aws-secret-access-key',
  'github-token',
  'json-web-token',
  'password-assignment',
  'private-key',
  'slack-token',
  'stripe-key',
  'url-password',
]
const MARKER = /\[REDACTED(?::(?<kind>[a-z-]+))?\]/g

/** @type {Canary[]} */
const canaries = JSON.parse(readFileSync('build/canaries.json', 'utf8'))
/** @type {Record<string, Record<string, number>>} */
const redactions = JSON.parse(readFileSync('build/redactions.json', 'utf8'))
const files = readdirSync('data/logs').toSorted()
const logs = files.map((file) => ({
  file,
  raw: readFileSync(`build/raw/${file}`, 'latin1'),
  redacted: readOrEmpty(`build/redacted/${file}`),
}))

const checks = [
  check('every-kind-planted', KINDS, (kind) => {
    const planted = canaries.filter((canary) => canary.kind === kind)
    if (planted.length === 0) return [`no canary of the kind ${kind} is planted: nothing would be proved about it`]
    const bare = planted.some(({ encoding }) => encoding === 'raw' || encoding === 'json')
    return bare ? [] : [`${kind} is planted in encoded form only`]
  }),
  check('every-encoding-planted', ['base64', 'hex', 'json', 'raw', 'url'], (encoding) =>
    canaries.some((canary) => canary.encoding === encoding) ? [] : [`no canary is planted as ${encoding}`],
  ),
  check('canaries-planted', canaries, (canary) => {
    const places = leaks(canary, (log) => log.raw)
    return places.length > 0 ? [] : [`${canary.id} is not in ${canary.file}: its absence would prove nothing`]
  }),
  check('canaries-absent', canaries, (canary) => leaks(canary, (log) => log.redacted)),
  check('other-lines-unchanged', logs, unexpectedChanges),
  check('counts-per-kind', KINDS, wrongCounts),
]

const failures = checks.flatMap(({ failures: messages }) => messages)
writeReport()
for (const failure of failures) process.stderr.write(`${failure}\n`)
if (failures.length > 0) process.exitCode = 1

/**
 * @template Subject
 * @param {string} name
 * @param {readonly Subject[]} subjects
 * @param {(subject: Subject) => string[]} find
 */
function check(name, subjects, find) {
  return { name, subjects: subjects.length, failures: subjects.flatMap(find) }
}

/**
 * Where a planted value can be read, in any form and any log. The value itself is never printed.
 *
 * @param {Canary} canary
 * @param {(log: { raw: string, redacted: string }) => string} textOf
 */
function leaks(canary, textOf) {
  const found = new Set()
  for (const log of logs) {
    const text = textOf(log)
    const lower = text.toLowerCase()
    for (const form of formsOf(canary.value)) {
      const at = form.anyCase ? lower.indexOf(form.text.toLowerCase()) : text.indexOf(form.text)
      if (at !== -1) found.add(`${canary.id} leaks as ${form.name} in build/redacted/${log.file}:${lineAt(text, at)}`)
    }
  }
  return [...found]
}

/**
 * Lines without a canary must be the same bytes; of the others, all but the marked places.
 *
 * @param {{ file: string, raw: string, redacted: string }} log
 */
function unexpectedChanges({ file, raw, redacted }) {
  const before = raw.split('\n')
  const after = redacted.split('\n')
  if (before.length !== after.length) {
    return [`build/redacted/${file} has ${after.length} lines instead of ${before.length}`]
  }
  const secret = secretLines(file)
  return before.flatMap((line, index) => {
    const now = after[index] ?? ''
    const place = `build/redacted/${file}:${index + 1}`
    if (!secret.has(index + 1)) return line === now ? [] : [`${place} was changed, but holds no credential`]
    return keepsTheRest(line, now) ? [] : [`${place} lost more than its credential`]
  })
}

/** @param {string} file */
function secretLines(file) {
  const own = canaries.filter((canary) => canary.file === file)
  return new Set(own.flatMap(({ line, lines }) => Array.from({ length: lines }, (_, offset) => line + offset)))
}

/**
 * Whether a line is another with some stretches replaced by markers.
 *
 * @param {string} line
 * @param {string} redacted
 */
function keepsTheRest(line, redacted) {
  const pieces = redacted.replace(MARKER, '\n').split('\n')
  const [first = ''] = pieces
  const last = pieces.length > 1 ? (pieces.at(-1) ?? '') : ''
  if (!line.startsWith(first) || !line.endsWith(last)) return false
  let from = first.length
  for (const piece of pieces.slice(1, -1)) {
    const at = line.indexOf(piece, from)
    if (at === -1) return false
    from = at + piece.length
  }
  return from + last.length <= line.length && (pieces.length > 1 || line === redacted)
}

/**
 * What was planted, what the redactor says it did and what stands in its output must be one number, in every log.
 *
 * @param {string} kind
 */
function wrongCounts(kind) {
  return logs.flatMap(({ file, redacted }) => {
    const planted = canaries.filter((canary) => canary.file === file && canary.kind === kind).length
    const claimed = redactions[file]?.[kind] ?? 0
    const marked = [...redacted.matchAll(MARKER)].filter(({ groups }) => groups?.['kind'] === kind).length
    if (planted === claimed && planted === marked) return []
    return [`${kind} in ${file}: ${planted} planted, ${claimed} reported as redacted, ${marked} marked`]
  })
}

function writeReport() {
  const byKind = KINDS.map((kind) => {
    const planted = canaries.filter((canary) => canary.kind === kind)
    const encodings = [...new Set(planted.map(({ encoding }) => encoding))].toSorted()
    const redacted = files.reduce((sum, file) => sum + (redactions[file]?.[kind] ?? 0), 0)
    return { kind, planted: planted.length, redacted, encodings }
  })
  const byFile = logs.map(({ file, raw, redacted }) => ({
    file,
    lines: raw.split('\n').length - 1,
    linesWithCredentials: secretLines(file).size,
    redactedSha256: createHash('sha256').update(Buffer.from(redacted, 'latin1')).digest('hex'),
  }))
  const report = {
    pack: 'security-redaction-audit',
    checks: checks.map((done) => ({ name: done.name, subjects: done.subjects, failures: done.failures.length })),
    forms: [...new Set(canaries.flatMap(({ value }) => formsOf(value).map(({ name }) => name)))].toSorted(),
    kinds: byKind,
    logs: byFile,
  }
  mkdirSync('artifacts', { recursive: true })
  writeFileSync('artifacts/redaction-report.json', `${JSON.stringify(report, null, 2)}\n`)
}

/**
 * @param {string} text
 * @param {number} offset
 */
function lineAt(text, offset) {
  return text.slice(0, offset).split('\n').length
}

/** A log that was not written has lost every line. @param {string} path */
function readOrEmpty(path) {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
