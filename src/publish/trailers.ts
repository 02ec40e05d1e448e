import type { ForgeCommit, GitId } from '../model/forge.ts'
import type { Digest } from '../model/digest.ts'

/** What a commit that was made here says of itself, in the last lines of its message. */
export interface Trailers {
  /** SHA-256 of the manifest of the run whose change it is. */
  readonly run: Digest
  /** The commit that the run stood on. */
  readonly base: GitId
  /** The tree of the commit itself. */
  readonly tree: GitId
}

const LINES = /\n\nCodex-Run: ([0-9a-f]{64})\nCodex-Base: ([0-9a-f]{40})\nCodex-Tree: ([0-9a-f]{40})\n*$/

export function withTrailers(message: string, { run, base, tree }: Trailers): string {
  return `${message.trimEnd()}\n\nCodex-Run: ${run}\nCodex-Base: ${base}\nCodex-Tree: ${tree}\n`
}

/**
 * What a commit says of itself, if it tells the truth: `null` for one that somebody else has made, or has changed by an amendment or
 * a rebase, because its tree is another one then.
 */
export function trailersOf({ message, tree }: ForgeCommit): Trailers | null {
  const [, run, base, told] = LINES.exec(message) ?? []
  if (run === undefined || base === undefined || told !== tree) return null
  return { run, base, tree }
}
