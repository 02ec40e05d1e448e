import { canonicalJson, type Json } from '../model/canonical.ts'
import type { Emit, RunEvent } from '../model/event.ts'
import type { RunFolder } from '../model/ports.ts'
import { manifestOutcome } from './manifest.ts'

export const JOURNAL = 'events.jsonl'

/**
 * A listener that appends every event to events.jsonl, one line of canonical JSON each. An outcome's input tree is told by
 * its digest: its list is in `inputs/`, and one line must not grow with the size of a pack.
 */
export function createJournal(folder: RunFolder): Emit {
  return (event) => folder.append(JOURNAL, `${canonicalJson(lineOf(event))}\n`)
}

function lineOf(event: RunEvent): Json {
  if (event.type !== 'action-finished') return event as unknown as Json
  const { outcome } = event
  return { ...event, outcome: { ...manifestOutcome(outcome), attempts: outcome.attempts } as unknown as Json }
}
