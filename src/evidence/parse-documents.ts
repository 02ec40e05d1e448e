import type { z } from 'zod'
import type { Manifest } from '../model/manifest.ts'
import type { RunRecord } from '../model/record.ts'
import { err, ok, type Result } from '../model/result.ts'
import { recordSchema } from './schema-record.ts'
import { manifestSchema } from './schema.ts'

/** manifest.json, whether or not it is in canonical form; the error is what is wrong with it. */
export function parseManifest(json: string): Result<Manifest, string> {
  return parse(json, manifestSchema)
}

/** run.json, whatever its white space. */
export function parseRecord(json: string): Result<RunRecord, string> {
  return parse(json, recordSchema)
}

function parse<T>(json: string, schema: z.ZodType<T>): Result<T, string> {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return err('it is not JSON')
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const [issue] = parsed.error.issues
  return err(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}
