import * as z from 'zod'
import type { Json } from '../model/canonical.ts'
import { configSchema } from './config-schema.ts'
import { pluginFileSchema } from './plugin-file.ts'
import { taskSchema } from './schema.ts'

/** The JSON Schema (2020-12) of task.yml for editors. */
export function taskPackJsonSchema(): Json {
  return jsonSchemaOf(taskSchema, 'Task Pack (task.yml, version 1)')
}

/** The JSON Schema (2020-12) of the file beside the module of a plugin, for editors. */
export function pluginJsonSchema(): Json {
  return jsonSchemaOf(pluginFileSchema, 'A plugin of a Task Pack (plugin.json)')
}

/** The JSON Schema (2020-12) of what codex.config.ts exports. */
export function configJsonSchema(): Json {
  return jsonSchemaOf(configSchema, 'codex.config.ts')
}

type Mutable = Record<string, unknown>

/**
 * What a file may hold before defaults are filled in.
 *
 * Beside the words of the standard there are two that editors know (those built on Microsoft's JSON and Red Hat's YAML
 * language servers) and others pass over: `markdownDescription`, and `patternErrorMessage` in place of a pattern.
 */
function jsonSchemaOf(schema: z.ZodType, title: string): Json {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => tidy(jsonSchema as Mutable),
  }) as unknown as { [key: string]: Json }
  const { $schema = null, ...rest } = made
  return { $schema, title, ...rest }
}

function tidy(schema: Mutable): void {
  const { pattern, description } = schema
  // Each check of a text has a pattern of its own, of which `pattern` is the sum.
  if (typeof pattern === 'string') delete schema['allOf']
  if (typeof description === 'string' && description.includes('`')) schema['markdownDescription'] = description
}
