// Answers that have every member which GitHub's description demands, made of the description itself.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly nullable?: boolean
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly minItems?: number
  readonly items?: Schema
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

interface Described {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}

export interface Description {
  readonly openapi: string
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Described>> }>>>
  >
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export const DESCRIPTION = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../fixtures/github-api.json', import.meta.url)), 'utf8'),
) as Description

function referred<T extends { readonly $ref?: string }>(value: T): T {
  if (value.$ref === undefined) return value
  const [, , kind = '', name = ''] = value.$ref.split('/')
  return DESCRIPTION.components[kind]?.[name] as T
}

const samples = new Map<string, unknown>()

/** A whole answer to an operation, in which the given members stand. @param route as `GET /repos/{owner}/{repo}` */
export function answerTo(route: string, status: number, members: unknown): unknown {
  const [method = '', path = ''] = route.split(' ')
  const response = DESCRIPTION.paths[path]?.[method.toLowerCase()]?.responses[String(status)]
  if (!response) throw new Error(`GitHub does not answer ${status} to ${route}`)
  const schema = referred(response).content?.['application/json']?.schema
  if (!schema) return members
  return fill(schema, members)
}

/** The given members, and beside them, at any depth, those that a schema demands. */
function fill(schema: Schema, given: unknown): unknown {
  if (given === undefined) return sampleOf(schema)
  const { properties, items, allOf, required = [], anyOf, oneOf } = resolved(schema)
  if (Array.isArray(given)) return given.map((element) => fill(items ?? {}, element))
  if (!isRecord(given)) return given
  if (allOf) return Object.assign({}, ...allOf.map((part) => fill(part, given))) as unknown
  if (!properties) {
    const [either] = anyOf ?? oneOf ?? []
    return either ? fill(either, given) : given
  }
  const names = new Set([...required, ...Object.keys(given)])
  return Object.fromEntries([...names].map((name) => [name, fill(properties[name] ?? {}, given[name])]))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function resolved(schema: Schema): Schema {
  return schema.$ref === undefined ? schema : resolved(referred(schema))
}

/** The least that fits a schema. */
function sampleOf(schema: Schema): unknown {
  if (schema.$ref !== undefined) {
    if (!samples.has(schema.$ref)) samples.set(schema.$ref, sampleOf(referred(schema)))
    return samples.get(schema.$ref)
  }
  if (schema.enum) return schema.enum[0]
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map(sampleOf)) as unknown
  // What may be missing is not there, so that a test has to say what is.
  if (schema.nullable) return null
  const [either] = schema.anyOf ?? schema.oneOf ?? []
  if (either && !schema.properties) return sampleOf(either)
  return bareSample(schema)
}

const FORMATS: Readonly<Record<string, string>> = {
  uri: 'https://github.test/x',
  'date-time': '2026-01-02T03:04:05Z',
  email: 'x@github.test',
}

function bareSample({ type, format, required = [], properties = {}, items, minItems = 0 }: Schema): unknown {
  if (type === 'string') return FORMATS[format ?? ''] ?? 'x'
  if (type === 'integer' || type === 'number') return 1
  if (type === 'boolean') return false
  if (type === 'array') return Array.from({ length: minItems }, () => sampleOf(items ?? {}))
  const members = required.map((name) => [name, sampleOf(properties[name] ?? {})] as const)
  return Object.fromEntries(members)
}
