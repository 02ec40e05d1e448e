import type { Annotation, Forge, NewCheck } from '../../model/forge.ts'
import { ok } from '../../model/result.ts'
import { githubClient, type ClientOptions } from './client.ts'
import { makeCommit, PLACEHOLDER } from './commits.ts'
import { placeOf, type Place } from './place.ts'
import * as shapes from './shapes.ts'

export interface GithubOptions extends ClientOptions {
  /** Where changes are proposed, as `owner/name`. */
  readonly repository: string
  /** Where their branches are, the same or a fork of it. */
  readonly fork: string
}

/** GitHub through its REST API. */
export function githubForge(options: GithubOptions): Forge {
  const client = githubClient(options)
  const repository = placeOf(client, options.repository)
  const heads = options.fork === options.repository ? repository : placeOf(client, options.fork)
  return {
    repository: repository.about,
    headRepository: heads.about,
    baseBranch: async (branch) => repository.find('branches/{branch}', { branch }, shapes.BRANCH),
    relation: async (from, to) =>
      repository.find('compare/{basehead}', { basehead: `${from}...${to}`, per_page: 1 }, shapes.COMPARISON),
    head: async (branch) => heads.find('git/ref/{ref}', { ref: `heads/${branch}` }, shapes.REF),
    branchInTheWay: async (branch) => inTheWay(heads, branch),
    commit: async (id) => heads.find('git/commits/{commit_sha}', { commit_sha: id }, shapes.COMMIT),
    makeCommit: async (commit) => makeCommit(heads, commit),
    makeBranch: async (branch, sha) =>
      heads.write('POST', 'git/refs', { parameters: { ref: `refs/heads/${branch}`, sha } }),
    moveBranch: async (branch, sha) =>
      heads.write('PATCH', 'git/refs/{ref}', { parameters: { ref: `heads/${branch}`, sha, force: false } }),
    ...pullsOf(repository, heads),
    ...checksOf(repository),
  }
}

async function inTheWay(heads: Place, branch: string): ReturnType<Forge['branchInTheWay']> {
  const below = await heads.findAll('git/matching-refs/{ref}', {
    parameters: { ref: `heads/${branch}/` },
    shape: shapes.BRANCHES,
  })
  if (!below.ok) return below
  const [first] = below.value
  if (first !== undefined) return ok(first)
  const parts = branch.split('/')
  for (const length of Array.from({ length: parts.length - 1 }, (_, at) => at + 1)) {
    const parent = parts.slice(0, length).join('/')
    const head = await heads.find('git/ref/{ref}', { ref: `heads/${parent}` }, shapes.REF)
    if (!head.ok) return head
    if (head.value !== null) return ok(parent)
  }
  return ok(null)
}

function pullsOf(
  repository: Place,
  heads: Place,
): Pick<Forge, 'pulls' | 'comments' | 'openPull' | 'editPull' | 'comment'> {
  return {
    pulls: async (branch) => {
      const from = await heads.about()
      if (!from.ok) return from
      const { name } = from.value
      const parameters = { head: `${ownerOf(name)}:${branch}`, state: 'all', sort: 'created', direction: 'desc' }
      const found = await repository.findAll('pulls', { parameters, shape: shapes.PULL.array() })
      if (!found.ok) return found
      // Of an owner's several forks each may have such a branch.
      return ok(found.value.filter((pull) => pull.from.branch === branch && isSame(pull.from.repository, name)))
    },
    comments: async (pull) =>
      repository.findAll('issues/{issue_number}/comments', {
        parameters: { issue_number: pull },
        shape: shapes.COMMENT.array(),
      }),
    openPull: async ({ title, body, branch, base }) => {
      const [at, from] = [await repository.about(), await heads.about()]
      if (!at.ok) return at
      if (!from.ok) return from
      const isFork = at.value.name !== from.value.name
      const head = isFork
        ? { head: `${ownerOf(from.value.name)}:${branch}`, head_repo: from.value.name.split('/')[1] }
        : { head: branch }
      const parameters = { title, ...head, base, body }
      return repository.make('POST', 'pulls', { parameters, shape: shapes.PULL, instead: newPull(body, base) })
    },
    editPull: async (pull, edit) => {
      const asked = { parameters: { pull_number: pull, ...edit }, shape: shapes.PULL, instead: newPull('', '') }
      return repository.make('PATCH', 'pulls/{pull_number}', asked)
    },
    comment: async (pull, body) =>
      repository.write('POST', 'issues/{issue_number}/comments', { parameters: { issue_number: pull, body } }),
  }
}

function ownerOf(name: string): string {
  return name.split('/')[0] ?? ''
}

/** Names of repositories differ in more than case. */
function isSame(one: string | null, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase()
}

/** What a dry run goes on with. */
function newPull(body: string, base: string): shapes.ListedPull {
  const from = { repository: null, branch: '' }
  return { number: 0, url: '', state: 'open', merged: false, body, base, head: PLACEHOLDER, from }
}

/** So many annotations GitHub takes at a time. */
const BATCH = 50

function checksOf(repository: Place): Pick<Forge, 'hasCheck' | 'makeCheck'> {
  return {
    hasCheck: async (commit, name) => {
      // Of a dry run.
      if (commit === PLACEHOLDER) return ok(false)
      const parameters = { ref: commit, check_name: name, filter: 'latest' }
      const found = await repository.find('commits/{ref}/check-runs', parameters, shapes.CHECKS)
      return found.ok ? ok(found.value ?? false) : found
    },
    makeCheck: async (check) => {
      const batches = batchesOf(check.annotations)
      const [first = [], ...rest] = batches
      const begun = await repository.make('POST', 'check-runs', {
        parameters: {
          name: check.name,
          head_sha: check.commit,
          external_id: check.externalId,
          ...stateOf(check, rest.length === 0),
          output: outputOf(check, first),
        },
        shape: shapes.CHECK,
        instead: 0,
      })
      if (!begun.ok) return begun
      for (const [at, batch] of rest.entries()) {
        const isLast = at === rest.length - 1
        const parameters = { check_run_id: begun.value, ...stateOf(check, isLast), output: outputOf(check, batch) }
        const added = await repository.write('PATCH', 'check-runs/{check_run_id}', { parameters })
        if (!added.ok) return added
      }
      return ok(null)
    },
  }
}

function batchesOf(annotations: readonly Annotation[]): readonly (readonly Annotation[])[] {
  const count = Math.ceil(annotations.length / BATCH)
  return Array.from({ length: count }, (_, at) => annotations.slice(at * BATCH, (at + 1) * BATCH))
}

/** It is done with its last annotations, so that one that was left half done can be told. */
function stateOf({ conclusion }: NewCheck, isDone: boolean): object {
  return isDone ? { status: 'completed', conclusion } : { status: 'in_progress' }
}

function outputOf({ title, summary }: NewCheck, annotations: readonly Annotation[]): object {
  const notes = annotations.map(({ path, line, level, title: about, message }) => {
    return { path, start_line: line, end_line: line, annotation_level: level, title: about, message }
  })
  return { title, summary, ...(notes.length > 0 ? { annotations: notes } : {}) }
}
