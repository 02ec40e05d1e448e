// Attacks are seen by the rule that is there for them, normal traffic by none, and no rule is there for nothing.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const least = Number(process.env.COVERAGE)
const fired = new Map(JSON.parse(readFileSync('build/hits.json', 'utf8')).map(({ at, rules }) => [at, rules]))
const rules = readdirSync('rules')
  .filter((file) => file.endsWith('.yml'))
  .map((file) => file.replace(/\.yml$/, ''))
const problems = []
const missed = []
const seen = new Set()

const attacks = events('events/attack.jsonl')
for (const { at, expect } of attacks) {
  if (!rules.includes(expect)) problems.push(`${at} expects ${expect}, but there is no rules/${expect}.yml`)
  else if (fired.get(at)?.includes(expect)) seen.add(expect)
  else missed.push(`${at} is not seen by rules/${expect}.yml`)
}
const normal = events('events/normal.jsonl')
for (const { at } of normal) {
  for (const rule of fired.get(at) ?? []) problems.push(`rules/${rule}.yml fires on normal traffic: ${at}`)
}
if (attacks.length === 0 || normal.length === 0)
  problems.push('events: there are no attacks, or there is no normal traffic')
const coverage = attacks.length === 0 ? 0 : Math.floor(((attacks.length - missed.length) * 100) / attacks.length)
if (coverage < least) problems.push(...missed, `${coverage} % of the attacks are seen, and not ${least} %`)
for (const rule of rules) if (!seen.has(rule)) problems.push(`rules/${rule}.yml sees no recorded attack`)

writeFileSync(
  'artifacts/coverage.json',
  `${JSON.stringify({ rules: rules.length, attacks: attacks.length, normal: normal.length, coverage, missed, problems }, null, 2)}\n`,
)
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

function events(file) {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((line, index) =>
    line.trim() === '' ? [] : [{ at: `${file}:${index + 1}`, expect: JSON.parse(line).expect }],
  )
}
