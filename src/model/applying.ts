import type { FileState, PatchProblem } from './change.ts'
import type { PackId } from './pack.ts'
import type { PutProblem, Settled, Standing, TreeProblem } from './working-tree.ts'

/** A file that a run has made and that is to stand in the working tree; or that it has deleted. */
export interface AppliedFile {
  /** Relative to the workspace root. */
  readonly path: string
  readonly pack: PackId
  readonly what: 'change' | 'artifact'
  /** What becomes of the file that stands there; `none`: it is what it is to be already. */
  readonly action: 'make' | 'change' | 'delete' | 'none'
}

/** Why a run is not put into the working tree. */
export type ApplyProblem =
  /** What the run has kept does not hold what its manifest says. `path`: in its folder. */
  | { readonly kind: 'evidence'; readonly path: string; readonly pack: PackId; readonly problem: PatchProblem | null }
  /** What stands there is neither what the pack was run on nor what it made of it. */
  | {
      readonly kind: 'changed'
      readonly path: string
      readonly pack: PackId
      readonly before: FileState | null
      readonly found: Standing
    }
  /** What stands in an artifact's place is not known to be an earlier one. */
  | { readonly kind: 'in-the-way'; readonly path: string; readonly pack: PackId; readonly found: Standing }
  | { readonly kind: 'put'; readonly problem: PutProblem }
  | { readonly kind: 'tree'; readonly problem: TreeProblem }

/** What came of putting a run into the working tree. */
export interface Applied {
  /** In the order of their paths. */
  readonly files: readonly AppliedFile[]
  /** Empty: all of the files are as the run has made them, or would be with a dry run. */
  readonly problems: readonly ApplyProblem[]
  readonly settled: Settled | null
  readonly dryRun: boolean
}

/** The exit code of a problem: evidence that is not genuine is graver than a tree that has moved on. */
export function applyExitCode({ problems }: Pick<Applied, 'problems'>): number {
  if (problems.length === 0) return 0
  const isForged = problems.some(
    (each) => each.kind === 'evidence' || (each.kind === 'put' && each.problem.kind === 'source'),
  )
  return isForged ? 5 : 1
}
