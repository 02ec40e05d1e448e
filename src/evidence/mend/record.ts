import * as z from 'zod'
import type { Digest } from '../../model/digest.ts'
import type { ActionId } from '../../model/graph.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { Attempt } from '../../model/outcome.ts'
import type { RunFiles } from '../../model/ports.ts'
import { RECORD_VERSION, type RunRecord } from '../../model/record.ts'
import { RECORD } from '../conclude.ts'
import { isoTime, recordAction, recordBytes } from '../record.ts'
import { attemptSchema } from '../schema.ts'

/** What a journal tells beside what a manifest holds. */
export interface Told {
  readonly executor: string | null
  readonly jobs: number | null
  readonly signal: string | null
  /** When it happened that was told last; milliseconds since the Unix epoch. */
  readonly lastAt: number
  readonly attempts: ReadonlyMap<ActionId, readonly Attempt[]>
  /** From where, of the actions that were not run but taken from a cache. */
  readonly reused: ReadonlyMap<ActionId, string>
}

/** The part of run.json that a run knows at its start. */
const headSchema = z.looseObject({
  recordVersion: z.literal(RECORD_VERSION),
  run: z.string(),
  startedAt: z.iso.datetime(),
})

/** run.json of a run that did not come to write it: what it said at its start, and what its journal tells. `null`: it is not one. */
export function recordFromJournal(
  run: Pick<RunFiles, 'chunks'>,
  { text, manifest, digest }: { readonly text: string; readonly manifest: Manifest; readonly digest: Digest },
): { readonly bytes: string; readonly told: Told } | null {
  const head = readHead(run)
  const told = toldIn(text)
  if (head === null || told === null) return null
  const startedAt = Date.parse(head.startedAt)
  const finishedAt = Math.max(startedAt, told.lastAt)
  const record: RunRecord = {
    ...head,
    verdict: manifest.verdict,
    manifest: digest,
    finishedAt: isoTime(finishedAt),
    durationMs: finishedAt - startedAt,
    signal: told.signal,
    executor: told.executor,
    jobs: told.jobs ?? head.jobs,
    actions: manifest.actions.map(({ id, status }) =>
      recordAction({ id, status, attempts: told.attempts.get(id) ?? [], ...fromCache(told.reused.get(id)) }, null),
    ),
  }
  return { bytes: recordBytes(record), told }
}

function fromCache(reused: string | undefined): { readonly reused?: string } {
  return reused === undefined ? {} : { reused }
}

function readHead(run: Pick<RunFiles, 'chunks'>): RunRecord | null {
  try {
    const value: unknown = JSON.parse(Buffer.concat([...run.chunks(RECORD)]).toString())
    return headSchema.safeParse(value).success ? (value as RunRecord) : null
  } catch {
    return null
  }
}

const attempts = z.array(attemptSchema)

/** The lines were seen to be events; `null`: one tells of attempts that are none. */
function toldIn(text: string): Told | null {
  const found = new Map<ActionId, readonly Attempt[]>()
  const reused = new Map<ActionId, string>()
  let told: Omit<Told, 'attempts' | 'reused'> = { executor: null, jobs: null, signal: null, lastAt: 0 }
  for (const line of text.trimEnd().split('\n')) {
    const event = JSON.parse(line) as JournalLine
    if (event.type !== 'run-repaired') told = { ...told, lastAt: Math.max(told.lastAt, event.at) }
    if (event.type === 'run-started') told = { ...told, executor: event.executor, jobs: event.jobs }
    if (event.type === 'run-interrupted') told = { ...told, signal: event.signal || null }
    if (event.type === 'action-finished' && event.outcome.reused) reused.set(event.outcome.id, event.outcome.reused)
    const own = attemptsIn(event, found)
    if (own === null) continue
    const parsed = attempts.safeParse(own.attempts)
    if (!parsed.success) return null
    found.set(own.action, parsed.data)
  }
  return { ...told, attempts: found, reused }
}

type JournalLine = { readonly at: number } & (
  | { readonly type: 'run-started'; readonly executor: string; readonly jobs: number }
  | { readonly type: 'run-interrupted'; readonly signal: string }
  | { readonly type: 'attempt-finished'; readonly action: ActionId; readonly attempt: unknown }
  | {
      readonly type: 'action-finished'
      readonly outcome: { readonly id: ActionId; readonly attempts: unknown; readonly reused?: string }
    }
  | { readonly type: 'run-repaired' }
)

/** What an action that has ended says of its attempts takes the place of what was told of each. */
function attemptsIn(
  event: JournalLine,
  found: ReadonlyMap<ActionId, readonly Attempt[]>,
): { readonly action: ActionId; readonly attempts: unknown } | null {
  if (event.type === 'action-finished') return { action: event.outcome.id, attempts: event.outcome.attempts }
  if (event.type !== 'attempt-finished') return null
  return { action: event.action, attempts: [...(found.get(event.action) ?? []), event.attempt] }
}
