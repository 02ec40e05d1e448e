// The shapes of what a run leaves behind, to read it again.
import * as z from 'zod'
import type { Change } from '../model/change.ts'
import { PHASES } from '../model/graph.ts'
import type { Manifest, ManifestOutcome, ManifestPlan, ManifestRefusal } from '../model/manifest.ts'
import {
  CHANGE_PROBLEMS,
  CONTROL_PROBLEMS,
  PLUGIN_PROBLEMS,
  STATUSES,
  type Attempt,
  type Reason,
} from '../model/outcome.ts'
import { ASPECTS } from '../model/plan.ts'
import { PLUGIN_MODES } from '../model/plugin.ts'
import { count, digest, listOf, text, texts } from './shape.ts'

const verdict = z.enum(['started', 'passed', 'failed', 'interrupted', 'refused'])
const packVerdict = z.enum(['passed', 'failed', 'interrupted'])
const limit = z.enum(['timeout', 'memory', 'processes', 'log', 'output'])

const tool = z.strictObject({ name: text, version: text })
const guarantees = z.record(z.enum(ASPECTS), z.enum(['enforced', 'none']))
const entry = z.strictObject({ path: text, digest, executable: z.boolean(), size: count })
const entries = listOf(entry)
const fileState = z.strictObject({ digest, executable: z.boolean(), size: count })
const change: z.ZodType<Change> = z.strictObject({
  base: digest,
  tree: digest,
  files: listOf(z.strictObject({ path: text, before: fileState.nullable(), after: fileState.nullable() })),
  lines: z.strictObject({ added: count, removed: count }),
  patch: digest.nullable(),
})
const finding = z.strictObject({ path: text, line: count, rule: text })

const refusedChange = z.strictObject({ path: text, problem: z.enum(CHANGE_PROBLEMS) })

/** A reason of one kind, with what else it says. */
function because<const K extends string, S extends z.ZodRawShape>(kind: K, shape: S) {
  return z.strictObject({ kind: z.literal(kind), ...shape })
}

const paths = { paths: texts, more: count.exactOptional() }
export const reasonSchema: z.ZodType<Reason> = z.union([
  z.discriminatedUnion('kind', [
    because('exit', {}),
    because('missing-outputs', { paths: texts }),
    because('unusable-outputs', paths),
    because('altered-inputs', paths),
    because('undeclared-writes', paths),
    because('limit', { limit, files: count.exactOptional() }),
    because('repeated-error', { times: count }),
    because('not-started', { command: text }),
    because('input-changed', { path: text }),
    because('nondeterministic', paths),
    because('control', { problem: z.enum(CONTROL_PROBLEMS), paths: texts }),
    because('artifacts', { missing: texts, empty: texts }),
    because('secrets', { findings: listOf(finding), more: z.boolean() }),
    because('scope', { refused: listOf(refusedChange), more: count.exactOptional() }),
    because('changes', { limit: z.enum(['changed_files', 'changed_lines']), most: count, found: count }),
    because('conflict', { pack: text, ...paths }),
    because('plugin', { problem: z.enum(PLUGIN_PROBLEMS) }),
    because('cause', { action: text }),
    because('internal', { error: text }),
  ]),
  because('run-breaker', { breaker: z.literal('failures'), limit: count, action: text }),
  because('run-breaker', { breaker: z.literal('time'), limit: count }),
])

const plannedPack = {
  id: text,
  definition: digest,
  needs: texts,
  grants: texts,
  plugin: z.enum(PLUGIN_MODES).exactOptional(),
}
const plannedAction = {
  id: text,
  pack: text,
  phase: z.enum(PHASES),
  command: texts.nullable(),
  needs: texts,
}
type OutcomeMembers = {
  readonly [Name in Exclude<keyof ManifestOutcome, 'change' | 'tolerated'>]: z.ZodType<ManifestOutcome[Name]>
} & {
  readonly change: z.ZodExactOptional<z.ZodType<Change>>
  readonly tolerated: z.ZodExactOptional<z.ZodType<Reason>>
}

/** What each action adds to the manifest when it has ended. */
export const outcomeMembers: OutcomeMembers = {
  id: text,
  key: digest.nullable(),
  inputs: digest.nullable(),
  status: z.enum(STATUSES),
  reason: reasonSchema.nullable(),
  exitCode: count.nullable(),
  outputs: entries,
  change: change.exactOptional(),
  tolerated: reasonSchema.exactOptional(),
}
const connection = z.strictObject({
  at: count,
  host: text,
  port: count,
  address: text.nullable(),
  verdict: z.enum(['allowed', 'refused', 'failed']),
  reason: text.nullable(),
  sent: count,
  received: count,
})
const refusal = z.strictObject({ code: text, pack: text.nullable(), field: text })

export const refusalsSchema: z.ZodType<readonly ManifestRefusal[]> = listOf(refusal)

export const planSchema: z.ZodType<ManifestPlan> = z.strictObject({
  packs: listOf(z.strictObject(plannedPack)),
  actions: listOf(z.strictObject(plannedAction)),
})

export const outcomeSchema: z.ZodType<ManifestOutcome> = z.strictObject(outcomeMembers)

/** As the journal holds it: times in milliseconds. */
export const attemptSchema: z.ZodType<Attempt> = z.strictObject({
  number: count,
  startedAt: count,
  durationMs: z.number(),
  status: z.enum(STATUSES),
  exitCode: count.nullable(),
  log: z.strictObject({ path: text.nullable(), totalBytes: count, digest: digest.nullable() }),
  connections: z.array(connection).readonly(),
})

export const toolSchema: z.ZodType<Manifest['tool']> = tool

export const guaranteesSchema: z.ZodType<NonNullable<Manifest['guarantees']>> = guarantees

export const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  manifestVersion: z.literal(1),
  tool,
  verdict,
  partial: z.literal(true).exactOptional(),
  guarantees: guarantees.nullable(),
  refusals: listOf(refusal).exactOptional(),
  packs: listOf(
    z.strictObject({ ...plannedPack, verdict: packVerdict, artifacts: entries, change: change.exactOptional() }),
  ),
  actions: listOf(z.strictObject({ ...plannedAction, ...outcomeMembers })),
})
