import { configJsonSchema } from '../packs/config.ts'
import { taskPackJsonSchema } from '../packs/json-schema.ts'
import { printJson } from '../report/json.ts'
import type { SchemaName } from './choices.ts'
import type { Context } from './context.ts'

/** Prints a JSON Schema, for editors and other programs. */
export function schema(context: Context, name: SchemaName): number {
  const document = name === 'task-pack' ? taskPackJsonSchema() : configJsonSchema()
  context.out(printJson(document as object))
  return 0
}
