// What is to be done for a proposal, as a pure function of what was found.
import type { ForgePull, GitId, Relation } from '../model/forge.ts'
import type { Proposal, PublishProblem, PullPlace } from '../model/publication.ts'
import { findSection, MOST_BODY, sectionOf, withSection } from './section.ts'
import type { Standing } from './standing.ts'
import type { Trailers } from './trailers.ts'

export interface Found {
  readonly branch: string
  readonly standing: Standing
  /** Of the branch, the newest first. */
  readonly pulls: readonly ForgePull[]
  /** What the newest pull request stood at last says of itself, where that is asked for. */
  readonly merged: Trailers | null
  /** How the branch relates to the run's base, and so does the base that it stands on; `null`: it was not asked for. */
  readonly head: Relation | null
  readonly earlier: Relation | null
}

/** What happens to the branch, and then to its pull request. */
export interface Decision {
  readonly branch:
    | { readonly kind: 'keep'; readonly at: GitId }
    | { readonly kind: 'make' | 'move'; readonly parents: readonly GitId[] }
  readonly pull:
    | { readonly kind: 'open'; readonly body: string }
    | { readonly kind: 'keep' | 'reopen'; readonly pull: ForgePull; readonly body: string | null }
}

export type Decided =
  | { readonly kind: 'stop'; readonly problem: PublishProblem }
  /** Just this was merged before. */
  | { readonly kind: 'merged'; readonly pull: ForgePull }
  | ({ readonly kind: 'go' } & Decision)

export function decide(proposal: Proposal, found: Found, reopen: boolean): Decided {
  const { standing, pulls, branch } = found
  const open = openPull(pulls)
  const newest = pulls[0]
  if (standing.kind === 'foreign') {
    const place = open ? placeOf(open) : null
    return stop({ kind: 'foreign', branch, commit: standing.commit, pull: place })
  }
  if (!open && newest && !newest.merged && !reopen) return stop({ kind: 'closed', pull: placeOf(newest) })
  const proposed = standing.kind === 'ours' ? standing.trailers : found.merged
  if (!open && newest?.merged && proposed && isSame(proposed, proposal)) return { kind: 'merged', pull: newest }
  const move = moveOf(proposal, found)
  if (move.kind === 'stop') return move
  return { kind: 'go', branch: move, pull: pullOf(proposal, open ?? null, newest ?? null) }
}

/** The one that is ours among several, otherwise the oldest. */
export function openPull(pulls: readonly ForgePull[]): ForgePull | undefined {
  const open = pulls.filter(({ state }) => state === 'open')
  return open.find(({ body }) => findSection(body)) ?? open.at(-1)
}

export function placeOf({ number, url }: ForgePull): PullPlace {
  return { number, url }
}

function stop(problem: PublishProblem): { readonly kind: 'stop'; readonly problem: PublishProblem } {
  return { kind: 'stop', problem }
}

/** The same files, on the same commit: whatever run found them. */
function isSame(one: Pick<Trailers, 'tree' | 'base'>, { tree, base }: Proposal): boolean {
  return one.tree === tree && one.base === base
}

/**
 * A branch only ever moves forward. Where the base has moved as well, the new commit merges it, so that a pull request shows the
 * change alone; where it has moved back, such a commit would undo what came between.
 */
function moveOf(
  proposal: Proposal,
  { standing, branch, head, earlier }: Found,
): Decision['branch'] | ReturnType<typeof stop> {
  const { base } = proposal
  if (standing.kind === 'none' || standing.kind === 'foreign') return { kind: 'make', parents: [base] }
  const isBehind = head === 'ahead' || head === 'identical'
  if (standing.kind === 'empty') {
    if (isBehind) return { kind: 'move', parents: [base] }
    return stop({ kind: 'older-base', branch, base, on: standing.head })
  }
  const { trailers, head: at } = standing
  if (isSame(trailers, proposal)) return { kind: 'keep', at }
  if (trailers.base === base) return { kind: 'move', parents: [at] }
  if (isBehind) return { kind: 'move', parents: [base] }
  if (earlier === 'ahead') return { kind: 'move', parents: [at, base] }
  return stop({ kind: 'older-base', branch, base, on: trailers.base })
}

function pullOf(proposal: Proposal, open: ForgePull | null, newest: ForgePull | null): Decision['pull'] {
  const known = open ?? (newest && !newest.merged ? newest : null)
  if (!known) return { kind: 'open', body: bodyWith('', proposal) }
  const told = findSection(known.body)
  const isTold = told?.intact === true && isSame(told, proposal)
  return { kind: open ? 'keep' : 'reopen', pull: known, body: isTold ? null : bodyWith(known.body, proposal) }
}

/** All of the evidence where there is room beside what others have written, otherwise what matters most of it. */
export function bodyWith(body: string, proposal: Proposal): string {
  const { evidence, evidenceInShort } = proposal.words
  const whole = withSection(body, sectionOf(evidence, proposal))
  return whole.length <= MOST_BODY ? whole : withSection(body, sectionOf(evidenceInShort, proposal))
}
