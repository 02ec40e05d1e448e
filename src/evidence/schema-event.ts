// The shape of one event, as a line of events.jsonl and as `codex run --jsonl` prints it, for JSON Schema.
import * as z from 'zod'
import { STATUSES } from '../model/outcome.ts'
import {
  attemptSchema,
  guaranteesSchema,
  outcomeMembers,
  planSchema,
  reasonSchema,
  refusalsSchema,
  toolSchema,
} from './schema.ts'
import { differenceSchema } from './schema-record.ts'
import { count, digest, listOf, text, texts } from './shape.ts'

/** An event of one type, with what else it says. */
function event<const T extends string, S extends z.ZodRawShape>(type: T, shape: S) {
  return z.strictObject({ type: z.literal(type), at: count, ...shape })
}

const base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/)
const position = z.strictObject({ line: count, column: count })
const location = z.strictObject({ file: text, start: position, end: position })
const complaint = {
  code: text,
  severity: z.enum(['error', 'warning']),
  location: location.nullable(),
  related: listOf(z.strictObject({ location, note: text })),
}
const facts = z.record(text, z.unknown())
const started = {
  run: text,
  executor: text,
  guarantees: guaranteesSchema,
  jobs: count,
  tool: toolSchema,
  shuffle: text.exactOptional(),
}
const finished = {
  verdict: z.enum(['passed', 'failed', 'interrupted', 'refused']),
  manifest: digest,
  partial: z.boolean(),
  interrupted: z.boolean(),
}

/** What both say in the same way. */
const common = [
  event('rehearsal-started', { jobs: count }),
  event('action-rehearsed', { action: text, status: z.enum(STATUSES) }),
  event('action-differed', { action: text, difference: differenceSchema }),
  event('action-started', { action: text, attempt: count }),
  event('attempt-finished', { action: text, attempt: attemptSchema, retryInMs: z.number().nullable() }),
  event('run-interrupted', { signal: text }),
  event('run-refused', { run: text, tool: toolSchema, refusals: refusalsSchema }),
] as const

const journaled = z.union([
  event('run-started', { ...started, plan: planSchema }),
  ...common,
  event('action-finished', {
    outcome: z.strictObject({
      ...outcomeMembers,
      attempts: listOf(attemptSchema),
      reused: text.exactOptional(),
    }),
  }),
  event('warning', { diagnostic: z.strictObject({ ...complaint, facts }) }),
  event('run-finished', finished),
  event('run-crashed', { run: text, tool: toolSchema, error: text }),
  event('run-repaired', { run: text, tool: toolSchema, torn: base64.nullable() }),
])

const { outputs, key, inputs, status, exitCode } = outcomeMembers

const printed = z.union([
  event('run-started', { ...started, actions: texts }),
  event('action-finished', {
    action: text,
    status,
    reason: reasonSchema.nullable(),
    exitCode,
    key,
    inputs,
    outputs,
    durationMs: z.number(),
    reused: z.boolean(),
    attempts: count,
  }),
  event('warning', {
    warning: z.strictObject({ ...complaint, message: text, fix: text.nullable() }),
  }),
  event('run-finished', { ...finished, signed: text.nullable() }),
])

export const eventSchema: z.ZodType = z.union([journaled, printed])
