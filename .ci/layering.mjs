// Checks who imports whom in src/ (or in the folder that is named) against .config/layering.mjs.
// Prints one line per breach, then what it read; fails on a breach, and where it found nothing to read.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import { CONFINED, FILES, LAYERS } from '../.config/layering.mjs'

const FOLDERS = ['model', 'host', 'commands']
const src = resolve(process.argv[2] ?? fileURLToPath(new URL('../src', import.meta.url)))
const modules = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.[cm]?[jt]sx?$/.test(path))
  .toSorted()
const known = new Set(modules)
let imports = 0
const breaches = modules.flatMap(breachesOf)

for (const { path, line, rule, message } of breaches) process.stdout.write(`${path}:${line} ${rule}: ${message}\n`)
process.stdout.write(`${modules.length} modules, ${imports} imports, ${breaches.length} breaches\n`)
if (modules.length === 0) process.stderr.write(`There is nothing to check in ${src}.\n`)
process.exitCode = breaches.length === 0 && modules.length > 0 && imports > 0 ? 0 : 1

function breachesOf(path) {
  const text = readFileSync(join(src, path), 'utf8')
  const parsed = parseSync(path, text)
  if (parsed.errors.length > 0) return [{ path, line: 1, rule: 'syntax', message: parsed.errors[0].message }]
  const misplaced = placeOf(path) === null ? [{ path, line: 1, rule: 'place', message: 'belongs to no layer' }] : []
  const found = importsOf(parsed, text)
  imports += found.length
  return [
    ...misplaced,
    ...found.flatMap(({ specifier, start }) => {
      const breach = breachOf(path, specifier)
      return breach === null ? [] : [{ path, line: text.slice(0, start).split('\n').length, ...breach }]
    }),
  ]
}

/** Every import and re-export, of types too; `null` for one whose module is only known when it runs. */
function importsOf({ module, program }, text) {
  const found = [
    ...module.staticImports.map((entry) => ({ specifier: entry.moduleRequest.value, start: entry.start })),
    ...module.staticExports.flatMap(({ entries, start }) => {
      const request = entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest
      return request ? [{ specifier: request.value, start }] : []
    }),
    ...module.dynamicImports.map(({ moduleRequest, start }) => {
      const literal = /^(['"`])([^$]*)\1$/s.exec(text.slice(moduleRequest.start, moduleRequest.end))
      return { specifier: literal?.[2] ?? null, start }
    }),
    ...importTypesOf(program),
  ]
  return found.toSorted((a, b) => a.start - b.start)
}

/** `import('./module.ts').Name` in the place of a type is in no list of the parser's. */
function importTypesOf(node) {
  if (node === null || typeof node !== 'object') return []
  if (Array.isArray(node)) return node.flatMap(importTypesOf)
  const own = node.type === 'TSImportType' ? [{ specifier: node.source.value, start: node.start }] : []
  return [...own, ...Object.values(node).flatMap(importTypesOf)]
}

function breachOf(path, specifier) {
  const from = placeOf(path)
  if (specifier === null) {
    if (from?.layer === 'host' || from?.name === 'plugin-runner') return null
    return { rule: 'dynamic', message: 'imports a module that is only known when it runs; only host/ may' }
  }
  if (!specifier.startsWith('.')) return outsideBreach(from, specifier)
  const target = posix.join(dirname(path), specifier)
  if (target.startsWith('../')) return leavingBreach(from, target)
  if (!known.has(target)) return { rule: 'missing', message: `imports ${target}, which is not there` }
  return layerBreach(from, placeOf(target), target)
}

function layerBreach(from, to, target) {
  if (from === null || to === null) return null
  if (from.name === to.name || (from.layer === to.layer && from.layer !== 'room')) return null
  if (from.layer === to.layer) return { rule: 'sibling-room', message: `${from.name}/ imports its sibling ${target}` }
  if (LAYERS[from.layer].includes(to.layer)) return null
  const allowed = LAYERS[from.layer].join(', ') || 'nothing'
  return { rule: 'layer', message: `${from.name} imports ${target}; it may import ${allowed}` }
}

function leavingBreach(from, target) {
  if (target === '../package.json' && ['cli', 'host', 'index'].includes(from?.layer)) return null
  return { rule: 'outside', message: `imports ${target}, outside of src` }
}

function outsideBreach(from, specifier) {
  for (const { modules: patterns, places } of CONFINED) {
    if (!patterns.some((pattern) => matches(pattern, specifier))) continue
    if (places.includes(from?.name)) return null
    return { rule: 'confined', message: `imports ${specifier}, which belongs in ${places.join(' or ')}` }
  }
  return null
}

function matches(pattern, specifier) {
  if (pattern.endsWith('*')) return specifier.startsWith(pattern.slice(0, -1))
  return specifier === pattern || specifier === pattern.replace(/^node:/, '') || specifier.startsWith(`${pattern}/`)
}

/** The layer of a module and the folder or file that it is known by; `null` where it has no business being. */
function placeOf(path) {
  const [name, ...rest] = path.split('/')
  if (rest.length === 0) return FILES[name] ? { layer: FILES[name], name: name.replace(/\.ts$/, '') } : null
  if (/^(utils?|helpers?|common|shared)$/.test(name)) return null
  return { layer: FOLDERS.includes(name) ? name : 'room', name }
}
