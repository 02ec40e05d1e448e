// The simulation may use whole numbers only, and nothing that depends on the machine, its clock or its language.
import { readdirSync, readFileSync } from 'node:fs'

/** @type {readonly { pattern: RegExp, what: string }[]} */
const BANNED = [
  { pattern: /\//g, what: 'a division, which may leave a fraction' },
  { pattern: /\*\*/g, what: 'a power, which may be rounded' },
  { pattern: /\b\d[\d_]*\.\d|\B\.\d|\b\d[\d_]*e-?\d/gi, what: 'a number that is not whole' },
  { pattern: /\bMath\.(?!(?:abs|imul|max|min|sign)\b)\w+/g, what: 'a function that does not keep to whole numbers' },
  {
    pattern: /\b(?:parseFloat|Date|Intl|performance|process|Number\.EPSILON|localeCompare|toLocale\w*)\b/g,
    what: 'the machine',
  },
]

const sources = readdirSync('tools/sim').toSorted()
const findings = sources.flatMap((name) => findingsIn(`tools/sim/${name}`))
if (sources.length === 0) findings.push('tools/sim holds no source')
for (const finding of findings) process.stderr.write(`${finding}\n`)
if (findings.length > 0) process.exitCode = 1

/** @param {string} path */
function findingsIn(path) {
  const lines = withoutText(readFileSync(path, 'utf8')).split('\n')
  return lines.flatMap((line, index) =>
    BANNED.flatMap(({ pattern, what }) =>
      [...line.matchAll(pattern)].map(([match]) => `${path}:${index + 1} uses ${what}: ${match}`),
    ),
  )
}

/**
 * The code without comments and without the text of strings; line breaks and what templates compute stay.
 *
 * @param {string} code
 */
function withoutText(code) {
  return code.replaceAll(/\/\*[^]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, (match) =>
    match.startsWith('`') ? [...match.matchAll(/\$\{[^}]*\}|\n/g)].join('') : match.replaceAll(/[^\n]/g, ''),
  )
}
