// Two builds, byte by byte; the digests are kept for whoever builds it a third time.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const first = readdirSync('site').toSorted()
const second = readdirSync('build/again').toSorted()
const problems = []
if (first.length === 0) problems.push('site: the build has made nothing')
for (const file of first.filter((name) => !second.includes(name)))
  problems.push(`${file}: only the first build has made it`)
for (const file of second.filter((name) => !first.includes(name)))
  problems.push(`${file}: only the second build has made it`)

const sums = []
let size = 0
for (const file of first.filter((name) => second.includes(name))) {
  const bytes = readFileSync(`site/${file}`)
  const again = readFileSync(`build/again/${file}`)
  if (!bytes.equals(again)) problems.push(`${file}: the two builds differ from ${place(bytes, again)} on`)
  sums.push(`${createHash('sha256').update(bytes).digest('hex')}  ${file}\n`)
  size += bytes.length
}
const { BUDGET } = process.env
if (!(size <= Number(BUDGET))) problems.push(`site: it has ${size} bytes, and ${BUDGET} are allowed`)
writeFileSync('artifacts/SHA256SUMS', sums.join(''))
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

function place(bytes, again) {
  let at = 0
  while (at < bytes.length && bytes[at] === again[at]) at++
  return `byte ${at} (line ${bytes.subarray(0, at).toString('latin1').split('\n').length})`
}
