import type { ChangesProblem } from '../model/changes.ts'
import { didYouMean, plain, quote } from './phrase.ts'
import { escapeText } from './style.ts'

interface Words {
  readonly message: string
  /** Safe to print. */
  readonly fix: string
}

/** Why a commit can't be read or compared with, and the command that helps. */
export function wordChangesProblem(problem: ChangesProblem, suggestion: string | null): Words {
  switch (problem.kind) {
    case 'no-git':
      return {
        message: 'There is no git to read the repository with.',
        fix: 'Install git, or leave out --since or --base.',
      }
    case 'no-repository':
      return {
        message: `${quote(problem.root)} is in no git repository, so it has no commits.`,
        fix: 'Leave out --since or --base, or clone the repository with `git clone`.',
      }
    case 'not-owned':
      return {
        message: `The repository ${quote(problem.folder)} belongs to somebody else, so git does not read it.`,
        fix: command(['git', 'config', '--global', '--add', 'safe.directory', problem.folder]),
      }
    case 'no-commit':
      return {
        message: 'The repository has no commit yet, so there is nothing to compare with.',
        fix: command(['git', 'commit']),
      }
    case 'unknown-ref':
      return unknownRef(problem, suggestion)
    case 'no-merge-base':
      return noMergeBase(problem)
    case 'failed':
      return { message: `git can't tell what has changed: ${plain(problem.detail)}.`, fix: command(['git', 'status']) }
  }
}

type UnknownRef = Extract<ChangesProblem, { kind: 'unknown-ref' }>

function unknownRef({ ref, shallow, remote }: UnknownRef, suggestion: string | null): Words {
  const clone = shallow ? 'this shallow clone' : 'this repository'
  const message = `${quote(ref)} is no commit of ${clone}.`
  const near = didYouMean(suggestion)
  if (near !== null) return { message, fix: near }
  if (!remote) return { message, fix: command(['git', 'branch', '--all']) }
  const { name, branch } = remote
  const spec = branch === null ? specOf(ref) : `+refs/heads/${branch}:refs/remotes/${name}/${branch}`
  return { message, fix: command(['git', 'fetch', ...(shallow ? ['--unshallow'] : []), name, spec]) }
}

/** A commit is asked for by its id, a branch or a tag so that it has the same name here. */
function specOf(ref: string): string {
  return /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(ref) ? ref : `${ref}:${ref}`
}

function noMergeBase({ ref, shallow, remote }: Extract<ChangesProblem, { kind: 'no-merge-base' }>): Words {
  if (shallow && remote !== null) {
    return {
      message: `This shallow clone does not reach back to where HEAD and ${quote(ref)} parted.`,
      fix: command(['git', 'fetch', '--unshallow', remote]),
    }
  }
  return {
    message: `HEAD and ${quote(ref)} have no commit in common.`,
    fix: 'Name a commit that HEAD descends from; `git log` shows them.',
  }
}

/** A line for a shell. */
function command(argv: readonly string[]): string {
  const quoted = argv.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`,
  )
  return escapeText(quoted.join(' '))
}
