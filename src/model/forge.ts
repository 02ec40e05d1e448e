import type { Result } from './result.ts'

/** A commit, tree or blob of git: SHA-1, 40 lower-case hexadecimal digits. */
export type GitId = string

/** Why a forge did not do what it was asked for, as facts; `method` and `path` are those of the request. */
export interface ForgeError {
  /**
   * - `no-rights`: the token is not valid, or may not do that
   * - `missing`: there is no such thing, or nothing that the token may see
   * - `conflict`: things are not as they were taken to be, or a rule of the repository forbids it
   * - `limited`: too many requests, and the forge asks for a longer wait than is sensible
   * - `unreachable`: no whole answer came, or one that tells of trouble on the other side; a write may have been done
   * - `unexpected`: an answer that makes no sense
   * - `local`: this machine could not do its own part of it; `method` is the command
   */
  readonly kind: 'no-rights' | 'missing' | 'conflict' | 'limited' | 'unreachable' | 'unexpected' | 'local'
  readonly method: string
  readonly path: string
  /** Of the answer; `null`: there was none. */
  readonly status: number | null
  /** In the forge's words, or the network's. */
  readonly message: string
}

export type Answer<T> = Promise<Result<T, ForgeError>>

export interface ForgeRepository {
  /** `owner/name` as the repository is called now. */
  readonly name: string
  readonly defaultBranch: string
  /** `null`: the forge does not say. */
  readonly mayPush: boolean | null
}

export interface ForgeCommit {
  readonly id: GitId
  readonly message: string
  readonly tree: GitId
  readonly parents: readonly GitId[]
}

export interface ForgePull {
  readonly number: number
  readonly url: string
  readonly state: 'open' | 'closed'
  readonly merged: boolean
  /** The commit that its branch stands at, or stood at last. */
  readonly head: GitId
  /** The branch that it is for. */
  readonly base: string
  readonly body: string
}

/** How a commit relates to another one: `ahead` where the second one holds the first in its history. */
export type Relation = 'identical' | 'ahead' | 'behind' | 'diverged'

export interface ProposedFile {
  /** Relative to the root of the repository. */
  readonly path: string
  /** `null`: it is deleted. */
  readonly content: { readonly bytes: Uint8Array; readonly executable: boolean } | null
}

export interface NewCommit {
  readonly message: string
  readonly parents: readonly GitId[]
  /** The tree of the files to which the changes are applied. */
  readonly baseTree: GitId
  /** What has to come of that. */
  readonly tree: GitId
  readonly files: readonly ProposedFile[]
}

export interface Annotation {
  readonly path: string
  readonly line: number
  readonly level: 'notice' | 'warning' | 'failure'
  readonly title: string
  readonly message: string
}

export interface NewCheck {
  readonly name: string
  readonly commit: GitId
  readonly externalId: string
  readonly conclusion: 'success' | 'failure'
  readonly title: string
  readonly summary: string
  readonly annotations: readonly Annotation[]
}

export interface NewPull {
  readonly title: string
  readonly body: string
  readonly branch: string
  readonly base: string
}

/**
 * A repository where changes are proposed, and the one that holds their branches: the same, or a fork of it. Branches are named
 * without `refs/heads/`. What is read more than once may be read in vain; what is written twice may be there twice, so that whoever
 * writes looks first, and again after `unreachable`.
 */
export interface Forge {
  /** Where changes are proposed. */
  repository(): Answer<ForgeRepository>
  /** Where their branches are. */
  headRepository(): Answer<ForgeRepository>
  /** A branch to propose changes for, under the name that it has now; `null`: there is none. */
  baseBranch(name: string): Answer<{ readonly name: string; readonly commit: GitId } | null>
  /** Relation of a branch or commit to another one, in the repository of proposals; `null`: one of them is not known there. */
  relation(from: string, to: string): Answer<Relation | null>
  /** Where a branch of proposals stands; `null`: there is none. */
  head(branch: string): Answer<GitId | null>
  /** A branch whose name begins with that of another one and a slash, or the other way round: git keeps no two such; `null`: none. */
  branchInTheWay(branch: string): Answer<string | null>
  /** `null`: it is not known. */
  commit(id: GitId): Answer<ForgeCommit | null>
  /** Every pull request of a branch, open or not, the newest first. */
  pulls(branch: string): Answer<readonly ForgePull[]>
  comments(pull: number): Answer<readonly string[]>
  /** Whether a commit has a check of that name that is done. */
  hasCheck(commit: GitId, name: string): Answer<boolean>
  makeCommit(commit: NewCommit): Answer<GitId>
  makeBranch(branch: string, commit: GitId): Answer<null>
  /** `conflict` where the new commit does not come after the one that the branch stands at. @param from where it was seen to stand */
  moveBranch(branch: string, commit: GitId, from: GitId): Answer<null>
  /** `conflict` where there is one already. */
  openPull(pull: NewPull): Answer<ForgePull>
  editPull(pull: number, edit: { readonly body?: string; readonly state?: 'open' }): Answer<ForgePull>
  comment(pull: number, body: string): Answer<null>
  makeCheck(check: NewCheck): Answer<null>
}
