import type { CacheEntry, CacheProblem } from './cache-entry.ts'
import type { Digest } from './digest.ts'
import type { FileError } from './ports.ts'

export type CacheAnswer =
  | {
      readonly kind: 'hit'
      /** Its outputs are in the run's content store, every byte compared with its digest. */
      readonly entry: CacheEntry
      /** Absolute path of the entry, for the record. */
      readonly from: string
      /** The bytes of its log, compared as well. */
      readonly log: Iterable<Uint8Array>
    }
  /** There is nothing, or nothing that is whole any more, because somebody prunes the cache. */
  | { readonly kind: 'miss' }
  /** What there is was taken away as far as that is possible, and the action has to run. */
  | { readonly kind: 'dropped'; readonly problem: CacheProblem }

/**
 * Outcomes of actions that passed, by their keys, in a folder that an operator has named and several runs may share. That the
 * bytes are those of an entry is checked; that the entry tells the truth about its key is the operator's to trust.
 */
export interface ActionCache {
  /** What is kept under a key, given that `admit` finds nothing wrong with the entry: it knows the action. */
  get(key: Digest, admit: (entry: CacheEntry) => CacheProblem | null): Promise<CacheAnswer>
  /** Keeps an outcome; its outputs are in the run's content store. `null`: it is kept, or was already. */
  put(entry: CacheEntry, log: () => Iterable<Uint8Array>): FileError | null
}
