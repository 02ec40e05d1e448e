// Cuts GitHub's description of its REST API down to what codex asks for, and writes test/fixtures/github-api.json.
//
//   npm install --prefix <folder> --no-save @octokit/openapi@23.0.2
//   node .ci/github-api.mjs <folder>/node_modules/@octokit/openapi
//
// The package is no dependency, because it takes 400 MB.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const REPOSITORY = '/repos/{owner}/{repo}'

/** What is asked for, below a repository. */
const ASKED = {
  '': ['get'],
  '/branches/{branch}': ['get'],
  '/compare/{basehead}': ['get'],
  '/git/ref/{ref}': ['get'],
  '/git/matching-refs/{ref}': ['get'],
  '/git/refs': ['post'],
  '/git/refs/{ref}': ['patch'],
  '/git/commits': ['post'],
  '/git/commits/{commit_sha}': ['get'],
  '/git/blobs': ['post'],
  '/git/trees': ['post'],
  '/pulls': ['get', 'post'],
  '/pulls/{pull_number}': ['patch'],
  '/issues/{issue_number}/comments': ['get', 'post'],
  '/commits/{ref}/check-runs': ['get'],
  '/check-runs': ['post'],
  '/check-runs/{check_run_id}': ['patch'],
}

/** Words for people, and samples. */
const WORDS = new Set(['description', 'example', 'examples', 'externalDocs', 'x-github', 'tags'])

const folder = resolve(process.argv[2] ?? 'node_modules/@octokit/openapi')
const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const text = readFileSync(join(folder, 'generated/api.github.com.json'))
const whole = JSON.parse(text)
const cut = {
  openapi: whole.openapi,
  info: { ...whole.info, description: `${name} ${version}, sha256:${createHash('sha256').update(text).digest('hex')}` },
  paths: {},
  components: {},
}

for (const [below, methods] of Object.entries(ASKED)) {
  const path = `${REPOSITORY}${below}`
  const operations = methods.map((method) => [method, whole.paths[path]?.[method]])
  for (const [method, operation] of operations) if (!operation) throw new Error(`there is no ${method} ${path}`)
  cut.paths[path] = without(Object.fromEntries(operations))
}
take(cut.paths)

const target = fileURLToPath(new URL('../test/fixtures/github-api.json', import.meta.url))
writeFileSync(target, `${JSON.stringify(cut)}\n`)

/** @param named whether the members are names of somebody's choosing, of which each counts */
function without(value, named = false) {
  if (Array.isArray(value)) return value.map((element) => without(element))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([key]) => named || !WORDS.has(key))
  return Object.fromEntries(members.map(([key, member]) => [key, without(member, !named && key === 'properties')]))
}

/** What is referred to. */
function take(value) {
  if (typeof value !== 'object' || value === null) return
  if (typeof value.$ref === 'string') takeComponent(value.$ref)
  for (const member of Object.values(value)) take(member)
}

function takeComponent(reference) {
  const [, , kind, key] = reference.split('/')
  cut.components[kind] ??= {}
  if (cut.components[kind][key] !== undefined) return
  cut.components[kind][key] = without(whole.components[kind][key])
  take(cut.components[kind][key])
}
