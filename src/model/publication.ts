import type { Digest } from './digest.ts'
import type { Annotation, ForgeError, GitId, ProposedFile } from './forge.ts'
import type { PackId } from './pack.ts'

/** The change of a pack as it is to be proposed, with what is said of it. Nothing in it comes from the forge. */
export interface Proposal {
  readonly pack: PackId
  /** SHA-256 of the run's manifest. */
  readonly run: Digest
  /** The commit that the run stood on. */
  readonly base: GitId
  readonly baseTree: GitId
  /** The files of that commit after the change. */
  readonly tree: GitId
  /** What changes between the two, sorted by path. */
  readonly files: readonly ProposedFile[]
  readonly words: ProposalWords
}

/** Texts of a proposal, in which whatever a pack says is inert. */
export interface ProposalWords {
  /** Of the pull request. */
  readonly title: string
  /** Of the commit, without trailers. */
  readonly message: string
  /** The evidence, in GitHub's Markdown. */
  readonly evidence: string
  /** The same where there is little room. */
  readonly evidenceInShort: string
  readonly check: {
    readonly name: string
    readonly title: string
    readonly summary: string
    readonly annotations: readonly Annotation[]
  }
  /** What is said where a branch holds somebody else's commit. */
  readonly foreign: (commit: GitId) => string
}

export interface PublishOptions {
  /** Of the proposal, without `refs/heads/`. */
  readonly branch: string
  /** What it is proposed for; `null`: the default branch. */
  readonly base: string | null
  /** Whether a pull request that was closed without being merged may be opened again. */
  readonly reopen: boolean
}

/** A pull request as a person finds it. */
export interface PullPlace {
  readonly number: number
  readonly url: string
}

/** What became of a proposal. */
export interface Published {
  /** `merged`: just this has been merged before. */
  readonly outcome: 'opened' | 'reopened' | 'updated' | 'unchanged' | 'merged'
  readonly pull: PullPlace
  readonly branch: string
  readonly base: string
  /** Where the branch stands now. */
  readonly commit: GitId
  /** `made`: just now; `refused`: the token may not make any. */
  readonly check: 'made' | 'there' | 'refused'
}

/** Why nothing, or not all, was published. */
export type PublishProblem =
  | { readonly kind: 'forge'; readonly error: ForgeError }
  /** `repository`: as `owner/name`. */
  | { readonly kind: 'may-not-push'; readonly repository: string }
  | { readonly kind: 'no-base-branch'; readonly branch: string }
  | { readonly kind: 'branch-is-base'; readonly branch: string }
  /** git keeps no two branches of which one is a folder of the other. */
  | { readonly kind: 'branch-in-the-way'; readonly branch: string; readonly other: string }
  /** The forge does not know the commit that the run stood on. */
  | { readonly kind: 'unknown-base'; readonly commit: GitId; readonly repository: string }
  /** It is not in the history of the branch that the change is proposed for. */
  | { readonly kind: 'base-elsewhere'; readonly commit: GitId; readonly branch: string }
  /** What is proposed already stands on a commit (`on`) that is not in the history of the run's. */
  | { readonly kind: 'older-base'; readonly branch: string; readonly base: GitId; readonly on: GitId }
  | {
      readonly kind: 'foreign'
      readonly branch: string
      readonly commit: GitId
      readonly pull: PullPlace | null
    }
  | { readonly kind: 'closed'; readonly pull: PullPlace }
