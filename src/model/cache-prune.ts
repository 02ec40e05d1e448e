/** What stays of a cache. */
export interface PruneBounds {
  /** As files take room on a disk. */
  readonly maxBytes: number
  /** Outcomes that nobody has used for so long go, in milliseconds; `Infinity`: whatever their age. */
  readonly unusedForMs: number
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

/** How much there is. */
export interface CacheAmount {
  /** Outcomes of actions. */
  readonly entries: number
  readonly bytes: number
}

/** A decision, before it is carried out. */
export interface CachePruning {
  readonly before: CacheAmount
  readonly going: CacheAmount
  /** Runs that use the cache meanwhile find what is gone to be missing. `null`, or why something could not be removed. */
  carryOut(): string | null
}

/** What `codex run --cache` keeps a cache below: 10 GiB. */
export const CACHE_BYTES: number = 10 * 1024 ** 3
