import type { Digest } from '../model/digest.ts'
import type { ActionId, Phase } from '../model/graph.ts'
import type { Status, Verdict } from '../model/outcome.ts'
import type { PackId } from '../model/pack.ts'
import type { Aspect } from '../model/plan.ts'
import type { FilePart, PartSize } from '../model/ports.ts'
import type { Worded } from './phrase.ts'

export type Tone = 'good' | 'bad' | 'idle'

/** Words of ours with names in them, which each rendering sets apart in its own way. */
export type Sentence = readonly (string | { readonly name: string })[]

/**
 * All that a report of a run shows, in plan order, bounded whatever the run. Strings are as they were found: each rendering makes
 * them inert in its own way. Words of `Worded` and lines of logs are safe for a terminal already.
 */
export interface Report {
  /** Name of the run's folder; `null`: it has none. */
  readonly run: string | null
  readonly verdict: Verdict
  readonly tone: Tone
  readonly sentence: Sentence
  readonly tool: { readonly name: string; readonly version: string }
  /** SHA-256 of manifest.json; `null` as long as it has none. */
  readonly manifest: Digest | null
  /** ISO 8601 in UTC. */
  readonly startedAt: string | null
  readonly durationMs: number | null
  readonly facts: readonly { readonly name: string; readonly value: string }[]
  readonly counts: readonly StatusCount[]
  /** Why the run was refused; warnings otherwise. */
  readonly problems: readonly ReportProblem[]
  readonly moreProblems: number
  readonly packs: readonly ReportPack[]
  /** Packs of which nothing else is told. */
  readonly morePacks: number
  /** What went wrong by itself, in plan order, the actions that are told in full. */
  readonly failures: readonly ReportAction[]
  readonly moreFailures: number
  readonly graph: ReportGraph
  /** `null`: nothing was started. */
  readonly guarantees: readonly GuaranteeWords[] | null
  readonly connections: { readonly allowed: number; readonly denied: number }
  readonly verification: readonly VerificationStep[]
}

export interface StatusCount {
  readonly status: Status | 'stopped'
  readonly words: string
  readonly number: number
}

export interface ReportProblem extends Worded {
  readonly code: string
  readonly severity: 'error' | 'warning'
  readonly place: Place | null
}

export interface Place {
  /** Relative to the workspace's root. */
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface ReportPack {
  readonly id: PackId
  readonly title: string | null
  readonly pillar: string | null
  readonly domain: string | null
  readonly risk: string | null
  readonly verdict: 'passed' | 'failed' | 'interrupted'
  readonly tone: Tone
  readonly definition: Digest
  readonly needs: readonly PackId[]
  readonly grants: readonly string[]
  readonly counts: readonly StatusCount[]
  /** Of its actions together; `null`: not known. */
  readonly durationMs: number | null
  readonly actions: readonly ReportAction[]
  /** Actions that are not among them. */
  readonly moreActions: number
  readonly artifacts: readonly ReportArtifact[]
  readonly moreArtifacts: number
}

export interface ReportAction {
  readonly id: ActionId
  readonly pack: PackId
  /** The id without the pack. */
  readonly name: string
  readonly phase: Phase
  readonly status: Status
  readonly tone: Tone
  /** Its status in words. */
  readonly words: string
  readonly place: Place | null
  /** `null` for a gate. */
  readonly command: string | null
  readonly exitCode: number | null
  readonly key: Digest | null
  readonly inputs: Digest | null
  readonly durationMs: number | null
  readonly attempts: number
  readonly needs: readonly ActionId[]
  /** Beside {@link needs}. */
  readonly moreNeeds: number
  /** `null` where it passed. */
  readonly reason: Worded | null
  /** Sentences on connections that it did not get. */
  readonly connections: readonly string[]
  /** Actions that were skipped because of it. */
  readonly skipped: number
  readonly log: LogExcerpt | null
  readonly outputs: readonly { readonly path: string; readonly size: number; readonly digest: Digest }[]
  readonly moreOutputs: number
  /** Where a credential is. */
  readonly findings: readonly { readonly path: string; readonly line: number; readonly rule: string }[]
}

/** What is shown of a log; lines are escaped. */
export interface LogExcerpt {
  /** Relative to the run's folder. */
  readonly path: string
  /** Bytes that the command printed. */
  readonly totalBytes: number
  readonly digest: Digest | null
  readonly head: readonly string[]
  /** Whether something is left out between head and tail. */
  readonly cut: boolean
  readonly tail: readonly string[]
  /** Why nothing of it is shown, or `null`. */
  readonly withheld: string | null
}

export interface ReportArtifact {
  /** Relative to the workspace's root. */
  readonly path: string
  /** Relative to the run's folder. */
  readonly file: string
  readonly size: number
  readonly digest: Digest
  readonly executable: boolean
  readonly preview: Preview | null
}

export type Preview =
  | { readonly kind: 'text'; readonly lines: readonly string[]; readonly cut: boolean }
  | {
      readonly kind: 'image'
      readonly type: string
      readonly width: number
      readonly height: number
      readonly base64: string
    }
  | { readonly kind: 'withheld'; readonly why: string }

/** Nodes in plan order; edges lead from what comes before. `null`: there is too much for a picture. */
export interface ReportGraph {
  readonly packs: Picture | null
  /** By pack, where all of them together are few enough. */
  readonly actions: ReadonlyMap<PackId, Picture>
}

export interface Picture {
  readonly nodes: readonly {
    readonly id: string
    readonly label: string
    readonly tone: Tone
    readonly words: string
  }[]
  readonly edges: readonly { readonly from: string; readonly to: string }[]
}

export interface GuaranteeWords {
  readonly aspect: Aspect
  readonly enforced: boolean
  readonly words: string
}

export interface VerificationStep {
  readonly says: string
  readonly command: string
}

/** Reads both ends of a file of the run's folder; `null` where it is no regular file of it, or can't be read. */
export type ReadPart = (path: string, size: PartSize) => FilePart | null
