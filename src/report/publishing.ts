import type { ForgeError } from '../model/forge.ts'
import type { Published, PublishProblem } from '../model/publication.ts'
import { plain, quote, type Worded } from './phrase.ts'
import { escapeText } from './style.ts'

const OUTCOMES: Readonly<Record<Published['outcome'], (pull: string, branch: string) => string>> = {
  opened: (pull, branch) => `opened ${pull} from ${branch}`,
  reopened: (pull, branch) => `opened ${pull} again, from ${branch}`,
  updated: (pull, branch) => `moved ${branch} forward and brought ${pull} up to date`,
  unchanged: (pull, branch) => `nothing to do: ${branch} holds just this, and so does ${pull}`,
  merged: (pull) => `nothing to do: ${pull} has been merged with just this`,
}

/** What became of the proposal of a pack, in lines. */
export function publishedLines(pack: string, { outcome, pull, branch, commit, check }: Published): readonly string[] {
  const place = `#${pull.number}`
  return [
    `${escapeText(pack)}: ${OUTCOMES[outcome](place, escapeText(branch))}`,
    ...(outcome === 'merged' ? [] : [`  commit ${commit}`]),
    ...(check === 'refused'
      ? ['  note: the token may not make checks, so the commit has none; the pull request tells the same']
      : []),
    `  ${escapeText(pull.url)}`,
  ]
}

/** Why the proposal of a pack was not made, or not finished. */
export function wordPublishProblem(problem: PublishProblem): Worded {
  switch (problem.kind) {
    case 'forge':
      return wordForgeError(problem.error)
    case 'may-not-push':
      return {
        message: `The token may not write to ${quote(problem.repository)}.`,
        fix: 'give it `contents: write` and `pull-requests: write` there, or propose from a fork of your own with --fork owner/name',
      }
    case 'no-base-branch':
      return {
        message: `There is no branch ${quote(problem.branch)} to propose changes for.`,
        fix: 'name one with --base-branch or BASE_BRANCH; without either it is the default branch',
      }
    case 'branch-is-base':
      return {
        message: `The branch ${quote(problem.branch)} is one that changes are proposed for, so they can't be proposed from it.`,
        fix: 'set another ORCH_BRANCH_NAME, BRANCH_PREFIX or --target',
      }
    case 'branch-in-the-way':
      return {
        message: `There is a branch ${quote(problem.other)}, beside which git can't keep ${quote(problem.branch)}: a pack is proposed with targets or without.`,
        fix: 'set another ORCH_BRANCH_NAME, BRANCH_PREFIX or --target; or delete that branch, if it is done with',
      }
    case 'unknown-base':
      return {
        message: `GitHub does not know commit ${problem.commit}, on which the run stood, in ${quote(problem.repository)}.`,
        fix: 'push it first, or name the right repository with --repo owner/name',
      }
    case 'base-elsewhere':
      return {
        message: `The run stood on commit ${problem.commit}, which is not in the history of ${quote(problem.branch)}: other commits would be proposed with the change.`,
        fix: `run again on a commit of ${quote(problem.branch)}, or name the branch that it is in with --base-branch`,
      }
    default:
      return wordInTheWay(problem)
  }
}

type InTheWay = Extract<PublishProblem, { readonly kind: 'older-base' | 'foreign' | 'closed' }>

function wordInTheWay(problem: InTheWay): Worded {
  switch (problem.kind) {
    case 'older-base':
      return {
        message: `The branch ${quote(problem.branch)} stands on commit ${problem.on}, which is not in the history of ${problem.base}, on which the run stood: what came between would be undone.`,
        fix: `run again on a newer commit; or, if that commit is gone for good, delete the branch`,
      }
    case 'foreign': {
      const told = problem.pull ? ` (${problem.pull.url})` : ''
      return {
        message: `The branch ${quote(problem.branch)} holds commit ${problem.commit}, which codex has not made. Nothing was changed${escapeText(told)}.`,
        fix: 'merge it, or move that commit elsewhere; or close the pull request and delete the branch, and call again with --reopen',
      }
    }
    case 'closed':
      return {
        message: `The pull request #${problem.pull.number} was closed without being merged (${escapeText(problem.pull.url)}), and nothing was changed.`,
        fix: 'to propose the change again all the same, add --reopen',
      }
  }
}

function wordForgeError({ kind, method, path, status, message }: ForgeError): Worded {
  const { what, fix } = FORGE_ERRORS[kind]
  const asked = path === '' ? quote(method) : `${method} ${quote(path)}`
  const told = message === '' ? '' : `: ${plain(message)}`
  return { message: `${what(asked)}${answered(status)}${told}.`, fix }
}

const FORGE_ERRORS: Readonly<Record<ForgeError['kind'], { what: (asked: string) => string; fix: string }>> = {
  'no-rights': {
    what: (asked) => `GitHub refuses ${asked}`,
    fix: 'the token needs `contents: write` and `pull-requests: write` (and `checks: write` for a check); in GitHub Actions, the repository has to allow that pull requests are created',
  },
  missing: {
    what: (asked) => `GitHub finds nothing at ${asked}`,
    fix: 'check the name of the repository (--repo), and whether the token may see it',
  },
  conflict: {
    what: (asked) => `GitHub does not accept ${asked}`,
    fix: 'see whether a rule of the repository protects the branch; otherwise call again',
  },
  limited: {
    what: (asked) => `GitHub asks to wait longer than codex does before ${asked}`,
    fix: 'call again later: what is done is found again',
  },
  unreachable: {
    what: (asked) => `GitHub gave no whole answer to ${asked}`,
    fix: 'call again: what is done is found again, and what is missing is added',
  },
  unexpected: {
    what: (asked) => `What answers ${asked} is not as GitHub does`,
    fix: 'check --api-url and GITHUB_API_URL',
  },
  local: {
    what: (asked) => `${asked} failed`,
    fix: 'git has to be installed and to know whose commits these are: `git config user.name` and `user.email`; without --push neither is needed',
  },
}

function answered(status: number | null): string {
  return status === null ? '' : ` (${status})`
}

/** As of a run that ends otherwise: 1 what was done does not stand, 2 usage, 3 refused, 4 not within the time. */
export function publishExitCode(problem: PublishProblem): number {
  switch (problem.kind) {
    case 'older-base':
    case 'foreign':
    case 'closed':
      return 1
    case 'no-base-branch':
    case 'branch-is-base':
    case 'branch-in-the-way':
      return 2
    case 'forge':
      return problem.error.kind === 'limited' || problem.error.kind === 'unreachable' ? 4 : 3
    default:
      return 3
  }
}
