import * as z from 'zod'
import { canonicalJson, type Json } from '../model/canonical.ts'
import type { Digest } from '../model/digest.ts'
import type { ActionId } from '../model/graph.ts'
import type { Manifest, ManifestOutcome } from '../model/manifest.ts'
import { err, ok, type Result } from '../model/result.ts'
import { buildManifest, refusedManifest, undoneManifest, type ManifestHead } from './manifest.ts'
import { guaranteesSchema, outcomeSchema, planSchema, refusalsSchema, toolSchema } from './schema.ts'

/** What a journal says of a run. */
export interface Replayed {
  /** The manifest that follows from it. What was not told to have ended was interrupted. */
  readonly manifest: Manifest
  /** SHA-256 of the manifest that the run itself was to write; `null`: it was ended before it came to that. */
  readonly written: Digest | null
  /** Whether its last line is cut off, as it may be where the run was killed. */
  readonly torn: boolean
}

/** Why a journal can't be believed, and in which of its lines, from 1. */
export interface JournalProblem {
  readonly line: number
  readonly problem: 'not-json' | 'not-canonical' | 'unexpected' | 'incomplete'
}

/** Makes the manifest of a run anew, from nothing but its journal. */
export function replayJournal(text: string): Result<Replayed, JournalProblem> {
  const replay = new Replay()
  let line = 1
  let start = 0
  // Not split as a whole: a text of nothing but line feeds would become an array longer than there can be.
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
    const problem = problemOf(text.slice(start, end), replay)
    if (problem) return err({ line, problem })
    line += 1
    start = end + 1
  }
  const replayed = replay.result()
  // What is left is empty, unless the last line is cut off.
  return replayed ? ok({ ...replayed, torn: start < text.length }) : err({ line, problem: 'incomplete' })
}

function problemOf(line: string, replay: Replay): JournalProblem['problem'] | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'not-json'
  }
  if (!isCanonical(value, line)) return 'not-canonical'
  return replay.take(value) ? null : 'unexpected'
}

function isCanonical(value: unknown, line: string): boolean {
  try {
    return canonicalJson(value as Json) === line
  } catch {
    return false
  }
}

const at = z.int().nonnegative()
const action = z.string()

const startedEvent = z.strictObject({
  type: z.literal('run-started'),
  at,
  run: z.string(),
  executor: z.string(),
  guarantees: guaranteesSchema,
  jobs: z.int().positive(),
  tool: toolSchema,
  plan: planSchema,
  shuffle: z.string().exactOptional(),
})
const refusedEvent = z.strictObject({
  type: z.literal('run-refused'),
  at,
  run: z.string(),
  tool: toolSchema,
  refusals: refusalsSchema,
})
const finishedEvent = z.strictObject({
  type: z.literal('run-finished'),
  at,
  verdict: z.string(),
  manifest: z.string(),
  partial: z.boolean(),
  interrupted: z.boolean(),
})
const endedEvent = z.strictObject({ type: z.literal('action-finished'), at, outcome: z.looseObject({ id: action }) })
/** Said by another process, or at the very end: what follows from all lines before it stays. */
const crashedEvent = z.strictObject({
  type: z.literal('run-crashed'),
  at,
  run: z.string(),
  tool: toolSchema,
  error: z.string(),
})
const repairedEvent = z.strictObject({
  type: z.literal('run-repaired'),
  at,
  run: z.string(),
  tool: toolSchema,
  torn: z.base64().nullable(),
})
const lastEvent = z.discriminatedUnion('type', [crashedEvent, repairedEvent])
/** They say when things happened, which is nothing that a manifest holds. */
const otherEvent = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('action-started'), at, action }),
  z.looseObject({ type: z.literal('attempt-finished'), at, action }),
  z.looseObject({ type: z.literal('action-rehearsed'), at, action }),
  z.looseObject({ type: z.literal('action-differed'), at, action }),
  z.looseObject({ type: z.literal('rehearsal-started'), at }),
  z.looseObject({ type: z.literal('run-interrupted'), at }),
  z.looseObject({ type: z.literal('warning'), at }),
])

type Last = z.output<typeof lastEvent>
type Head = z.output<typeof startedEvent> | z.output<typeof refusedEvent> | Last

/** Most lines are not, and a look at the type is quicker than a schema. */
function mayBeLast(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false
  return value.type === 'run-crashed' || value.type === 'run-repaired'
}

/** Takes the events of a run in order and refuses what could not have come next. */
class Replay {
  #head: Head | null = null
  #finished: z.output<typeof finishedEvent> | null = null
  #last: Last | null = null
  #actions: ReadonlySet<ActionId> = new Set()
  readonly #outcomes = new Map<ActionId, ManifestOutcome>()

  take(value: unknown): boolean {
    const last = mayBeLast(value) ? lastEvent.safeParse(value) : null
    if (last?.success) return this.#close(last.data)
    if (this.#finished || this.#last) return false
    if (!this.#head) return this.#begin(value)
    const finished = finishedEvent.safeParse(value)
    if (finished.success) {
      this.#finished = finished.data
      return true
    }
    const ended = endedEvent.safeParse(value)
    if (ended.success) return this.#end(ended.data.outcome)
    const other = otherEvent.safeParse(value)
    return other.success && (!('action' in other.data) || this.#actions.has(String(other.data.action)))
  }

  result(): Omit<Replayed, 'torn'> | null {
    const manifest = this.#manifest()
    return manifest && { manifest, written: this.#finished?.manifest ?? null }
  }

  /** A crash takes back what the run was about to say of its own end. */
  #close(last: Last): boolean {
    if (this.#last?.type === 'run-repaired' || (this.#last && last.type === 'run-crashed')) return false
    if (last.type === 'run-crashed') this.#finished = null
    this.#head ??= last
    this.#last = last
    return true
  }

  #begin(value: unknown): boolean {
    const event = z.union([startedEvent, refusedEvent]).safeParse(value)
    if (!event.success) return false
    this.#head = event.data
    if (event.data.type !== 'run-started') return true
    const { actions } = event.data.plan
    this.#actions = new Set(actions.map(({ id }) => id))
    return this.#actions.size === actions.length
  }

  #end({ attempts: _attempts, reused, ...told }: Record<string, unknown>): boolean {
    if (reused !== undefined && typeof reused !== 'string') return false
    const outcome = outcomeSchema.safeParse(told)
    if (!outcome.success || !this.#actions.has(outcome.data.id) || this.#outcomes.has(outcome.data.id)) return false
    this.#outcomes.set(outcome.data.id, outcome.data)
    return true
  }

  #manifest(): Manifest | null {
    const head = this.#head
    if (!head) return null
    if (head.type === 'run-crashed' || head.type === 'run-repaired') {
      return undoneManifest({ tool: head.tool, guarantees: null })
    }
    if (head.type === 'run-refused') return refusedManifest({ tool: head.tool, guarantees: null }, head.refusals)
    const { tool, guarantees, plan }: ManifestHead & typeof head = head
    const outcomes = plan.actions.map(({ id }) => this.#outcomes.get(id) ?? interruptedOutcome(id))
    const { partial, interrupted } = this.#finished ?? { partial: false, interrupted: true }
    return buildManifest({ tool, guarantees, plan, outcomes, partial, interrupted })
  }
}

/** As a run that is stopped in an orderly way says it of what had not ended. */
function interruptedOutcome(id: ActionId): ManifestOutcome {
  return { id, key: null, inputs: null, status: 'interrupted', reason: null, exitCode: null, outputs: [] }
}
