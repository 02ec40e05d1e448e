import * as z from 'zod'
import type { Json } from '../model/canonical.ts'
import { taskSchema } from './schema.ts'

/** The JSON Schema (2020-12) of task.yml for editors. */
export function taskPackJsonSchema(): Json {
  const schema = z.toJSONSchema(taskSchema, { io: 'input' })
  return { ...(schema as unknown as { [key: string]: Json }), title: 'Task Pack (task.yml, version 1)' }
}
