import type { Forge, ForgeError, ForgePull, GitId } from '../model/forge.ts'
import type { Proposal, Published, PublishOptions, PublishProblem } from '../model/publication.ts'
import { err, ok, type Result } from '../model/result.ts'
import { bodyWith, decide, openPull, placeOf, type Decision, type Found } from './decide.ts'
import { standingOf, type Standing } from './standing.ts'
import { trailersOf, withTrailers } from './trailers.ts'

type Step<T> = Promise<Result<T, PublishProblem>>

/** So often everything is looked at again after somebody else was quicker, or nobody can tell whether a write was done. */
const LOOKS = 4

/**
 * Proposes a change: one branch that only moves forward, and one pull request for it. Everything is looked for before it is made, so
 * whatever was left half done, by this call or another one, is found and finished.
 */
export async function publish(forge: Forge, proposal: Proposal, options: PublishOptions): Step<Published> {
  for (let look = 1; ; look++) {
    const done = await publishOnce(forge, proposal, options)
    if (done.ok || look === LOOKS || done.error.kind !== 'forge' || !isUnsettled(done.error.error)) return done
  }
}

function isUnsettled({ kind, method }: ForgeError): boolean {
  return kind === 'conflict' || (kind === 'unreachable' && method !== 'GET')
}

async function publishOnce(forge: Forge, proposal: Proposal, options: PublishOptions): Step<Published> {
  const { branch } = options
  const base = await baseOf(forge, proposal, options)
  if (!base.ok) return base
  const found = await findAll(forge, proposal, { branch, base: base.value })
  if (!found.ok) return found
  const decided = decide(proposal, found.value, options.reopen)
  if (decided.kind === 'stop') return stopped(forge, proposal, decided.problem)
  const place = { branch, base: base.value }
  if (decided.kind === 'merged') {
    const { pull } = decided
    return ok({ outcome: 'merged', pull: placeOf(pull), ...place, commit: pull.head, check: 'there' })
  }
  const commit = await branchStands(forge, proposal, { decided, branch, standing: found.value.standing })
  if (!commit.ok) return commit
  const pull = await pullStands(forge, proposal, { decided, ...place })
  if (!pull.ok) return pull
  const check = await checkStands(forge, proposal, commit.value)
  if (!check.ok) return check
  const outcome = pull.value.outcome ?? (decided.branch.kind === 'keep' ? 'unchanged' : 'updated')
  return ok({ outcome, pull: placeOf(pull.value.pull), ...place, commit: commit.value, check: check.value })
}

function asProblem<T>(answer: Result<T, ForgeError>): Result<T, PublishProblem> {
  return answer.ok ? answer : err({ kind: 'forge', error: answer.error })
}

/** The branch that the change is for, by the name that it has now, as far as the change can be proposed for it. */
async function baseOf(forge: Forge, proposal: Proposal, options: PublishOptions): Step<string> {
  const [repository, heads] = [asProblem(await forge.repository()), asProblem(await forge.headRepository())]
  if (!repository.ok) return repository
  if (!heads.ok) return heads
  if (heads.value.mayPush === false) return err({ kind: 'may-not-push', repository: heads.value.name })
  const wanted = options.base ?? repository.value.defaultBranch
  const base = asProblem(await forge.baseBranch(wanted))
  if (!base.ok) return base
  if (base.value === null) return err({ kind: 'no-base-branch', branch: wanted })
  const { name } = base.value
  if (options.branch === name || options.branch === heads.value.defaultBranch) {
    return err({ kind: 'branch-is-base', branch: options.branch })
  }
  const relation = asProblem(await forge.relation(proposal.base, name))
  if (!relation.ok) return relation
  if (relation.value === null) {
    return err({ kind: 'unknown-base', commit: proposal.base, repository: repository.value.name })
  }
  const holds = relation.value === 'ahead' || relation.value === 'identical'
  return holds ? ok(name) : err({ kind: 'base-elsewhere', commit: proposal.base, branch: name })
}

async function findAll(
  forge: Forge,
  proposal: Proposal,
  { branch, base }: { readonly branch: string; readonly base: string },
): Step<Found> {
  // The branch first: what is done to it afterwards makes the move fail, and what is done to pull requests is seen.
  const standing = asProblem(await standingOf(forge, branch, base))
  if (!standing.ok) return standing
  const pulls = asProblem(await forge.pulls(branch))
  if (!pulls.ok) return pulls
  const head = await relationOf(forge, standing.value, proposal)
  if (!head.ok) return head
  const { trailers = null } = standing.value.kind === 'ours' ? standing.value : {}
  const asked = trailers !== null && trailers.base !== proposal.base
  const earlier = asked ? asProblem(await forge.relation(trailers.base, proposal.base)) : ok(null)
  if (!earlier.ok) return earlier
  const [newest] = pulls.value
  const gone = standing.value.kind === 'none' && newest?.merged ? asProblem(await forge.commit(newest.head)) : ok(null)
  if (!gone.ok) return gone
  const merged = gone.value && trailersOf(gone.value)
  return ok({ branch, standing: standing.value, pulls: pulls.value, merged, head: head.value, earlier: earlier.value })
}

/** Asked for only where the answer matters. */
async function relationOf(forge: Forge, standing: Standing, { base }: Proposal): Step<Found['head']> {
  const matters = standing.kind === 'empty' || (standing.kind === 'ours' && standing.trailers.base !== base)
  return matters ? asProblem(await forge.relation(standing.head, base)) : ok(null)
}

const FOREIGN = '<!-- codex:foreign -->'

/** Whoever has put a commit on the branch is told once. */
async function stopped(forge: Forge, { words }: Proposal, problem: PublishProblem): Step<never> {
  if (problem.kind !== 'foreign' || problem.pull === null) return err(problem)
  const { number } = problem.pull
  const comments = asProblem(await forge.comments(number))
  if (!comments.ok) return comments
  if (!comments.value.some((body) => body.includes(FOREIGN))) {
    const said = asProblem(await forge.comment(number, `${words.foreign(problem.commit)}\n\n${FOREIGN}`))
    if (!said.ok) return said
  }
  return err(problem)
}

interface Branching {
  readonly decided: Decision
  readonly branch: string
  readonly standing: Standing
}

async function branchStands(forge: Forge, proposal: Proposal, { decided, branch, standing }: Branching): Step<GitId> {
  if (decided.branch.kind === 'keep') return ok(decided.branch.at)
  const { parents } = decided.branch
  const { base, baseTree, tree, files, words } = proposal
  const message = withTrailers(words.message, proposal)
  if (standing.kind === 'none') {
    const other = asProblem(await forge.branchInTheWay(branch))
    if (!other.ok) return other
    if (other.value !== null) return err({ kind: 'branch-in-the-way', branch, other: other.value })
  }
  const made = asProblem(await forge.makeCommit({ message, parents, baseTree, tree, files }))
  if (!made.ok) return made
  const stands = standing.kind === 'none' ? await forge.makeBranch(branch, made.value) : await moved(made.value)
  return stands.ok ? made : asProblem(stands)

  async function moved(commit: GitId): ReturnType<Forge['moveBranch']> {
    return forge.moveBranch(branch, commit, standing.kind === 'none' ? base : standing.head)
  }
}

interface Pulling {
  readonly decided: Decision
  readonly branch: string
  readonly base: string
}

interface Pulled {
  readonly pull: ForgePull
  /** `null`: nothing happened to its state. */
  readonly outcome: 'opened' | 'reopened' | 'updated' | null
}

async function pullStands(forge: Forge, proposal: Proposal, { decided, branch, base }: Pulling): Step<Pulled> {
  const { pull: wanted } = decided
  if (wanted.kind === 'open') return opened(forge, { title: proposal.words.title, body: wanted.body, branch, base })
  const { pull, body } = wanted
  const edit = { ...(body === null ? {} : { body }), ...(wanted.kind === 'reopen' ? { state: 'open' as const } : {}) }
  if (Object.keys(edit).length === 0) return ok({ pull, outcome: null })
  const edited = await forge.editPull(pull.number, edit)
  if (edited.ok) return ok({ pull: edited.value, outcome: wanted.kind === 'reopen' ? 'reopened' : 'updated' })
  // One whose branch was deleted or made anew can't be opened again.
  if (wanted.kind !== 'reopen' || edited.error.kind !== 'conflict') return asProblem(edited)
  return opened(forge, { title: proposal.words.title, body: bodyWith('', proposal), branch, base })
}

async function opened(forge: Forge, pull: Parameters<Forge['openPull']>[0]): Step<Pulled> {
  const made = await forge.openPull(pull)
  if (made.ok) return ok({ pull: made.value, outcome: 'opened' })
  if (made.error.kind !== 'conflict') return asProblem(made)
  // Somebody else was quicker.
  const pulls = asProblem(await forge.pulls(pull.branch))
  if (!pulls.ok) return pulls
  const there = openPull(pulls.value)
  return there && there.body === pull.body ? ok({ pull: there, outcome: 'opened' }) : asProblem(made)
}

async function checkStands(forge: Forge, proposal: Proposal, commit: GitId): Step<Published['check']> {
  const { name, ...words } = proposal.words.check
  const there = await forge.hasCheck(commit, name)
  const mayNot = (error: ForgeError): boolean => error.kind === 'no-rights' || error.kind === 'missing'
  if (!there.ok) return mayNot(there.error) ? ok('refused') : asProblem(there)
  if (there.value) return ok('there')
  const made = await forge.makeCheck({ name, ...words, commit, externalId: proposal.run, conclusion: 'success' })
  if (made.ok) return ok('made')
  return mayNot(made.error) ? ok('refused') : asProblem(made)
}
