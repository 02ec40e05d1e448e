import type { FileState } from './change.ts'
import type { FileError } from './ports.ts'
import type { Result } from './result.ts'

/** What stands at a path of the working tree, links not followed. */
export type Standing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'file'; readonly state: FileState }
  /** `files`: all that is below it and no folder, relative to the workspace root. */
  | { readonly kind: 'folder'; readonly files: readonly string[] }
  /** A link, or what is neither file nor folder. */
  | { readonly kind: 'other' }
  /** The system does not tell. */
  | { readonly kind: 'unreadable'; readonly message: string }
  /** No folder but this stands above it: a file, a link or something else. */
  | { readonly kind: 'below'; readonly path: string; readonly is: 'file' | 'other' }

/** One file that is to become another, be made or go. */
export interface TreeStep {
  /** Relative to the workspace root. */
  readonly path: string
  /** What has to stand there; `null`: nothing. */
  readonly before: FileState | null
  /** `null`: nothing is to stand there. */
  readonly after: FileState | null
  /** The bytes of `after`. Errors of the file system are thrown. */
  readonly chunks: () => Iterable<Uint8Array>
}

/** Why nothing was put into the working tree. */
export type PutProblem =
  /** The bytes that were to be put there are not those that were promised. */
  | { readonly kind: 'source'; readonly path: string }
  /** It became something else while this was going on. */
  | { readonly kind: 'meanwhile'; readonly path: string }
  /** The system refuses. */
  | { readonly kind: 'host'; readonly error: FileError }
  /** As `host`, and what had been done by then could not all be taken back: the next one tries again. */
  | { readonly kind: 'half-done'; readonly error: FileError }

/** Why nothing can be put into a working tree. */
export type TreeProblem =
  /** Another process is at work on it. */
  | { readonly kind: 'busy' }
  /** Something was left half done, and nothing is to be written now. */
  | { readonly kind: 'unsettled' }
  /** What codex keeps there is no folder of its own. */
  | { readonly kind: 'linked-state'; readonly path: string }
  /** What was left half done can't be told, because the note of it is not as codex writes it. */
  | { readonly kind: 'journal'; readonly path: string }
  /** Of what was left half done these are neither as they were nor as they were to become; old bytes lie in `kept`. */
  | { readonly kind: 'edited'; readonly files: readonly { readonly path: string; readonly kept: string | null }[] }
  | { readonly kind: 'host'; readonly error: FileError }

/** What had to be done first for one that was killed: it had done all, or what it had done was taken back. */
export type Settled = 'finished' | 'taken-back'

/** The files of a workspace, held against others who would put files there. Paths are relative to its root. */
export interface WorkingTree {
  /** `null`: nothing was left half done. */
  readonly settled: Settled | null
  stand(path: string): Standing
  /** The bytes of a regular file. Errors of the file system are thrown. */
  read(path: string): Uint8Array
  /** Does all steps, or none: a kill in between is made good by whoever opens the tree next. */
  put(steps: readonly TreeStep[]): Result<null, PutProblem>
  release(): void
}

/** The folder of a journal of files that are being put in place, and what lies in it, relative to the workspace root. */
export const APPLY_FOLDER = '.codex/apply'
