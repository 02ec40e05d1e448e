import * as z from 'zod'
import type { Json } from '../model/canonical.ts'
import { DESCRIPTIONS } from './descriptions.ts'
import { eventSchema } from './schema-event.ts'
import { recordSchema } from './schema-record.ts'
import { manifestSchema } from './schema.ts'
import { ELEMENTS } from './shape.ts'

/** The JSON Schema (2020-12) of manifest.json. */
export function manifestJsonSchema(): Json {
  return jsonSchemaOf(manifestSchema, 'manifest.json (version 1)')
}

/** The JSON Schema (2020-12) of run.json. */
export function recordJsonSchema(): Json {
  return jsonSchemaOf(recordSchema, 'run.json (version 1)')
}

/** The JSON Schema (2020-12) of a line of events.jsonl, and of a line that `codex run --jsonl` prints. */
export function eventJsonSchema(): Json {
  return jsonSchemaOf(eventSchema, 'A line of events.jsonl, or of codex run --jsonl')
}

type Mutable = { [key: string]: unknown }

function jsonSchemaOf(schema: z.ZodType, title: string): Json {
  const { $schema, ...rest } = convert(schema)
  describe(rest, [])
  return { $schema, title, ...rest } as Json
}

/** A list is read by a function here, so that what it is made of has to be told. */
function convert(schema: z.ZodType): Mutable {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const element = ELEMENTS.get(zodSchema)
      if (!element) return
      const { $schema: _, ...items } = convert(element)
      Object.assign(jsonSchema, { items })
    },
  })
  return { ...made }
}

/** Describes every member that has words, which are found by the end of its path. */
function describe(value: unknown, path: readonly string[]): void {
  if (Array.isArray(value)) for (const one of value) describe(one, path)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  const { properties, ...rest } = value as Mutable
  for (const other of Object.values(rest)) describe(other, path)
  if (typeof properties !== 'object' || properties === null) return
  for (const [name, member] of Object.entries(properties as Readonly<Record<string, Mutable>>)) {
    const at = [...path, name]
    describe(member, at)
    const description = descriptionOf(at)
    if (description !== null) member['description'] = description
  }
}

function descriptionOf(path: readonly string[]): string | null {
  for (const at of path.keys()) {
    const key = path.slice(at).join('.')
    if (Object.hasOwn(DESCRIPTIONS, key)) return DESCRIPTIONS[key] ?? null
  }
  return null
}
