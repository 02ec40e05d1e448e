// What a GitHub knows: repositories with a real one of git behind each network of forks, their pull requests, comments and checks.
import { join } from 'node:path'
import { gitStore, refsOf, type GitStore, type Refs } from './objects.ts'

export interface Pull {
  readonly number: number
  title: string
  body: string
  state: 'open' | 'closed'
  mergedAt: string | null
  /** Repository and branch that it comes from, and the commit. */
  readonly from: Repository
  readonly branch: string
  head: string
  base: string
  readonly comments: { id: number; body: string }[]
}

export interface Check {
  readonly id: number
  readonly name: string
  readonly commit: string
  readonly externalId: string
  status: string
  conclusion: string | null
  readonly annotations: Record<string, unknown>[]
}

export interface Repository {
  name: string
  /** Names that it had before. */
  readonly earlier: string[]
  defaultBranch: string
  /** New names of branches by those that they had before. */
  readonly renamed: Map<string, string>
  /** Branches that nobody may write to. */
  readonly protectedBranches: Set<string>
  readonly store: GitStore
  readonly refs: Refs
  readonly pulls: Pull[]
  readonly checks: Check[]
}

export interface Token {
  readonly push: boolean
  readonly pulls: boolean
  readonly checks: boolean
}

export interface State {
  readonly folder: string
  readonly repositories: Repository[]
  readonly tokens: Map<string, Token>
  /** Counts up with everything that is made, so that no two are alike. */
  count: number
}

export const TOKEN = 'ghp_fake0123456789'
export const EVERYTHING: Token = { push: true, pulls: true, checks: true }

/** A GitHub with nothing in it, whose token may do everything. @param folder absolute, for repositories of git */
export function githubState(folder: string): State {
  return { folder, repositories: [], tokens: new Map([[TOKEN, EVERYTHING]]), count: 0 }
}

export function addRepository(state: State, name: string): Repository {
  const made = newRepository(join(state.folder, name), name)
  state.repositories.push(made)
  return made
}

function newRepository(folder: string, name: string): Repository {
  return { ...bare(name), store: gitStore(`${folder}.git`), refs: refsOf(`${folder}.git`) }
}

function bare(name: string): Omit<Repository, 'store' | 'refs'> {
  return {
    ...{ name, earlier: [], defaultBranch: 'main', renamed: new Map<string, string>() },
    ...{ protectedBranches: new Set<string>(), pulls: [], checks: [] },
  }
}

/** A fork has branches of its own, and objects in common with what it is one of. */
export function fork(state: State, of: Repository, name: string): Repository {
  const refs = refsOf(join(of.store.folder, 'forks', name))
  refs.set('main', of.refs.get('main') ?? '')
  const made = { ...bare(name), store: of.store, refs }
  state.repositories.push(made)
  return made
}

/** A branch moves by whatever means; its open pull requests move with it, and end with it. */
export function moveRef(state: State, repository: Repository, branch: string, id: string | null): void {
  if (id === null) repository.refs.delete(branch)
  else repository.refs.set(branch, id)
  for (const { pulls } of state.repositories)
    for (const pull of pulls) {
      if (pull.from !== repository || pull.branch !== branch || pull.state === 'closed') continue
      if (id === null) pull.state = 'closed'
      else pull.head = id
    }
}

/** As a person does with a button: a merge commit, a squashed one, or the commits as they are. */
export function mergePull(state: State, repository: Repository, pull: Pull, how: 'merge' | 'squash' = 'merge'): string {
  const { store, refs } = repository
  const onto = refs.get(pull.base) ?? ''
  const { tree } = store.commit(pull.head)
  const parents = how === 'merge' ? [onto, pull.head] : [onto]
  const merged = store.makeCommit({ tree, parents, message: `Merge #${pull.number}\n` }, identity(state))
  pull.state = 'closed'
  pull.mergedAt = '2026-01-03T00:00:00Z'
  moveRef(state, repository, pull.base, merged)
  return merged
}

export function identity(state: State, name = 'GitHub'): string {
  return `${name} <noreply@github.test> ${1_767_000_000 + state.count++} +0000`
}
