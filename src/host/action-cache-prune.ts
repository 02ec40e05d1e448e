import { lstatSync, readdirSync, rmSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { parseCacheEntry } from '../model/cache-entry.ts'
import type { CacheAmount, CachePruning, PruneBounds } from '../model/cache-prune.ts'
import type { Digest } from '../model/digest.ts'
import { compareBytes } from '../model/order.ts'
import { ACTIONS, BLOBS, bytesOnDisk, MOST_ENTRY_BYTES, TEMPORARY } from './action-cache-layout.ts'
import { readBounded } from './action-cache-read.ts'
import { attempt } from './file-error.ts'

/** What a run has just written and not yet named in an entry is this old at most, in milliseconds. */
const FRESH_MS = 3_600_000

const NONE: ReadonlySet<Digest> = new Set()

/**
 * Decides what goes: outcomes that were not used for too long, then those that were used longest ago until the rest fits, and
 * then every blob that no outcome is left for. Nothing but files of a cache's own names is looked at.
 *
 * @param pinned keys that stay whatever the bounds are
 */
export function planPruning(cache: string, bounds: PruneBounds, pinned: ReadonlySet<Digest> = NONE): CachePruning {
  const actions = filesIn(join(cache, ACTIONS), /^[0-9a-f]{64}\.json$/)
  const blobs = filesIn(join(cache, BLOBS), /^[0-9a-f]{64}$/)
  const stay = chooseEntries(actions.files, sizesOf(blobs.files), { ...bounds, pinned })
  const goingActions = actions.files.filter(({ path }) => !stay.entries.has(path))
  const goingBlobs = blobs.files.filter(({ name, usedAt }) => {
    if (stay.blobs.has(name)) return false
    return stay.named.has(name) || usedAt < bounds.now - FRESH_MS
  })
  const leftovers = [...actions.unfinished, ...blobs.unfinished].filter(({ usedAt }) => usedAt < bounds.now - FRESH_MS)
  const going = [...goingActions, ...goingBlobs, ...leftovers]
  return {
    before: amountOf(actions.files.length, [
      ...actions.files,
      ...blobs.files,
      ...actions.unfinished,
      ...blobs.unfinished,
    ]),
    going: amountOf(goingActions.length, going),
    // Entries first, so that nobody finds one whose bytes are gone already.
    carryOut: () => removeAll(going.map(({ path }) => path)),
  }
}

interface CacheFile {
  /** Absolute. */
  readonly path: string
  readonly name: string
  /** As it takes room on the disk. */
  readonly bytes: number
  /** Milliseconds since the Unix epoch. */
  readonly usedAt: number
}

interface CacheFiles {
  readonly files: readonly CacheFile[]
  /** What somebody is writing, or was writing when he was killed. */
  readonly unfinished: readonly CacheFile[]
}

/** In the folders of two digits; links are not followed. */
function filesIn(folder: string, pattern: RegExp): CacheFiles {
  const files: CacheFile[] = []
  const unfinished: CacheFile[] = []
  const shelves = namesIn(folder).filter((name) => /^[0-9a-f]{2}$/.test(name))
  for (const shelf of lstatOf(folder)?.isDirectory() ? shelves : []) {
    if (!lstatOf(join(folder, shelf))?.isDirectory()) continue
    for (const name of namesIn(join(folder, shelf))) {
      const list = pattern.test(name) ? files : name.startsWith(TEMPORARY) ? unfinished : null
      const path = join(folder, shelf, name)
      const stat = list && lstatOf(path)
      if (stat) list?.push({ path, name, bytes: bytesOnDisk(stat.size), usedAt: stat.mtimeMs })
    }
  }
  return { files, unfinished }
}

function namesIn(folder: string): readonly string[] {
  const names = attempt(folder, () => readdirSync(folder))
  return names.ok ? names.value : []
}

function lstatOf(path: string): Stats | null {
  const stat = attempt(path, () => lstatSync(path))
  return stat.ok ? stat.value : null
}

function sizesOf(files: readonly CacheFile[]): ReadonlyMap<Digest, number> {
  return new Map(files.map(({ name, bytes }) => [name, bytes]))
}

interface Staying {
  /** Paths. */
  readonly entries: ReadonlySet<string>
  readonly blobs: ReadonlySet<Digest>
  /** Blobs that any entry names, one that goes as well. */
  readonly named: ReadonlySet<Digest>
}

function chooseEntries(
  files: readonly CacheFile[],
  blobSizes: ReadonlyMap<Digest, number>,
  { maxBytes, unusedForMs, now, pinned }: PruneBounds & { readonly pinned: ReadonlySet<Digest> },
): Staying {
  const entries = new Set<string>()
  const blobs = new Set<Digest>()
  const named = new Set<Digest>()
  let left = maxBytes
  const isPinned = ({ name }: CacheFile): boolean => pinned.has(name.slice(0, 64))
  const newestFirst = files.toSorted(
    (a, b) => Number(isPinned(b)) - Number(isPinned(a)) || b.usedAt - a.usedAt || compareBytes(a.name, b.name),
  )
  for (const file of newestFirst) {
    const wanted = blobsOf(file)
    for (const digest of wanted ?? []) named.add(digest)
    const whole = wanted !== null && wanted.every((digest) => blobSizes.has(digest))
    if (!whole || (!isPinned(file) && file.usedAt < now - unusedForMs)) continue
    const added = [...new Set(wanted)].filter((digest) => !blobs.has(digest))
    const bytes = added.reduce((sum, digest) => sum + (blobSizes.get(digest) ?? 0), file.bytes)
    // Once one does not fit, none that was used before it stays.
    if (!isPinned(file) && bytes > left) left = -1
    if (!isPinned(file) && left < 0) continue
    left -= bytes
    entries.add(file.path)
    for (const digest of added) blobs.add(digest)
  }
  return { entries, blobs, named }
}

/** `null`: it is no entry. */
function blobsOf({ path }: CacheFile): readonly Digest[] | null {
  const read = attempt(path, () => readBounded(path, (size) => size <= MOST_ENTRY_BYTES))
  const entry = read.ok && read.value ? parseCacheEntry(read.value.bytes.toString('utf8')) : null
  return entry && [...entry.outputs, ...(entry.log ? [entry.log] : [])].map(({ digest }) => digest)
}

function amountOf(entries: number, files: readonly CacheFile[]): CacheAmount {
  return { entries, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) }
}

/** Removes what is still there; the reason that the first was not, or `null`. */
function removeAll(paths: readonly string[]): string | null {
  let reason: string | null = null
  for (const path of paths) {
    const removed = attempt(path, () => rmSync(path, { recursive: true, force: true }))
    if (!removed.ok) reason ??= removed.error.message
  }
  return reason
}
