// What tests of publishing begin with: a GitHub, a repository in it with a commit, and a way to propose something there.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { githubForge, type GithubOptions } from '../../../src/host/github/forge.ts'
import type { Forge, GitId } from '../../../src/model/forge.ts'
import type { Proposal, Published, PublishOptions, PublishProblem } from '../../../src/model/publication.ts'
import type { Result } from '../../../src/model/result.ts'
import { publish } from '../../../src/publish/publish.ts'
import { commitOn, proposalOn, type Texts } from './proposals.ts'
import { startGithub, type Fault, type Github } from './server.ts'
import { addRepository, githubState, TOKEN, type Pull, type Repository, type State } from './state.ts'

export const BRANCH = 'codex/bump'

/** A GitHub for all tests of a file; whatever of it is not as GitHub says fails them, where it is held to that. */
export function useGithub(held: boolean): { readonly github: Github } {
  const folder = mkdtempSync(join(tmpdir(), 'codex-github-'))
  const used = {} as { github: Github }
  beforeAll(async () => {
    used.github = await startGithub(githubState(folder), held)
  })
  afterAll(async () => {
    await used.github.close()
    rmSync(folder, { recursive: true })
    expect(used.github.violations).toEqual([])
  })
  return used
}

export interface Scene {
  readonly github: Github
  readonly state: State
  readonly main: Repository
  /** The first commit. */
  readonly base: GitId
  forge(options?: Partial<GithubOptions>): Forge
  /** Of a change on a commit, the first one unless another is given. */
  proposal(texts: Texts, base?: GitId, run?: string): Proposal
  propose(
    proposal: Proposal,
    options?: Partial<PublishOptions> & Partial<GithubOptions>,
  ): Promise<Result<Published, PublishProblem>>
  /** Somebody's commit. */
  commit(branch: string, texts: Texts): GitId
  head(): GitId | null
  /** Files of a commit by their paths. */
  open(): readonly Pull[]
}

const FILES: Texts = { version: '1\n', 'docs/CHANGES': 'first\n', 'docs/old': 'old\n' }

export function sceneIn(github: Github): Scene {
  const { state } = github
  github.onRequest = () => null
  github.onHandled = () => {}
  github.writes.length = 0
  const main = addRepository(state, `acme/shop${state.repositories.length}`)
  const base = commitOn(state, main, 'main', FILES)
  const forge: Scene['forge'] = (options) =>
    githubForge({
      ...{ apiUrl: github.url, token: TOKEN, userAgent: 'test', dryRun: null, secondMs: 0, timeoutMs: 5000 },
      ...{ repository: main.name, fork: main.name, ...options },
    })
  return {
    ...{ github, state, main, base, forge },
    proposal: (texts, on = base, run = 'run') => proposalOn(main.store, on, texts, run),
    propose: async (proposal, { branch = BRANCH, base: onto = null, reopen = false, ...options } = {}) =>
      publish(forge(options), proposal, { branch, base: onto, reopen }),
    commit: (branch, texts) => commitOn(state, main, branch, texts),
    head: () => main.refs.get(BRANCH),
    open: () => main.pulls.filter((pull) => pull.state === 'open'),
  }
}

/** Lets the requests that fit go wrong, so often. */
export function failing(
  github: Github,
  fits: (method: string, path: string) => boolean,
  fault: Fault,
  times = 1,
): void {
  let left = times
  github.onRequest = (method, path) => (fits(method, path) && left-- > 0 ? fault : null)
}

/** What has to be true of a pull request that says what a proposal does. */
export function expectDone({ main, head, open }: Scene, { tree, run, base, words }: Proposal): void {
  const commit = main.store.commit(head() ?? '')
  expect(commit.tree).toBe(tree)
  expect(commit.message).toBe(`${words.message}\n\nCodex-Run: ${run}\nCodex-Base: ${base}\nCodex-Tree: ${tree}\n`)
  expect(open().map((pull) => pull.head)).toEqual([commit.id])
  expect(open()[0]?.body).toContain(words.evidence.trimEnd())
  const checks = main.checks.filter((check) => check.commit === commit.id && check.status === 'completed')
  expect(checks.map(({ conclusion }) => conclusion)).toEqual(['success'])
}
