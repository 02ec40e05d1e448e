// A check that reads nothing passes. This one asks formatter, linter and compiler which files they read, and fails for every
// source file that one of them does not.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { posix, relative } from 'node:path'

const ROOT = '../..'
const SOURCES = ['.ci', '.config', 'src', 'task-packs', 'templates', 'test']
const SINGLE = ['codex.config.ts'].filter((path) => existsSync(`${ROOT}/${path}`))
const PROJECTS = ['.', '.config', 'src/report/picture/page']
const TOOLS = ['oxfmt', 'oxlint', 'oxlint-tsgolint', 'typescript']

const sources = [...SOURCES.flatMap(codeUnder), ...SINGLE]
const typed = sources.filter((path) => path.endsWith('.ts'))
const linted = new Set(linesOf('oxlint/bin/oxlint', ['--debug=files']))
const compiled = new Set(PROJECTS.flatMap(compiledBy))

const checks = [
  check('formatted', sources, () => []),
  check('linted', sources, (path) => (linted.has(path) ? [] : [`${path} is not linted`])),
  check('type-checked', typed, (path) => (compiled.has(path) ? [] : [`${path} is not type-checked`])),
]
const [formatted] = checks
const count = countOfFormatted()
if (count !== sources.length) {
  formatted?.failures.push(
    `the formatter reads ${count} of ${sources.length} source files: see ignorePatterns in .oxfmtrc.json`,
  )
}
for (const { name, subjects, failures } of checks) if (subjects === 0) failures.push(`no source file is ${name}`)

const failures = checks.flatMap((done) => done.failures)
writeReport()
for (const failure of failures) process.stderr.write(`${failure}\n`)
if (failures.length > 0) process.exitCode = 1

/**
 * @param {string} name
 * @param {readonly string[]} subjects
 * @param {(path: string) => string[]} find
 */
function check(name, subjects, find) {
  return { name, subjects: subjects.length, failures: subjects.flatMap(find) }
}

/**
 * The TypeScript and JavaScript files under a folder of the project, sorted by bytes.
 *
 * @param {string} folder
 */
function codeUnder(folder) {
  if (!existsSync(`${ROOT}/${folder}`)) return []
  return readdirSync(`${ROOT}/${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:mjs|ts)$/.test(entry.name))
    .map((entry) => posix.join(relative(ROOT, entry.parentPath), entry.name))
    .filter((path) => !/^test\/(?:fixtures|golden)\//.test(path))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/**
 * What a tool of the project prints on its standard output, line by line.
 *
 * @param {string} bin  below node_modules
 * @param {readonly string[]} argv
 */
function linesOf(bin, argv) {
  const path = `node_modules/${bin}`
  const options = { cwd: ROOT, maxBuffer: 2 ** 26, encoding: /** @type {const} */ ('utf8') }
  return execFileSync(process.execPath, [path, ...argv], options).split('\n')
}

/** @param {string} project  the folder of a tsconfig.json */
function compiledBy(project) {
  const root = posix.resolve(ROOT)
  return linesOf('typescript/bin/tsc', ['--noEmit', '--listFilesOnly', '--project', project]).map((path) =>
    relative(root, path),
  )
}

/** The formatter tells how many files it has read, not which: it is given each by name. */
function countOfFormatted() {
  const lines = linesOf('oxfmt/bin/oxfmt', ['--check', ...sources])
  const match = /on (?<count>\d+) files?/.exec(lines.join('\n'))
  return Number(match?.groups?.['count'] ?? 0)
}

function writeReport() {
  const report = {
    pack: 'orchestrator-self-check',
    checks: checks.map((done) => ({ name: done.name, subjects: done.subjects, failures: done.failures.length })),
    files: Object.fromEntries(
      SOURCES.map((folder) => [folder, sources.filter((path) => path.startsWith(`${folder}/`)).length]),
    ),
    tools: Object.fromEntries(TOOLS.map((name) => [name, versionOf(name)])),
  }
  mkdirSync('artifacts', { recursive: true })
  writeFileSync('artifacts/self-check.json', `${JSON.stringify(report, null, 2)}\n`)
}

/** @param {string} name */
function versionOf(name) {
  return JSON.parse(readFileSync(`${ROOT}/node_modules/${name}/package.json`, 'utf8')).version
}
