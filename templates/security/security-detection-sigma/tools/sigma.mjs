// Sigma rules as functions of events. Supported are selections (mappings, and lists of mappings), the modifiers contains,
// startswith, endswith, re and all, the wildcards * and ?, null, and conditions as in condition.mjs. Whatever else a rule says
// throws Unsupported: a rule that is half understood would be silent where it should fire.
//
// The specification: https://sigmahq.io/sigma-specification/
import { parseCondition } from './condition.mjs'
import { readYaml, Unsupported } from './yaml.mjs'

/** @typedef {import('./yaml.mjs').Value} Value */
/** @typedef {{ [field: string]: unknown }} Event */
/** @typedef {(event: Event) => boolean} Test */
/** @typedef {{ name: string, meta: { [key: string]: Value }, matches: Test, concerns: (logsource: Event) => boolean }} Rule */

const MODIFIERS = ['contains', 'startswith', 'endswith', 're', 'all']

/**
 * @param {string} text
 * @param {string} name
 * @returns {Rule}
 */
export function readRule(text, name) {
  const meta = readYaml(text)
  if (!isMapping(meta)) throw new Unsupported('it is no mapping')
  if ('correlation' in meta) throw new Unsupported('correlations are not supported')
  const { detection, logsource } = meta
  if (!isMapping(detection)) throw new Unsupported('it has no detection')
  if (!isMapping(logsource)) throw new Unsupported('it has no logsource')
  const { condition, ...parts } = detection
  if ('timeframe' in parts) throw new Unsupported('timeframe is not supported')
  if (typeof condition !== 'string') throw new Unsupported('it needs one condition')
  const selections = new Map(Object.entries(parts).map(([key, value]) => [key, selectionOf(key, value)]))
  const holds = parseCondition(condition, [...selections.keys()])
  return {
    name,
    meta,
    matches: (event) => holds((selection) => selections.get(selection)?.(event) ?? false),
    concerns: (source) =>
      Object.entries(logsource).every(([key, value]) => key === 'definition' || source[key] === value),
  }
}

/**
 * @param {string} name
 * @param {Value} value
 * @returns {Test}
 */
function selectionOf(name, value) {
  if (isMapping(value)) return allFields(name, value)
  if (!Array.isArray(value) || value.length === 0) throw new Unsupported(`${name} is no selection`)
  const tests = value.map((part) => {
    if (!isMapping(part)) throw new Unsupported(`${name} searches for keywords in whole events, which is not supported`)
    return allFields(name, part)
  })
  return (event) => tests.some((test) => test(event))
}

/**
 * @param {string} name
 * @param {{ [key: string]: Value }} fields
 * @returns {Test}
 */
function allFields(name, fields) {
  const tests = Object.entries(fields).map(([key, value]) => fieldTest(key, value))
  if (tests.length === 0) throw new Unsupported(`${name} is empty`)
  return (event) => tests.every((test) => test(event))
}

/**
 * @param {string} key a field with modifiers: `CommandLine|contains|all`
 * @param {Value} value
 * @returns {Test}
 */
function fieldTest(key, value) {
  const [field = '', ...modifiers] = key.split('|')
  const unknown = modifiers.find((modifier) => !MODIFIERS.includes(modifier))
  if (unknown !== undefined) throw new Unsupported(`the modifier ${unknown} of ${field} is not supported`)
  const how = modifiers.filter((modifier) => modifier !== 'all')
  if (how.length > 1) throw new Unsupported(`${key} has more than one modifier that compares`)
  const values = Array.isArray(value) ? value : [value]
  if (values.length === 0) throw new Unsupported(`${key} has no value`)
  const tests = values.map((one) => valueTest(key, how[0], one))
  const isAll = modifiers.includes('all')
  return (event) => {
    const found = event[field] ?? null
    return isAll ? tests.every((test) => test(found)) : tests.some((test) => test(found))
  }
}

/**
 * @param {string} key
 * @param {string | undefined} modifier
 * @param {Value} value
 * @returns {(found: any) => boolean}
 */
function valueTest(key, modifier, value) {
  if (value === null && modifier === undefined) return (found) => found === null
  if (value === null || typeof value === 'object') throw new Unsupported(`a value of ${key} is neither text nor number`)
  const pattern = modifier === 're' ? expression(key, String(value)) : wildcards(String(value), modifier)
  return (found) => found !== null && typeof found !== 'object' && pattern.test(String(found))
}

/**
 * @param {string} key
 * @param {string} text
 */
function expression(key, text) {
  try {
    return new RegExp(text, 'u')
  } catch {
    throw new Unsupported(`${key} is no regular expression that is understood here: ${text}`)
  }
}

/**
 * A text of Sigma: case does not count, * stands for anything, ? for one character, and a backslash before one of these, or
 * before another backslash that would be read so, takes its meaning away.
 *
 * @param {string} text
 * @param {string | undefined} modifier
 */
function wildcards(text, modifier) {
  const body = text.replaceAll(/\\([\\*?])|[\\^$.*+?()[\]{}|/]/g, (part, escaped) => {
    if (escaped !== undefined) return `\\${escaped}`
    if (part === '*') return '.*'
    return part === '?' ? '.' : `\\${part}`
  })
  const start = modifier === 'contains' || modifier === 'endswith' ? '' : '^'
  const end = modifier === 'contains' || modifier === 'startswith' ? '' : '$'
  return new RegExp(`${start}${body}${end}`, 'isu')
}

/**
 * @param {unknown} value
 * @returns {value is { [key: string]: Value }}
 */
function isMapping(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
