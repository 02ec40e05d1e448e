import { canonicalJson, type Json } from '../model/canonical.ts'
import type { Difference, FileDifference, Judged } from '../model/check.ts'
import type { ActionOutcome, Status } from '../model/outcome.ts'
import { compareBytes } from '../model/order.ts'
import type { ContentStore } from '../model/ports.ts'
import type { TreeEntry } from '../model/tree.ts'
import { likelyCauses } from './causes.ts'
import { bytesAround, firstDifference } from './first-difference.ts'

/** Statuses of an action that was run to its end; what others stopped can't be compared. */
const RUN: ReadonlySet<Status> = new Set(['passed', 'failed', 'timed-out', 'limit', 'violated', 'breaker'])

/** How much of a file around its first difference is looked at, and how large a file may be to be looked at as a whole. */
const REACH = 4096
const WHOLE = 1024 * 1024

/**
 * What an action did otherwise the second time, although its key was the same; `null`: nothing, or it can't be compared.
 * Logs are not looked at, because they may hold times.
 */
export function compareOutcomes(earlier: ActionOutcome, later: ActionOutcome, store: ContentStore): Difference | null {
  const comparable = [earlier, later].every(({ status, reason }) => RUN.has(status) && reason?.kind !== 'run-breaker')
  if (!comparable || earlier.key !== later.key) return null
  const endings = isSameEnding(earlier, later) ? null : ([judgedOf(earlier), judgedOf(later)] as const)
  // What is left of an action that did not pass is nothing that could be compared.
  const files = endings ? [] : compareOutputs(earlier, later, store)
  const log = earlier.attempts.at(-1)?.log.path ?? null
  return endings === null && files.length === 0 ? null : { action: later.id, endings, log, files }
}

function isSameEnding(a: ActionOutcome, b: ActionOutcome): boolean {
  return canonicalJson(judgedOf(a) as unknown as Json) === canonicalJson(judgedOf(b) as unknown as Json)
}

function judgedOf({ status, reason, exitCode, tolerated }: ActionOutcome): Judged {
  // What was tolerated is how it ended by itself.
  return { status, reason: tolerated ?? reason, exitCode }
}

function compareOutputs(earlier: ActionOutcome, later: ActionOutcome, store: ContentStore): FileDifference[] {
  const before = new Map(made(earlier).map((entry) => [entry.path, entry]))
  const found: FileDifference[] = deletedOnce(earlier, later)
  for (const entry of made(later)) {
    const { path } = entry
    const other = before.get(path)
    before.delete(path)
    if (!other) found.push({ kind: 'presence', path, there: 'later' })
    else if (other.digest !== entry.digest) found.push(compareFiles(other, entry, store))
    else if (other.executable !== entry.executable) {
      found.push({ kind: 'mode', path, executable: [other.executable, entry.executable] })
    }
  }
  for (const path of before.keys()) found.push({ kind: 'presence', path, there: 'earlier' })
  return found.toSorted((a, b) => compareBytes(a.path, b.path))
}

function made({ outputs, changes }: ActionOutcome): readonly TreeEntry[] {
  return [...outputs.entries, ...(changes?.files.entries ?? [])]
}

/** Files that a step has deleted one time, and left as they were the other time. */
function deletedOnce(earlier: ActionOutcome, later: ActionOutcome): FileDifference[] {
  const [first, second] = [earlier, later].map(({ changes }) => new Set(changes?.deleted)) as [Set<string>, Set<string>]
  const missing = (from: Set<string>, other: ActionOutcome): readonly string[] => {
    const changed = new Set(other.changes?.files.entries.map(({ path }) => path))
    return [...from].filter((path) => !changed.has(path))
  }
  return [
    ...missing(first, later).flatMap((path) =>
      second.has(path) ? [] : [{ kind: 'presence', path, there: 'later' } as const],
    ),
    ...missing(second, earlier).flatMap((path) =>
      first.has(path) ? [] : [{ kind: 'presence', path, there: 'earlier' } as const],
    ),
  ]
}

/** @throws where the two are the same, although their digests are not */
function compareFiles(earlier: TreeEntry, later: TreeEntry, store: ContentStore): FileDifference {
  const difference = firstDifference(store.chunks(earlier), store.chunks(later))
  if (!difference) throw new Error(`${later.path} has two digests for the same bytes`)
  const { offset } = difference
  const around = [earlier, later].map((entry) => bytesAround(store.chunks(entry), offset, REACH))
  const [before = Buffer.alloc(0), after = Buffer.alloc(0)] = around
  const at = Math.min(offset, REACH)
  const isSmall = earlier.size <= WHOLE && later.size <= WHOLE
  const causes = likelyCauses({
    lines: [lineAt(before, at), lineAt(after, at)],
    whole: isSmall ? [textOf(earlier, store), textOf(later, store)] : null,
    start: bytesAround(store.chunks(later), 0, 512),
  })
  return { kind: 'content', path: later.path, ...difference, causes }
}

function textOf(entry: TreeEntry, store: ContentStore): string {
  return Buffer.from(store.read(entry)).toString('latin1')
}

/** The line that a byte is in, as far as it is at hand. */
function lineAt(bytes: Buffer, at: number): string {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\n', at)
  const start = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
  return text.slice(start, end === -1 ? text.length : end)
}
