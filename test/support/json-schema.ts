// Validates by a JSON Schema, and makes documents that are wrong in one place or several.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { validRange } from 'semver'
import type { Json } from '../../src/model/canonical.ts'

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false })
addFormats.default(ajv)
ajv.addFormat('semver-range', (text) => text.trim() !== '' && validRange(text) !== null)
ajv.addVocabulary(['markdownDescription', 'patternErrorMessage'])

/** As strict as ajv can be, with the words that editors know beside those of the standard. */
export function validatorOf(schema: Json): ValidateFunction {
  return ajv.compile(schema as object)
}

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value }

interface Mutation {
  readonly at: number
  readonly kind: 'replace' | 'remove' | 'add' | 'repeat' | 'wrap'
  readonly key: string
  readonly value: Value
}

/** What stands where it should not, as people write it. */
const JUNK: readonly Value[] = [
  ...[null, true, false, 0, 1, 2, 5, 6, -1, 1.5, 2_000_000_000],
  ...['', ' ', 'x', 'a-b', 'A b', 'a\nb', '-a', 'a'.repeat(64), 'a'.repeat(65), 'é', '1', 'no', 'low', 'web'],
  ...['5m', '5 m', '0s', '576h', '577h', '34560m', '34561m', '2073600001ms', '1e3s', '5M'],
  ...['1GiB', '1 GiB', '1gib', '1000TiB', '999TB', '512', '1GB', '0B', '1000000000000000B', '999999999999999B'],
  ...['>=20', '*', 'latest', '^1.2', 'PATH', 'CODEX_X', 'FREE', '9X', 'SIGSTORE_ID_TOKEN', 'bin/node'],
  ...['example.org:443', 'example.org', 'example.org:0', 'example.org:65535', 'example.org:65536', '[::1]:80', 'a_b:1'],
  ...[[], {}, ['x'], ['x', 'x'], [1], [null], { x: 'y' }, { x: 1 }, [{}], [[]]],
  ...[{ run: 'test -s x' }, [{ run: ['test'] }], { files: ['x'] }, { attempts: 3 }, { timeout: '1h' }],
]

const KEYS = ['x', 'id', 'run', 'env', 'needs', 'limits', 'Tags', 'steps', 'control', 'path', 'kind', 'at', 'PATH', 'a']

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'repeat', 'wrap'),
  key: fc.constantFrom(...KEYS),
  value: fc.constantFrom(...JUNK),
})

/** A document, and the same with up to three changes that may or may not make it wrong. */
export function mutated(documents: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc
    .tuple(documents, fc.array(mutation, { maxLength: 3 }))
    .map(([document, mutations]) => mutations.reduce(mutate, structuredClone(document)))
}

function mutate(document: Value, { at, kind, key, value }: Mutation): Value {
  const holder = { document }
  const places = placesIn(holder)
  const place = places[at % places.length]
  if (!place) throw new Error('a document has at least itself')
  const [parent, member] = place
  const own = Reflect.get(parent, member) as Value
  if (kind === 'replace') Reflect.set(parent, member, structuredClone(value))
  if (kind === 'wrap') Reflect.set(parent, member, [own])
  if (kind === 'add' && typeof own === 'object' && own !== null && !Array.isArray(own))
    own[key] = structuredClone(value)
  if (kind === 'repeat' && Array.isArray(own) && own[0] !== undefined) own.push(structuredClone(own[0]))
  if (kind === 'remove' && parent !== holder) {
    if (Array.isArray(parent)) parent.splice(Number(member), 1)
    else Reflect.deleteProperty(parent, member)
  }
  return holder.document
}

/** Every value of a document by what holds it. */
function placesIn(parent: object): (readonly [parent: object, member: string])[] {
  return Object.entries(parent).flatMap(([member, value]: [string, unknown]) => [
    [parent, member] as const,
    ...(typeof value === 'object' && value !== null ? placesIn(value) : []),
  ])
}

/** How many documents are generated: some, or as many as CODEX_TEST_DOCUMENTS says. */
export const DOCUMENTS: number = Number(process.env['CODEX_TEST_DOCUMENTS'] ?? 150)
