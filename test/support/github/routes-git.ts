// The Git Data API, and what is asked of branches: https://docs.github.com/rest/git
import {
  answer,
  NOT_FOUND,
  NO_RIGHTS,
  refuse,
  text,
  REPOSITORY,
  repositoryOf,
  type Call,
  type Handler,
  type Reply,
} from './answers.ts'
import type { TreeEntry } from './objects.ts'
import { identity, moveRef, type Repository } from './state.ts'

export const GIT_ROUTES: Readonly<Record<string, Handler>> = {
  [`GET ${REPOSITORY}`]: (call) => answer(call, `GET ${REPOSITORY}`, 200, repositoryOf(call.repository, call.token)),
  [`GET ${REPOSITORY}/branches/{branch}`]: getBranch,
  [`GET ${REPOSITORY}/compare/{basehead}`]: compare,
  [`GET ${REPOSITORY}/git/ref/{ref}`]: getRef,
  [`GET ${REPOSITORY}/git/matching-refs/{ref}`]: getMatchingRefs,
  [`POST ${REPOSITORY}/git/refs`]: postRef,
  [`PATCH ${REPOSITORY}/git/refs/{ref}`]: patchRef,
  [`GET ${REPOSITORY}/git/commits/{commit_sha}`]: getCommit,
  [`POST ${REPOSITORY}/git/commits`]: postCommit,
  [`POST ${REPOSITORY}/git/blobs`]: postBlob,
  [`POST ${REPOSITORY}/git/trees`]: postTree,
}

function getBranch({ repository, named, ...call }: Call): Reply {
  const branch = named['branch'] ?? ''
  const renamed = repository.renamed.get(branch)
  if (renamed !== undefined) {
    const location = `/repos/${repository.name}/branches/${encodeURIComponent(renamed)}`
    return { ...refuse(301, 'Moved Permanently'), headers: { location } }
  }
  const id = repository.refs.get(branch)
  if (id === null) return refuse(404, 'Branch not found')
  return answer({ repository, named, ...call }, `GET ${REPOSITORY}/branches/{branch}`, 200, {
    ...{ name: branch, commit: { sha: id }, protected: repository.protectedBranches.has(branch) },
  })
}

function compare(call: Call): Reply {
  const { repository, named } = call
  const [from, to] = (named['basehead'] ?? '').split('...').map((name) => commitNamed(repository, name))
  if (!from || !to) return NOT_FOUND
  const [before, after] = [repository.store.history(from), repository.store.history(to)]
  const [ahead, behind] = [[...after].filter((id) => !before.has(id)), [...before].filter((id) => !after.has(id))]
  const status = from === to ? 'identical' : after.has(from) ? 'ahead' : before.has(to) ? 'behind' : 'diverged'
  const members = { status, ahead_by: ahead.length, behind_by: behind.length, total_commits: ahead.length, commits: [] }
  return answer(call, `GET ${REPOSITORY}/compare/{basehead}`, 200, members)
}

function commitNamed({ refs, store }: Repository, name = ''): string | null {
  return store.has(name, 'commit') ? name : refs.get(name)
}

function refBody(branch: string, sha: string): object {
  return { ref: `refs/heads/${branch}`, object: { type: 'commit', sha } }
}

function getRef(call: Call): Reply {
  const branch = (call.named['ref'] ?? '').replace(/^heads\//, '')
  const id = call.repository.refs.get(branch)
  return id === null ? NOT_FOUND : answer(call, `GET ${REPOSITORY}/git/ref/{ref}`, 200, refBody(branch, id))
}

function getMatchingRefs(call: Call): Reply {
  const { refs } = call.repository
  const names = refs.beginningWith((call.named['ref'] ?? '').replace(/^heads\//, ''))
  const found = names.map((name) => refBody(name, refs.get(name) ?? ''))
  return answer(call, `GET ${REPOSITORY}/git/matching-refs/{ref}`, 200, found)
}

const RULES = 'Repository rule violations found\n\nCannot update this protected ref.\n\n'

function postRef(call: Call): Reply {
  const { state, repository, token, body } = call
  if (!token.push) return NO_RIGHTS
  const [branch, sha] = [text(body['ref']).replace(/^refs\/heads\//, ''), text(body['sha'])]
  if (repository.protectedBranches.has(branch)) return refuse(422, RULES)
  if (repository.refs.get(branch) !== null) return refuse(422, 'Reference already exists')
  if (!repository.store.has(sha, 'commit')) return refuse(422, 'Object does not exist')
  const isBelow = (one: string, other: string): boolean => one.startsWith(`${other}/`)
  // git keeps branches as files.
  if (repository.refs.beginningWith('').some((other) => isBelow(other, branch) || isBelow(branch, other)))
    return refuse(422, 'Reference update failed')
  moveRef(state, repository, branch, sha)
  return answer(call, `POST ${REPOSITORY}/git/refs`, 201, refBody(branch, sha))
}

function patchRef(call: Call): Reply {
  const { state, repository, token, named, body } = call
  if (!token.push) return NO_RIGHTS
  const [branch, sha] = [(named['ref'] ?? '').replace(/^heads\//, ''), text(body['sha'])]
  const at = repository.refs.get(branch)
  if (repository.protectedBranches.has(branch)) return refuse(422, RULES)
  if (at === null) return refuse(422, 'Reference does not exist')
  if (!repository.store.has(sha, 'commit')) return refuse(422, 'Object does not exist')
  if (body['force'] !== true && !repository.store.history(sha).has(at))
    return refuse(422, 'Update is not a fast forward')
  moveRef(state, repository, branch, sha)
  return answer(call, `PATCH ${REPOSITORY}/git/refs/{ref}`, 200, refBody(branch, sha))
}

function commitBody({ store }: Repository, id: string): object {
  const { tree, parents, message } = store.commit(id)
  return { sha: id, message, tree: { sha: tree }, parents: parents.map((sha) => ({ sha })) }
}

function getCommit(call: Call): Reply {
  const id = call.named['commit_sha'] ?? ''
  if (!call.repository.store.has(id, 'commit')) return NOT_FOUND
  return answer(call, `GET ${REPOSITORY}/git/commits/{commit_sha}`, 200, commitBody(call.repository, id))
}

function postCommit(call: Call): Reply {
  const { state, repository, token, body } = call
  if (!token.push) return NO_RIGHTS
  const [tree, parents] = [text(body['tree']), (body['parents'] ?? []) as readonly string[]]
  if (!repository.store.has(tree, 'tree')) return refuse(422, 'Tree SHA does not exist')
  if (!parents.every((id) => repository.store.has(id, 'commit')))
    return refuse(422, 'Parent SHA does not exist or is not a commit object')
  const id = repository.store.makeCommit({ tree, parents, message: text(body['message']) }, identity(state))
  return answer(call, `POST ${REPOSITORY}/git/commits`, 201, commitBody(repository, id))
}

function postBlob(call: Call): Reply {
  const { repository, token, body } = call
  if (!token.push) return NO_RIGHTS
  const encoding = body['encoding'] === 'base64' ? 'base64' : 'utf8'
  const sha = repository.store.blob(Buffer.from(text(body['content']), encoding))
  return answer(call, `POST ${REPOSITORY}/git/blobs`, 201, { sha })
}

interface PostedEntry {
  readonly path: string
  readonly mode: string
  readonly sha?: string | null
  readonly content?: string
}

function postTree(call: Call): Reply {
  const { repository, token, body } = call
  if (!token.push) return NO_RIGHTS
  const base = body['base_tree'] === undefined ? null : text(body['base_tree'])
  if (base !== null && !repository.store.has(base, 'tree')) return refuse(422, 'base_tree is not a valid tree oid')
  let root = base
  // Deletions first, as the order of entries has no meaning.
  const entries = (body['tree'] as readonly PostedEntry[]).toSorted(
    (a, b) => Number(a.sha !== null) - Number(b.sha !== null),
  )
  for (const { path, mode, sha, content } of entries) {
    const id = content === undefined ? (sha ?? null) : repository.store.blob(Buffer.from(content))
    if (id !== null && !repository.store.has(id, 'blob')) return refuse(422, `tree.sha ${id} is not a valid blob`)
    root = placed(repository, root, { path: path.split('/'), mode, id })
  }
  return answer(call, `POST ${REPOSITORY}/git/trees`, 201, {
    sha: root ?? repository.store.makeTree([]),
    truncated: false,
    tree: [],
  })
}

interface Placing {
  readonly path: readonly string[]
  readonly mode: string
  readonly id: string | null
}

function placed({ store }: Repository, root: string | null, { path, mode, id }: Placing): string | null {
  const put = (tree: string | null, [name = '', ...rest]: readonly string[]): string | null => {
    const entries = new Map((tree === null ? [] : store.tree(tree)).map((entry) => [entry.name, entry]))
    const old = entries.get(name)
    const below = rest.length > 0 ? put(old?.mode === '40000' ? old.id : null, rest) : id
    entries.delete(name)
    if (below !== null)
      entries.set(name, { name, mode: rest.length > 0 ? '40000' : mode, id: below } satisfies TreeEntry)
    return entries.size === 0 ? null : store.makeTree([...entries.values()])
  }
  return put(root, path)
}
