import type { Json } from '../model/canonical.ts'
import { printJson } from '../report/json.ts'
import type { SchemaName } from './choices.ts'
import type { Context } from './context.ts'

/** Prints a JSON Schema, for editors and other programs. */
export async function schema(context: Context, name: SchemaName): Promise<number> {
  context.out(printJson((await schemaOf(name)) as object))
  return 0
}

async function schemaOf(name: SchemaName): Promise<Json> {
  switch (name) {
    case 'task-pack':
      return (await import('../packs/json-schema.ts')).taskPackJsonSchema()
    case 'plugin':
      return (await import('../packs/json-schema.ts')).pluginJsonSchema()
    case 'config':
      return (await import('../packs/json-schema.ts')).configJsonSchema()
    case 'manifest':
      return (await import('../evidence/json-schema.ts')).manifestJsonSchema()
    case 'run':
      return (await import('../evidence/json-schema.ts')).recordJsonSchema()
    case 'event':
      return (await import('../evidence/json-schema.ts')).eventJsonSchema()
  }
}
