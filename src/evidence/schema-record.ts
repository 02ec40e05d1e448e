// The shape of run.json, to read it again.
import * as z from 'zod'
import { CAUSES, type CheckRecord, type Difference, type Twice } from '../model/check.ts'
import type { Grant } from '../model/grant.ts'
import { STATUSES } from '../model/outcome.ts'
import { PILLARS, RISKS } from '../model/pack.ts'
import { RECORD_VERSION, type RunRecord } from '../model/record.ts'
import { reasonSchema } from './schema.ts'
import { count, digest, listOf, text, texts } from './shape.ts'

/** As `toISOString` writes it. */
const time = z.iso.datetime({ precision: 3 })
const bytes = count
/** A clock can be set back. */
const duration = z.number()

const grant: z.ZodType<Grant> = z.strictObject({
  pack: text.nullable(),
  definition: digest.nullable(),
  network: z.union([texts, z.literal('all')]),
  secrets: texts,
  cloud: z.boolean(),
})
const tool = z.strictObject({ name: text, version: text, digest, path: text })
const warning = z.strictObject({
  code: text,
  severity: z.enum(['error', 'warning']),
  place: text.nullable(),
  facts: z.record(text, z.unknown()),
})
const connection = z.strictObject({
  at: time,
  host: text,
  port: count,
  address: text.nullable(),
  verdict: z.enum(['allowed', 'refused', 'failed']),
  reason: text.nullable(),
  sent: bytes,
  received: bytes,
})
const attempt = z.strictObject({
  number: count,
  startedAt: time,
  durationMs: duration,
  status: z.enum(STATUSES),
  exitCode: count.nullable(),
  log: z.strictObject({ path: text.nullable(), totalBytes: bytes, digest: digest.nullable() }),
  connections: listOf(connection),
})
const limits = z.strictObject({
  timeoutMs: count,
  memoryBytes: count,
  processes: count,
  logBytes: count,
  outputBytes: count,
})
const action = z.strictObject({
  id: text,
  status: z.enum(STATUSES),
  place: text.nullable(),
  limits: limits.exactOptional(),
  durationMs: duration,
  reused: text.nullable(),
  attempts: listOf(attempt),
})

const pack = z.strictObject({
  id: text,
  title: text,
  pillar: z.enum(PILLARS),
  domain: text.nullable(),
  risk: z.enum(RISKS),
  dir: text,
})

const twice = <T>(element: z.ZodType<T>): z.ZodType<Twice<T>> => z.tuple([element, element])
const judged = z.strictObject({ status: z.enum(STATUSES), reason: reasonSchema.nullable(), exitCode: count.nullable() })
const fileDifference = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('content'),
    path: text,
    offset: count,
    line: count.nullable(),
    bytes: twice(z.int().min(0).max(255).nullable()),
    causes: listOf(z.enum(CAUSES)),
  }),
  z.strictObject({ kind: z.literal('presence'), path: text, there: z.enum(['earlier', 'later']) }),
  z.strictObject({ kind: z.literal('mode'), path: text, executable: twice(z.boolean()) }),
])
export const differenceSchema: z.ZodType<Difference> = z.strictObject({
  action: text,
  endings: twice(judged).nullable(),
  log: text.nullable(),
  files: listOf(fileDifference),
})
const check: z.ZodType<CheckRecord> = z.strictObject({
  jobs: count,
  logs: listOf(z.strictObject({ path: text, digest })),
  differences: listOf(differenceSchema),
})

/** Each member that a record can have: one that is missing here does not compile. */
const members = {
  recordVersion: z.literal(RECORD_VERSION),
  run: text,
  verdict: z.enum(['started', 'passed', 'failed', 'interrupted', 'refused']),
  manifest: digest,
  startedAt: time,
  finishedAt: time,
  durationMs: duration,
  signal: text.nullable(),
  host: z.strictObject({ platform: text, arch: text, release: text, hostname: text, node: text }),
  workspace: text,
  executor: text.nullable(),
  limiter: z.enum(['cgroup', 'watchdog', 'none']).nullable(),
  jobs: count,
  argv: texts,
  shuffle: text.exactOptional(),
  check: check.exactOptional(),
  base: z.strictObject({ commit: text.nullable(), uncommitted: texts, more: z.boolean() }).exactOptional(),
  replay: z.strictObject({ run: text, manifest: digest }).exactOptional(),
  granted: listOf(grant),
  tools: listOf(tool),
  warnings: listOf(warning),
  packs: listOf(pack),
  actions: listOf(action),
} satisfies Readonly<Record<keyof RunRecord, z.ZodType>>

export const recordSchema = z.strictObject(members) as unknown as z.ZodType<RunRecord>
