import { createHash } from 'node:crypto'
import { rmSync, utimesSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { parseCacheEntry, type Blob, type CacheEntry, type CacheProblem } from '../model/cache-entry.ts'
import type { Digest } from '../model/digest.ts'
import type { ActionCache, CacheAnswer } from '../model/action-cache.ts'
import { blobPath, entryPath, MOST_ENTRY_BYTES } from './action-cache-layout.ts'
import { readBounded } from './action-cache-read.ts'
import { boundCache } from './action-cache-size.ts'
import { createCacheWriter } from './action-cache-writer.ts'
import type { DiskContentStore } from './content-store.ts'
import { isSystemError } from './file-error.ts'

/** The cache on disk. */
export interface DiskActionCache extends ActionCache {
  /** Keeps it below so many bytes, once the run is over; what the run has reused or kept stays in any case. */
  bound(maxBytes: number): void
}

export interface ActionCacheOptions {
  /** Absolute; it must exist. */
  readonly path: string
  readonly store: DiskContentStore
  /** Which codex this is: entries of another one are not taken. */
  readonly tool: string
}

/** The rest of the program waits no longer than this for its turn, in milliseconds. */
const TURN_MS = 20

/**
 * Files are written under another name and then renamed, so that whoever finds them finds them whole; and what is read is
 * believed only where it is what its name says. So no run waits for another, and nothing has to be synced.
 */
export function openActionCache(options: ActionCacheOptions): DiskActionCache {
  const used = new Set<Digest>()
  const distrusted = new Set<Digest>()
  const writer = createCacheWriter(options.path)
  let turnAt = performance.now()
  return {
    get: async (key, admit) => {
      if (performance.now() - turnAt > TURN_MS) {
        await nextTurn()
        turnAt = performance.now()
      }
      const answer = look(key, admit, options)
      if (answer.kind === 'hit') used.add(key)
      if (answer.kind === 'dropped') distrusted.add(key)
      return answer
    },
    put: (entry, log) => {
      const error = writer.put(entry, {
        output: (output) => options.store.chunks(output),
        log,
        anew: distrusted.has(entry.key),
      })
      if (error === null) used.add(entry.key)
      return error
    },
    bound: (maxBytes) => boundCache({ path: options.path, added: writer.added, used }, maxBytes),
  }
}

function look(key: Digest, admit: Parameters<ActionCache['get']>[1], options: ActionCacheOptions): CacheAnswer {
  const from = entryPath(options.path, key)
  const read = reading(from, () => readBounded(from, (size) => size <= MOST_ENTRY_BYTES))
  if (read === 'missing') return { kind: 'miss' }
  if ('problem' in read) return dropped(read.problem, [from])
  const entry = read.value && parseCacheEntry(read.value.bytes.toString('utf8'))
  if (entry === null) return dropped({ kind: 'malformed' }, [from])
  if (entry.key !== key) return dropped({ kind: 'other-key' }, [from])
  if (entry.tool !== options.tool) return { kind: 'miss' }
  const problem = admit(entry)
  if (problem !== null) return dropped(problem, [from])
  const answer = takeBlobs(entry, from, options)
  if (answer.kind === 'hit' && read.value) touch(from, read.value.usedAt)
  return answer
}

function takeBlobs(entry: CacheEntry, from: string, { path, store }: ActionCacheOptions): CacheAnswer {
  for (const output of entry.outputs) {
    const blob = blobPath(path, output.digest)
    const taken = reading(blob, () => store.receive(blob, output))
    if (taken === 'missing') return { kind: 'miss' }
    if ('problem' in taken) return dropped(taken.problem, [from, blob])
    if (!taken.value) return dropped({ kind: 'changed', path: output.path }, [from, blob])
  }
  const { log } = entry
  if (log === null) return { kind: 'hit', entry, from, log: [] }
  const blob = blobPath(path, log.digest)
  const taken = reading(blob, () => takeLog(blob, log, store))
  if (taken === 'missing') return { kind: 'miss' }
  if ('problem' in taken) return dropped(taken.problem, [from, blob])
  if (taken.value === null) return dropped({ kind: 'changed', path: null }, [from, blob])
  return { kind: 'hit', entry, from, log: taken.value }
}

/** What can't be removed stays, and whoever looks next finds what was found now. */
function dropped(problem: CacheProblem, paths: readonly string[]): CacheAnswer {
  for (const path of paths) {
    try {
      rmSync(path, { recursive: true, force: true })
    } catch (error) {
      if (!isSystemError(error)) throw error
    }
  }
  return { kind: 'dropped', problem }
}

/** Logs up to this size are compared in memory. */
const ONE_READ = 256 * 1024

/** `null` where it has other bytes. */
function takeLog(path: string, { digest, size }: Blob, store: DiskContentStore): Iterable<Uint8Array> | null {
  if (size > ONE_READ) {
    const said = { path: 'log', digest, executable: false, size }
    return store.receive(path, said) ? store.chunks(said) : null
  }
  const read = readBounded(path, (found) => found === size)
  return read && createHash('sha256').update(read.bytes).digest('hex') === digest ? [read.bytes] : null
}

type Reading<T> = { readonly value: T } | { readonly problem: CacheProblem } | 'missing'

/** The machine has run out of something, which says nothing about a file of the cache. */
const EXHAUSTED: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM'])

function reading<T>(path: string, operation: () => T): Reading<T> {
  try {
    return { value: operation() }
  } catch (error) {
    if (!isSystemError(error) || EXHAUSTED.has(error.code)) throw error
    if (error.code === 'ENOENT') return 'missing'
    return { problem: { kind: 'unreadable', path, reason: error.message } }
  }
}

/** What was used within this time is not said to be used again, in milliseconds: so that few who read also write. */
const FRESH_MS = 3_600_000

/** Somebody else's, or on a disk that is read-only, it gets old all the same. */
function touch(path: string, usedAt: number): void {
  const now = Date.now()
  if (now - usedAt < FRESH_MS) return
  try {
    utimesSync(path, now / 1000, now / 1000)
  } catch (error) {
    if (!isSystemError(error)) throw error
  }
}
