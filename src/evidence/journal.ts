import { canonicalJson, type Json } from '../model/canonical.ts'
import type { JournalEvent } from '../model/event.ts'
import type { RunFolder } from '../model/ports.ts'
import { manifestOutcome } from './manifest.ts'

export const JOURNAL = 'events.jsonl'

/**
 * A listener that appends every event to events.jsonl, one line of canonical JSON each. An outcome's input tree is told by
 * its digest: its list is in `inputs/`, and one line must not grow with the size of a pack.
 *
 * A line is the system's before anybody is told of the event, so that it outlives the end of codex, whatever ended it; and as
 * an action ends, what the journal holds starts on its way to the disk, so that little is lost where the machine itself stops.
 */
export function createJournal(folder: Pick<RunFolder, 'append' | 'sync'>): (event: JournalEvent) => void {
  return (event) => {
    folder.append(JOURNAL, journalLine(event))
    if (event.type === 'action-finished') folder.sync(JOURNAL)
  }
}

export function journalLine(event: JournalEvent): string {
  return `${canonicalJson(lineOf(event))}\n`
}

function lineOf(event: JournalEvent): Json {
  if (event.type !== 'action-finished') return event as unknown as Json
  const { outcome } = event
  const { attempts, reused } = outcome
  return { ...event, outcome: { ...manifestOutcome(outcome), attempts, reused } as unknown as Json }
}
