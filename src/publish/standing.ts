import type { ForgeCommit, ForgeError, Forge, GitId } from '../model/forge.ts'
import { err, ok, type Result } from '../model/result.ts'
import { trailersOf, type Trailers } from './trailers.ts'

/** What is known of the branch of a proposal. */
export type Standing =
  | { readonly kind: 'none' }
  /** It holds nothing beyond the branch that it is for. */
  | { readonly kind: 'empty'; readonly head: GitId }
  /** Every commit of it was made here. `trailers` are those of the last one. */
  | { readonly kind: 'ours'; readonly head: GitId; readonly trailers: Trailers }
  /** `commit`: the newest one that somebody else has made. */
  | { readonly kind: 'foreign'; readonly head: GitId; readonly commit: GitId }

/** So many updates of one proposal are followed back. */
const LONGEST = 500

/**
 * Looks at every commit of a branch. Ours is one that tells the truth of its own tree and stands on ours, or on the commit that its
 * run stood on; a merge of ours has that commit as its second parent.
 */
export async function standingOf(forge: Forge, branch: string, base: string): Promise<Result<Standing, ForgeError>> {
  const head = await forge.head(branch)
  if (!head.ok) return head
  if (head.value === null) return ok({ kind: 'none' })
  let last: Trailers | null = null
  for (let at = head.value, count = 0; count < LONGEST; count++) {
    const found = await forge.commit(at)
    if (!found.ok) return found
    if (found.value === null) return err(unknown(at))
    const trailers = trailersOf(found.value)
    const below = trailers && parentOf(found.value, trailers)
    if (!trailers || !below)
      return head.value === at ? await bare(forge, at, base) : ok({ kind: 'foreign', head: head.value, commit: at })
    last ??= trailers
    if (below === 'base') return ok({ kind: 'ours', head: head.value, trailers: last })
    at = below
  }
  return ok({ kind: 'foreign', head: head.value, commit: head.value })
}

/** What a commit of ours stands on; `null`: it is not as we make them. */
function parentOf({ parents }: ForgeCommit, { base }: Trailers): GitId | 'base' | null {
  const [first, second, ...more] = parents
  if (first === undefined || more.length > 0) return null
  if (second === undefined) return first === base ? 'base' : first
  return second === base ? first : null
}

/** A branch may have been made by hand, and hold nothing yet. */
async function bare(forge: Forge, head: GitId, base: string): Promise<Result<Standing, ForgeError>> {
  const relation = await forge.relation(head, base)
  if (!relation.ok) return relation
  const isEmpty = relation.value === 'identical' || relation.value === 'ahead'
  return ok(isEmpty ? { kind: 'empty', head } : { kind: 'foreign', head, commit: head })
}

function unknown(commit: GitId): ForgeError {
  return {
    kind: 'unexpected',
    method: 'GET',
    path: `/git/commits/${commit}`,
    status: 404,
    message: 'a branch holds a commit that is not known',
  }
}
