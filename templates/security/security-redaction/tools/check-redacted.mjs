// What is left? The audit knows the people and has no rules of the redaction. It never prints what it finds, only where.
import { readdirSync, readFileSync } from 'node:fs'

const PSEUDONYM = /\[(?:email|host|ip|mac|person|phone)-\d+\]/g
const problems = []
const meanings = new Map()
const files = readdirSync('reports').toSorted()
if (files.length === 0) problems.push('reports: there is none')
for (const file of files) {
  const path = `build/redacted/${file}`
  const redacted = readFileSync(path, 'utf8')
  lookForPeople(path, redacted)
  lookForAddresses(path, redacted)
  compare(path, readFileSync(`reports/${file}`, 'utf8'), redacted)
}
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

/** Every part of everybody, in every spelling that a report may bring it in. */
function lookForPeople(path, text) {
  const people = readFileSync('data/people.csv', 'utf8').trimEnd().split('\n').slice(1)
  for (const [index, line] of people.entries()) {
    const [name = '', email = '', phone = ''] = line.split(',')
    const parts = [
      ['name', name],
      ...name
        .split(' ')
        .filter((word) => word.length > 2)
        .map((word) => ['name', word]),
      ['e-mail address', email],
      ['telephone number', phone],
    ]
    for (const [what, value] of parts) {
      for (const [spelling, form] of spellings(value)) {
        report(path, text, { form, problem: `the ${what} of person ${index + 1} is left${spelling}` })
      }
    }
  }
}

function spellings(value) {
  const plain = value.normalize('NFD').replaceAll(/\p{M}/gu, '')
  const digits = value.replaceAll(/\D/g, '')
  return [
    ['', value],
    [', without accents', plain],
    [
      ', without punctuation',
      value.startsWith('+') || value.includes('@') ? value : plain.replaceAll(/[^\p{L} ]/gu, ''),
    ],
    [', percent-encoded', encodeURIComponent(value)],
    [', as HTML', value.replaceAll('@', '&#64;').replaceAll("'", '&#39;')],
    [', in base64', Buffer.from(value).toString('base64').replaceAll('=', '')],
    [', without its blanks', value.startsWith('+') ? digits : value.replaceAll(' ', '')],
    [', backwards', [...value].toReversed().join('')],
  ].filter(([, form], at, all) => form.length > 2 && all.findIndex(([, other]) => other === form) === at)
}

function lookForAddresses(path, text) {
  const bare = text.replaceAll(PSEUDONYM, '')
  for (const [index, line] of bare.split('\n').entries()) {
    const found = []
    if (/[^\s@]@[^\s@]/.test(line)) found.push('an e-mail address')
    if (/\d+\.\d+\.\d+\.\d+/.test(line)) found.push('an IPv4 address')
    if (/(?:[0-9a-f]{1,4}:){2,}[0-9a-f]|[0-9a-f]::[0-9a-f]/i.test(line.replaceAll(/\d\d:\d\d:\d\d/g, ''))) {
      found.push('an IPv6 or MAC address')
    }
    if (line.toLowerCase().includes(`.${process.env.INTERNAL_DOMAIN}`)) found.push('an internal host')
    for (const what of found) problems.push(`${path}:${index + 1}: ${what} is left`)
  }
}

function report(path, text, { form, problem }) {
  const lines = text.toLowerCase().split('\n')
  const at = lines.findIndex((line) => line.includes(form.toLowerCase()))
  if (at !== -1) problems.push(`${path}:${at + 1}: ${problem}`)
}

/** What stands between the pseudonyms is what stood there before, and each of them stands for one thing only. */
function compare(path, original, redacted) {
  const before = original.split('\n')
  const after = redacted.split('\n')
  if (before.length !== after.length) problems.push(`${path}: it has another number of lines than before`)
  for (const [index, line] of after.entries()) compareLine(`${path}:${index + 1}`, before[index] ?? '', line)
}

function compareLine(at, before, after) {
  const kept = after.split(PSEUDONYM).map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
  const found = new RegExp(`^${kept.join('(.+?)')}$`, 'u').exec(before)
  if (!found) problems.push(`${at}: something else than identifiers was changed`)
  for (const [index, pseudonym] of (after.match(PSEUDONYM) ?? []).entries()) {
    const value = (found?.[index + 1] ?? '').toLowerCase()
    const meant = meanings.get(pseudonym) ?? value
    // A first name is a part of the whole one.
    if (!meant.startsWith(value) && !value.startsWith(meant)) problems.push(`${at}: ${pseudonym} has two meanings`)
    meanings.set(pseudonym, meant.length < value.length ? value : meant)
  }
}
