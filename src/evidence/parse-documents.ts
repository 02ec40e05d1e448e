import type * as z from 'zod'
import type { Manifest } from '../model/manifest.ts'
import type { RunRecord } from '../model/record.ts'
import { err, ok, type Result } from '../model/result.ts'
import { recordSchema } from './schema-record.ts'
import { manifestSchema } from './schema.ts'

/** manifest.json, whether or not it is in canonical form; the error is what is wrong with it. */
export function parseManifest(json: Uint8Array): Result<Manifest, string> {
  return parse(json, manifestSchema)
}

/** run.json, whatever its white space. */
export function parseRecord(json: Uint8Array): Result<RunRecord, string> {
  return parse(json, recordSchema)
}

function parse<T>(json: Uint8Array, schema: z.ZodType<T>): Result<T, string> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json))
  } catch {
    return err('it is not JSON')
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const [issue] = parsed.error.issues
  return err(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}
