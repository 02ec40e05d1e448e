// What editors are told about task.yml and codex.config.ts is what codex checks.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { Json } from '../../src/model/canonical.ts'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import { parseConfig } from '../../src/packs/config.ts'
import { configJsonSchema, taskPackJsonSchema } from '../../src/packs/json-schema.ts'
import { parsePack } from '../../src/packs/parse.ts'
import { parseDuration, parseSize } from '../../src/packs/units.ts'
import { DOCUMENTS, mutated, validatorOf } from '../support/json-schema.ts'
import { configDocument, taskDocument } from './documents.ts'

/** Complaints about the shape of a file. All others are about what no schema can say. */
const SHAPE = new Set([
  'unsupported-version',
  'unknown-key',
  'missing-key',
  'wrong-type',
  'not-a-string',
  'invalid-value',
])

/** Values that are wrong because of other values of the file, or of the folder it is in. */
const BEYOND = new Set([
  'a path in one line',
  'a file',
  'a path without wildcards',
  'a path below a folder, such as src/**',
  'a pattern without ! before those with one',
  'a variable that is not in inputs.env, which would reveal it',
  'a variable that is not in inputs.env as well',
  'a variable that is not in constraints.secrets',
])

function shapeErrors(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(
    ({ code, facts }) =>
      SHAPE.has(code) && !(code === 'invalid-value' && 'expected' in facts && BEYOND.has(facts.expected)),
  )
}

describe('the schema of task.yml', () => {
  const validate = validatorOf(taskPackJsonSchema())

  it('takes what the parser takes, and nothing else', () => {
    const seen = { valid: 0, invalid: 0 }
    fc.assert(
      fc.property(mutated(taskDocument), (document) => {
        const bytes = new TextEncoder().encode(stringify(document, { aliasDuplicateObjects: false }))
        const errors = shapeErrors(parsePack({ bytes, file: 'x/y/task.yml', dir: 'x/y' }).diagnostics)
        const valid = validate(document)
        seen[valid ? 'valid' : 'invalid'] += 1
        expect({ errors: errors.length === 0, told: errors }, JSON.stringify(validate.errors)).toEqual({
          errors: valid,
          told: valid ? [] : errors,
        })
      }),
      { numRuns: DOCUMENTS },
    )
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(DOCUMENTS / 10)
  })

  it('refuses a key that is no member of any mapping', () => {
    const document = JSON.parse(
      '{"version":1,"id":"a","title":"t","pillar":"web","risk":"low","acceptance":{},"env":{"__proto__":"x"}}',
    ) as unknown
    expect(validate(document)).toBe(false)
  })

  it.each([
    ['duration', durations(), 'timeout', parseDuration],
    ['size', sizes(), 'memory', parseSize],
  ] as const)('knows each %s', (_, texts, key, parse) => {
    const base = { version: 1, id: 'a', title: 't', pillar: 'web', risk: 'low', acceptance: {} }
    fc.assert(
      fc.property(texts, (text) => {
        expect(validate({ ...base, constraints: { limits: { [key]: text } } }), text).toBe(parse(text) !== null)
      }),
      { numRuns: DOCUMENTS },
    )
  })
})

function durations(): fc.Arbitrary<string> {
  const near = fc
    .constantFrom(576, 34_560, 2_073_600, 2_073_600_000)
    .chain((most) => fc.integer({ min: most - 2, max: most + 2 }))
  return fc
    .tuple(fc.oneof(fc.nat(), near, fc.nat(700)), fc.constantFrom('ms', 's', 'm', 'h'))
    .map((parts) => parts.join(''))
}

function sizes(): fc.Arbitrary<string> {
  const digits = fc.bigInt({ min: 0n, max: 10n ** 17n })
  const power = fc.nat(17).map((exponent) => 10n ** BigInt(exponent))
  const near = power.chain((value) => fc.bigInt({ min: value - 1n, max: value + 1n }))
  return fc
    .tuple(fc.oneof(digits, near), fc.constantFrom('B', 'KiB', 'KB', 'MiB', 'MB', 'GiB', 'GB', 'TiB', 'TB'))
    .map((parts) => parts.join(''))
}

it('the schema of codex.config.ts takes what codex takes, and nothing else', () => {
  const validate = validatorOf(configJsonSchema())
  fc.assert(
    fc.property(mutated(configDocument), (document) => {
      const errors = shapeErrors(parseConfig(document, 'codex.config.ts').diagnostics)
      expect(errors.length === 0, JSON.stringify([document, errors, validate.errors])).toBe(validate(document))
    }),
    { numRuns: DOCUMENTS },
  )
})

interface Described {
  readonly description?: string
  readonly examples?: readonly Json[]
  readonly default?: Json
  readonly properties?: Readonly<Record<string, Described>>
  readonly items?: Described
  readonly additionalProperties?: Described | boolean
  readonly required?: readonly string[]
}

/** Every key by its path: `steps[].run`. */
function keysOf(schema: Described, path = ''): (readonly [string, Described, boolean])[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, member]) => {
    const at = path === '' ? key : `${path}.${key}`
    return [[at, member, schema.required?.includes(key) ?? false] as const, ...keysOf(member, at)]
  })
  const { items, additionalProperties: others } = schema
  return [
    ...own,
    ...(items ? keysOf(items, `${path}[]`) : []),
    ...(typeof others === 'object' ? keysOf(others, `${path}{}`) : []),
  ]
}

/** What the absence of these means needs no words. */
const OPTIONAL = ['description', 'owner', 'domain', 'docs.spec', 'docs.risk', 'docs.runbook', 'plugin']

describe.each([
  ['task.yml', taskPackJsonSchema(), OPTIONAL],
  ['codex.config.ts', configJsonSchema(), []],
] as const)('every key of %s', (_, schema, optional) => {
  const keys = keysOf(schema as Described)

  it('is described by a sentence, and has examples that are right', () => {
    expect(keys.length).toBeGreaterThan(5)
    const distinct = new Map(keys.map(([path, key]) => [JSON.stringify(key), [path, key] as const]))
    for (const [path, key] of distinct.values()) {
      expect(key.description, path).toMatch(/^[A-Z`].*\.$/s)
      expect(key.examples?.length, path).toBeGreaterThan(0)
      const validate = validatorOf(key as unknown as Json)
      for (const example of [...(key.examples ?? []), ...(key.default === undefined ? [] : [key.default])]) {
        expect(validate(example), `${path}: ${JSON.stringify(example)}`).toBe(true)
      }
    }
  })

  it('has a default, says in words what its absence means, or is required', () => {
    const silent = keys.filter(([path, key, required]) => {
      const isOfCommand = /\.(?:limits|retries)\.|\.control$|\]\.inputs\.files$/.test(path)
      return !required && !isOfCommand && key.default === undefined && !/Default: /.test(key.description ?? '')
    })
    expect(silent.map(([path]) => path)).toEqual(optional)
  })
})

it('the defaults of limits and retries are those that a pack gets', () => {
  const source = 'version: 1\nid: a\ntitle: t\npillar: web\nrisk: low\nacceptance: { tests: [{ run: test -s x }] }\n'
  const { pack } = parsePack({ bytes: new TextEncoder().encode(source), file: 'task.yml', dir: '' })
  const defaults: Readonly<Record<string, unknown>> = Object.fromEntries(
    keysOf(taskPackJsonSchema() as Described)
      .filter(([path]) => /^constraints\.(?:limits|retries)\./.test(path))
      .map(([path, key]) => [path.slice(path.lastIndexOf('.') + 1), key.default]),
  )
  const text = (name: string): string => JSON.stringify(defaults[name]).slice(1, -1)
  expect(pack?.definition.constraints).toMatchObject({
    limits: {
      timeoutMs: parseDuration(text('timeout')),
      memoryBytes: parseSize(text('memory')),
      processes: defaults['processes'],
      logBytes: parseSize(text('log')),
      outputBytes: parseSize(text('output')),
    },
    changes: { files: defaults['changed_files'], lines: defaults['changed_lines'] },
    retries: { attempts: defaults['attempts'], repeatErrorLimit: defaults['repeat_error_limit'] },
  })
})

describe('the page about the format', () => {
  const page = readFileSync(new URL('../../task-packs/README.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| (`[^|]+`) +\| ([^|]+) +\| ([^|]+) +\|$/gm)].flatMap(
    ([, names = '', , value = '']) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => [name, value.trim()] as const),
  )
  const keys = new Map(keysOf(taskPackJsonSchema() as Described).map((entry) => [entry[0], entry]))

  it('tells of every key that a pack can have at its top', () => {
    const told = new Set(rows.map(([name]) => name.split('.')[0]))
    const keysAtTop = Object.keys((taskPackJsonSchema() as Described).properties ?? {})
    expect(keysAtTop.filter((key) => !told.has(key))).toEqual(['steps', 'acceptance'])
  })

  it('tells the same defaults', () => {
    // What a pack and a command both have comes first for the pack.
    const known = [...new Map(rows.toReversed())].filter(([name]) => keys.has(name))
    expect(known.length).toBeGreaterThan(30)
    for (const [name, told] of known) {
      const [, key, required = false] = keys.get(name) ?? []
      const absent = required ? 'required' : 'none'
      expect(told, name).toContain(key?.default === undefined ? absent : plain(key.default))
    }
  })
})

/** As the page writes it: `{}`, `['**']`, `5m`. */
function plain(value: Json): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value).replaceAll('"', "'")}\``
}
