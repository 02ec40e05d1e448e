import * as z from 'zod'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import type { Location } from '../model/source.ts'
import { closest } from '../model/suggest.ts'
import { likelyDuration, likelySize } from './units.ts'
import { pointerPart } from './yaml-value.ts'

type Path = readonly PropertyKey[]

/** What a complaint about the shape of a file needs to know of the file. */
export interface ShapeContext {
  readonly schema: z.ZodType
  /** What the file is called where no key of it is meant; empty: a task pack. */
  readonly whole: string
  /** The value at a pointer, or its key. */
  readonly locate: (pointer: string, part: 'value' | 'key') => Location | null
  /** How the value at a pointer is written; `null` where that is not known. */
  readonly written: (pointer: string) => string | null
}

/** Examples of what must not be missing. */
const EXAMPLES: Readonly<Record<string, string>> = {
  version: 'version: 1',
  id: 'id: web-static-site',
  title: 'title: What the work is',
  pillar: 'pillar: platform',
  risk: 'risk: low',
  acceptance: 'acceptance: { tests: [{ run: node --test }] }',
  run: 'run: node --test',
  from: 'from: web-static-site',
  path: 'path: artifacts/report.json',
  as: 'as: data/report.json',
  identity: 'identity: /package-lock.json',
  replace: 'replace: { data/good.json: test/bad.json }',
}

/** Turns what zod found into located facts. Several failed checks of one value are one complaint. */
export function shapeDiagnostics(error: z.ZodError, context: ShapeContext): Diagnostic[] {
  const found: Diagnostic[] = []
  const seen = new Set<string>()
  for (const issue of error.issues) {
    const pointer = pointerOf(issue.path)
    if (issue.code !== 'unrecognized_keys' && seen.has(pointer)) continue
    seen.add(pointer)
    found.push(...fromIssue(issue, [], context))
  }
  return found
}

/** `acceptance.tests[0].run` */
export function dotted(path: Path): string {
  let text = ''
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${String(part)}`
  return text
}

function pointerOf(path: Path): string {
  return path.map((part) => `/${pointerPart(String(part))}`).join('')
}

function fromIssue(issue: z.core.$ZodIssue, above: Path, context: ShapeContext): Diagnostic[] {
  const path = [...above, ...issue.path]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, context))
    case 'invalid_union':
      return fromUnion(issue, path, context)
    case 'invalid_key':
      return [invalidKey(path, issue.issues[0]?.message ?? issue.message, context)]
    case 'invalid_type':
    case 'invalid_value':
      return issue.input === undefined ? [missingKey(path, context)] : [wrongValue(issue, path, context)]
    default:
      return [invalid(path, issue.input, { expected: issue.message, suggestion: null, context })]
  }
}

/** The branch that was meant is the one whose own type fits; without one the value as a whole is wrong. */
function fromUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, context: ShapeContext): Diagnostic[] {
  if (issue.input === undefined) return [missingKey(path, context)]
  const meant = issue.errors.find((issues) => issues.every((inner) => inner.path.length > 0 || inner.code === 'custom'))
  if (meant) return meant.flatMap((inner) => fromIssue(inner, path, context))
  return [wrongType(path, issue.message, { input: issue.input, context })]
}

function unknownKey(parent: Path, key: string, context: ShapeContext): Diagnostic {
  const known = knownKeys(context.schema, parent)
  const location = context.locate(pointerOf([...parent, key]), 'key')
  return diagnostic('unknown-key', location, {
    key,
    parent: dotted(parent) || context.whole,
    suggestion: closest(key, known),
    known,
  })
}

function missingKey(path: Path, context: ShapeContext): Diagnostic {
  const key = String(path.at(-1))
  const parent = path.slice(0, -1)
  const example = key === 'id' && parent.length > 0 ? 'id: build' : (EXAMPLES[key] ?? `${key}: …`)
  const facts = { key, parent: dotted(parent) || context.whole, example }
  return diagnostic('missing-key', context.locate(pointerOf(parent), 'key'), facts)
}

function invalidKey(path: Path, expected: string, context: ShapeContext): Diagnostic {
  const found = String(path.at(-1))
  const facts = { key: dotted(path.slice(0, -1)), found, expected, suggestion: null }
  return diagnostic('invalid-value', context.locate(pointerOf(path), 'key'), facts)
}

function wrongValue(
  issue: z.core.$ZodIssueInvalidType | z.core.$ZodIssueInvalidValue,
  path: Path,
  context: ShapeContext,
): Diagnostic {
  const { input } = issue
  if (issue.code === 'invalid_type') {
    if (issue.expected === 'string') return notAString(path, input, context)
    return wrongType(path, EXPECTED[issue.expected] ?? issue.expected, { input, context })
  }
  const values = issue.values.map(String)
  if (path.length === 1 && path[0] === 'version') return wrongVersion(path, input, context)
  const expected = values.length === 1 ? values.join() : `one of ${values.join(', ')}`
  if (typeof input !== 'string') return wrongType(path, expected, { input, context })
  return invalid(path, input, { expected, suggestion: closest(input, values), context })
}

function wrongVersion(path: Path, input: unknown, context: ShapeContext): Diagnostic {
  if (typeof input !== 'number') return wrongType(path, 'the number 1', { input, context })
  return diagnostic('unsupported-version', context.locate(pointerOf(path), 'value'), { found: String(input) })
}

const EXPECTED: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  number: 'a whole number',
  int: 'a whole number',
  boolean: 'true or false',
}

const LIKELY: Readonly<Record<string, (text: string) => string | null>> = {
  timeout: likelyDuration,
  memory: likelySize,
  log: likelySize,
  output: likelySize,
  time: likelyDuration,
}

/** Mappings whose values are numbers with a unit. */
const MEASURED: ReadonlySet<unknown> = new Set(['limits', 'breakers'])

function notAString(path: Path, input: unknown, context: ShapeContext): Diagnostic {
  const written = context.written(pointerOf(path))
  const scalar = typeof input === 'number' || typeof input === 'boolean' || input === null
  if (!scalar) return wrongType(path, 'a string', { input, context })
  if (typeof input === 'number' && MEASURED.has(path.at(-2))) {
    return invalid(path, input, { expected: 'a number with its unit', suggestion: null, context })
  }
  if (written === null) return wrongType(path, 'a string', { input, context })
  const facts = { key: dotted(path), found: kindOf(input), quoted: JSON.stringify(written) }
  return diagnostic('not-a-string', context.locate(pointerOf(path), 'value'), facts)
}

interface Found {
  readonly input: unknown
  readonly context: ShapeContext
}

function wrongType(path: Path, expected: string, { input, context }: Found): Diagnostic {
  const key = path.length === 0 ? 'the whole' : dotted(path)
  const facts = { key, expected, found: kindOf(input) }
  return diagnostic('wrong-type', context.locate(pointerOf(path), 'value'), facts)
}

interface Expectation {
  readonly expected: string
  readonly suggestion: string | null
  readonly context: ShapeContext
}

function invalid(path: Path, input: unknown, { expected, suggestion, context }: Expectation): Diagnostic {
  const found = typeof input === 'string' ? input : JSON.stringify(input)
  const likely = MEASURED.has(path.at(-2)) ? LIKELY[String(path.at(-1))]?.(found) : null
  const facts = { key: dotted(path), found, expected, suggestion: suggestion ?? likely ?? null }
  return diagnostic('invalid-value', context.locate(pointerOf(path), 'value'), facts)
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value === 'number' && !Number.isInteger(value)) return 'a number with a fraction'
  return typeof value === 'boolean' ? String(value) : `a ${typeof value}`
}

function knownKeys(schema: z.core.$ZodType, path: Path): readonly string[] {
  let at: z.core.$ZodType | undefined = unwrap(schema)
  for (const part of path) {
    if (at instanceof z.ZodObject) at = (at.shape as Record<string, z.core.$ZodType>)[String(part)]
    else if (at instanceof z.ZodArray) at = at.element
    at = at && unwrap(at)
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let at = schema
  while (at instanceof z.ZodDefault || at instanceof z.ZodPrefault || at instanceof z.ZodOptional) at = at.unwrap()
  return at
}
