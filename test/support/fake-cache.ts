import type { CacheEntry } from '../../src/model/cache-entry.ts'
import type { Digest } from '../../src/model/digest.ts'
import type { ActionCache } from '../../src/model/action-cache.ts'
import type { FileError } from '../../src/model/ports.ts'

export interface FakeCache extends ActionCache {
  readonly entries: Map<Digest, CacheEntry>
  /** Logs by their digest. */
  readonly logs: Map<Digest, Buffer>
  /** Keys that were asked for. */
  readonly asked: readonly Digest[]
  /** What every further `put` answers. */
  refuseWith(error: FileError): void
}

/** A cache in memory that holds whatever it was given. */
export function fakeCache(): FakeCache {
  const entries = new Map<Digest, CacheEntry>()
  const logs = new Map<Digest, Buffer>()
  const asked: Digest[] = []
  let refusal: FileError | null = null
  return {
    entries,
    logs,
    asked,
    refuseWith: (error) => {
      refusal = error
    },
    get: async (key, admit) => {
      asked.push(key)
      const entry = entries.get(key)
      if (!entry) return { kind: 'miss' }
      const problem = admit(entry)
      if (problem) return { kind: 'dropped', problem }
      const log = entry.log === null ? [] : [logs.get(entry.log.digest) ?? Buffer.alloc(0)]
      return { kind: 'hit', entry, from: `/cache/${key}`, log }
    },
    put: (entry, log) => {
      if (refusal) return refusal
      entries.set(entry.key, entry)
      if (entry.log !== null) logs.set(entry.log.digest, Buffer.concat([...log()]))
      return null
    },
  }
}
