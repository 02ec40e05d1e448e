import type { Digest } from './digest.ts'
import type { ActionId } from './graph.ts'
import type { ActionOutcome } from './outcome.ts'

/** What usually makes two runs of one command differ, as far as the bytes tell. */
export const CAUSES = ['order', 'time', 'path', 'random', 'locale', 'archive'] as const
export type Cause = (typeof CAUSES)[number]

/** The earlier time and the later one, in this order. */
export type Twice<T> = readonly [earlier: T, later: T]

/** One output that was not the same twice. */
export type FileDifference =
  | {
      readonly kind: 'content'
      readonly path: string
      /** Of the first byte that differs, from 0. */
      readonly offset: number
      /** Its line, from 1, counted in line feeds; `null` where the file is no text. */
      readonly line: number | null
      /** `null`: the file had ended there. */
      readonly bytes: Twice<number | null>
      /** The likely ones; empty where the bytes do not tell. */
      readonly causes: readonly Cause[]
    }
  /** It was there only once. */
  | { readonly kind: 'presence'; readonly path: string; readonly there: 'earlier' | 'later' }
  | { readonly kind: 'mode'; readonly path: string; readonly executable: Twice<boolean> }

/** How an attempt at an action was judged. */
export type Judged = Pick<ActionOutcome, 'status' | 'reason' | 'exitCode'>

/** One action that was run twice with the same key and did not do the same. */
export interface Difference {
  readonly action: ActionId
  /** `null`: both ended in the same way. */
  readonly endings: Twice<Judged> | null
  /** Of the last attempt of the earlier time, relative to the run's folder; `null`: it printed nothing. */
  readonly log: string | null
  /** Sorted by the bytes of their paths. */
  readonly files: readonly FileDifference[]
}

/** What `--check` has found, for run.json. */
export interface CheckRecord {
  /** How many commands ran at once in the pass before the recorded one. */
  readonly jobs: number
  /** What was printed then, in plan order; paths are relative to the run's folder. */
  readonly logs: readonly { readonly path: string; readonly digest: Digest }[]
  /** In plan order. */
  readonly differences: readonly Difference[]
}
