import type { Digest } from '../model/digest.ts'
import type { ActionId, Edge, Graph } from '../model/graph.ts'
import type { Status, Verdict } from '../model/outcome.ts'
import type { Tone } from './report-model.ts'

/** How an action ended in a run. */
export interface Ended {
  readonly status: Status
  readonly tone: Tone
  /** The status in words, and why where it did not pass; safe to print. */
  readonly words: string
  readonly reason: string | null
  /** `null`: not known, or it did not run. */
  readonly durationMs: number | null
  readonly attempts: number
  readonly reused: boolean
  readonly key: Digest | null
}

/** A run, as far as it can be laid over a graph. */
export interface RunOverlay {
  readonly name: string
  readonly verdict: Verdict
  readonly actions: ReadonlyMap<ActionId, Ended>
  /** The critical path, in order; empty where no times are known. */
  readonly critical: readonly ActionId[]
  readonly criticalMs: number
}

/** A graph as it was asked for. */
export interface GraphView {
  readonly graph: Graph
  /** The whole that it is a part of, for words on what lies beside it. */
  readonly whole: Graph
  /** `null`: no run was named. */
  readonly run: RunOverlay | null
  /** Whether somebody asked why one comes after the other: the graph is a way, and each of its edges is explained. */
  readonly isWay: boolean
}

/** Whether an edge is a part of the critical path. */
export function isCritical(run: RunOverlay | null, { from, to }: Pick<Edge, 'from' | 'to'>): boolean {
  const at = run?.critical.indexOf(from) ?? -1
  return at !== -1 && run?.critical[at + 1] === to
}
