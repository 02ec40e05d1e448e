import type { JournalEvent } from '../../model/event.ts'
import type { Manifest } from '../../model/manifest.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { journalLine } from '../journal.ts'
import { replayJournal, type JournalProblem, type Replayed } from '../replay.ts'

/** Why a run is completed by somebody else than itself. */
export type LastEvent =
  | { readonly type: 'run-crashed'; readonly at: number; readonly error: string }
  | { readonly type: 'run-repaired'; readonly at: number }

/** A journal that ends with a whole line, the one that says who has ended it. */
export interface Completed {
  readonly text: string
  readonly replayed: Replayed
  /** Bytes of the line that was cut off. */
  readonly torn: number
}

export type Closing = LastEvent & {
  readonly run: string
  /** `null`: not even that is known, so only a journal that tells it can be completed. */
  readonly tool: Manifest['tool'] | null
}

/**
 * Every whole line of a journal as it is, and the one that closes it. A last line that lacks nothing but its end is whole.
 * `null` as an error: it holds nothing, and nothing else tells what ran.
 */
export function completeJournal(bytes: Uint8Array, closing: Closing): Result<Completed, JournalProblem | null> {
  const end = bytes.lastIndexOf(10) + 1
  const tail = bytes.subarray(end)
  const whole = textOf(bytes.subarray(0, end))
  if (whole === null) return err({ line: 1, problem: 'not-json' })
  const ended = tail.length > 0 ? `${whole}${textOf(tail) ?? ''}\n` : whole
  const known = tail.length > 0 && replayJournal(ended).ok ? ended : whole
  const torn = known === whole ? tail : tail.subarray(0, 0)
  const before = known === '' ? null : replayJournal(known)
  if (before && !before.ok) return err(before.error)
  if (before && torn.length === 0 && isRepaired(known)) return ok({ text: known, replayed: before.value, torn: 0 })
  const tool = before?.ok ? before.value.manifest.tool : closing.tool
  if (tool === null) return err(null)
  const text = known + journalLine(lastEvent({ ...closing, tool }, torn))
  const replayed = replayJournal(text)
  return replayed.ok ? ok({ text, replayed: replayed.value, torn: torn.length }) : replayed
}

function lastEvent(closing: Closing & { readonly tool: Manifest['tool'] }, torn: Uint8Array): JournalEvent {
  const { at, run, tool } = closing
  if (closing.type === 'run-crashed') return { type: 'run-crashed', at, run, tool, error: closing.error }
  return { type: 'run-repaired', at, run, tool, torn: torn.length === 0 ? null : Buffer.from(torn).toString('base64') }
}

/** By a repair that was itself killed before it came to the manifest. */
function isRepaired(text: string): boolean {
  const last = text.trimEnd().split('\n').at(-1) ?? ''
  return (JSON.parse(last) as { readonly type?: unknown }).type === 'run-repaired'
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}
