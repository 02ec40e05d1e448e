import type { Result } from './result.ts'

/** A path of the workspace that is not what it was. One that ends in `/` is a folder in which anything may have changed. */
export interface ChangedPath {
  readonly path: string
  readonly kind: 'added' | 'changed' | 'deleted'
}

/** What version control knows of the files of a workspace. Paths are relative to its root. */
export interface Changes {
  /** What differs from what was asked for: committed since, staged, not staged, not added and not ignored; sorted by the bytes of the paths. */
  readonly paths: readonly ChangedPath[]
  /** Whether version control would notice a change of the file at this path. What it does not keep may have changed at any time. */
  readonly isKept: (path: string) => boolean
}

/** Why nothing can be told of changes. */
export type ChangesProblem =
  | { readonly kind: 'no-git' }
  | { readonly kind: 'no-repository'; readonly root: string }
  /** Git refuses it, because it is somebody else's. `folder`: absolute. */
  | { readonly kind: 'not-owned'; readonly folder: string }
  | { readonly kind: 'no-commit' }
  | {
      readonly kind: 'unknown-ref'
      readonly ref: string
      readonly shallow: boolean
      /** The remote to ask, and what it calls the commit; `null`: there is none. */
      readonly remote: { readonly name: string; readonly branch: string | null } | null
      /** Branches and tags that there are. */
      readonly known: readonly string[]
    }
  /** HEAD and the commit have no common ancestor that is here. */
  | { readonly kind: 'no-merge-base'; readonly ref: string; readonly shallow: boolean; readonly remote: string | null }
  /** In git's own words. */
  | { readonly kind: 'failed'; readonly detail: string }

/**
 * What has changed in a workspace since HEAD and another commit parted.
 *
 * @param root the workspace, absolute
 * @param ref the commit as git knows it: a branch, a tag, an id
 */
export type ChangesSince = (root: string, ref: string) => Promise<Result<Changes, ChangesProblem>>
