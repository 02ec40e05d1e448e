// Pull requests, their comments, and checks: https://docs.github.com/rest/pulls
import {
  answer,
  NOT_FOUND,
  NO_RIGHTS,
  refuse,
  text,
  REPOSITORY,
  repositoryOf,
  URL_START,
  type Body,
  type Call,
  type Handler,
  type Reply,
} from './answers.ts'
import type { Check, Pull, Repository, Token } from './state.ts'

export const PULL_ROUTES: Readonly<Record<string, Handler>> = {
  [`GET ${REPOSITORY}/pulls`]: getPulls,
  [`POST ${REPOSITORY}/pulls`]: postPull,
  [`PATCH ${REPOSITORY}/pulls/{pull_number}`]: patchPull,
  [`GET ${REPOSITORY}/issues/{issue_number}/comments`]: getComments,
  [`POST ${REPOSITORY}/issues/{issue_number}/comments`]: postComment,
  [`GET ${REPOSITORY}/commits/{ref}/check-runs`]: getChecks,
  [`POST ${REPOSITORY}/check-runs`]: postCheck,
  [`PATCH ${REPOSITORY}/check-runs/{check_run_id}`]: patchCheck,
}

function pullBody(repository: Repository, pull: Pull, token: Token): object {
  const { number, title, body, state, mergedAt } = pull
  return {
    ...{ number, title, body, state, merged_at: mergedAt, html_url: `${URL_START}${repository.name}/pull/${number}` },
    head: { ref: pull.branch, sha: pull.head, label: labelOf(pull), repo: repositoryOf(pull.from, token) },
    base: { ref: pull.base, sha: repository.refs.get(pull.base) ?? '', repo: repositoryOf(repository, token) },
  }
}

function labelOf({ from, branch }: Pick<Pull, 'from' | 'branch'>): string {
  return `${from.name.split('/')[0]}:${branch}`
}

function paged<T>(call: Call, list: readonly T[]): readonly T[] {
  const [size, page] = [Number(call.query.get('per_page') ?? 30), Number(call.query.get('page') ?? 1)]
  return list.slice((page - 1) * size, page * size)
}

function getPulls(call: Call): Reply {
  const { repository, query, token } = call
  const [head, state] = [query.get('head'), query.get('state') ?? 'open']
  const fits = (pull: Pull): boolean =>
    (head === null || labelOf(pull) === head) && (state === 'all' || pull.state === state)
  const sorted = repository.pulls.filter(fits).toSorted((a, b) => b.number - a.number)
  const found = query.get('direction') === 'asc' ? sorted.toReversed() : sorted
  return answer(
    call,
    `GET ${REPOSITORY}/pulls`,
    200,
    paged(call, found).map((pull) => pullBody(repository, pull, token)),
  )
}

function postPull(call: Call): Reply {
  const { state, repository, token, body } = call
  if (!token.pulls) return NO_RIGHTS
  const [owner, ...rest] = text(body['head']).split(':')
  const branch = rest.length === 0 ? text(body['head']) : rest.join(':')
  const from = rest.length === 0 ? repository : state.repositories.find(({ name }) => name.startsWith(`${owner}/`))
  const head = from?.refs.get(branch) ?? null
  const base = text(body['base'])
  const onto = repository.refs.get(base)
  const invalid = (field: string): Reply =>
    refuse(422, 'Validation Failed', [{ resource: 'PullRequest', field, code: 'invalid' }])
  if (!from || head === null) return invalid('head')
  if (onto === null) return invalid('base')
  const isThere = (pull: Pull): boolean =>
    pull.state === 'open' && pull.from === from && pull.branch === branch && pull.base === base
  const custom = (message: string): Reply =>
    refuse(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }])
  if (repository.pulls.some(isThere)) return custom(`A pull request already exists for ${labelOf({ from, branch })}.`)
  if (repository.store.history(onto).has(head)) return custom(`No commits between ${base} and ${branch}`)
  if (text(body['body']).length > 65_536) return custom('body is too long (maximum is 65536 characters)')
  const number = ++state.count
  const pull: Pull = {
    ...{ number, title: text(body['title']), body: text(body['body']), state: 'open', mergedAt: null },
    ...{ from, branch, head, base, comments: [] },
  }
  repository.pulls.push(pull)
  return answer(call, `POST ${REPOSITORY}/pulls`, 201, pullBody(repository, pull, token))
}

function patchPull(call: Call): Reply {
  const { repository, token, named, body } = call
  if (!token.pulls) return NO_RIGHTS
  const pull = repository.pulls.find(({ number }) => number === Number(named['pull_number']))
  if (!pull) return NOT_FOUND
  if (body['state'] === 'open' && pull.state === 'closed') {
    const refused = reopenProblem(repository, pull)
    if (refused)
      return refuse(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message: refused }])
    pull.state = 'open'
    pull.head = pull.from.refs.get(pull.branch) ?? pull.head
  }
  if (body['body'] !== undefined) pull.body = text(body['body'])
  return answer(call, `PATCH ${REPOSITORY}/pulls/{pull_number}`, 200, pullBody(repository, pull, token))
}

function reopenProblem({ pulls, store }: Repository, pull: Pull): string | null {
  const { from, branch, base } = pull
  const head = from.refs.get(branch)
  if (pull.mergedAt !== null) return 'state cannot be changed. The pull request was merged.'
  if (head === null) return `state cannot be changed. The ${branch} branch has been deleted.`
  if (!store.history(head).has(pull.head))
    return `state cannot be changed. The ${branch} branch was force-pushed or recreated.`
  const other = pulls.find(
    (each) => each.state === 'open' && each.from === from && each.branch === branch && each.base === base,
  )
  return other ? `state cannot be changed. There is already an open pull request from ${branch} to ${base}.` : null
}

function getComments(call: Call): Reply {
  const pull = call.repository.pulls.find(({ number }) => number === Number(call.named['issue_number']))
  if (!pull) return NOT_FOUND
  return answer(call, `GET ${REPOSITORY}/issues/{issue_number}/comments`, 200, paged(call, pull.comments))
}

function postComment(call: Call): Reply {
  const { state, repository, token, named, body } = call
  if (!token.pulls) return NO_RIGHTS
  const pull = repository.pulls.find(({ number }) => number === Number(named['issue_number']))
  if (!pull) return NOT_FOUND
  const comment = { id: ++state.count, body: text(body['body']) }
  pull.comments.push(comment)
  return answer(call, `POST ${REPOSITORY}/issues/{issue_number}/comments`, 201, comment)
}

function checkBody(check: Check): object {
  const { id, name, commit, externalId, status, conclusion, annotations } = check
  return {
    ...{ id, name, head_sha: commit, external_id: externalId, status, conclusion },
    output: { annotations_count: annotations.length },
  }
}

function getChecks(call: Call): Reply {
  const { repository, named, query } = call
  if (!repository.store.has(named['ref'] ?? '', 'commit'))
    return refuse(422, `No commit found for SHA: ${named['ref']}`)
  const found = repository.checks.filter(
    ({ commit, name }) => commit === named['ref'] && name === query.get('check_name'),
  )
  const newest = found.slice(-1).map(checkBody)
  return answer(call, `GET ${REPOSITORY}/commits/{ref}/check-runs`, 200, {
    total_count: newest.length,
    check_runs: newest,
  })
}

interface Output {
  readonly annotations?: readonly Record<string, unknown>[]
}

function postCheck(call: Call): Reply {
  const { state, repository, token, body } = call
  if (!token.checks) return refuse(403, 'You must authenticate via a GitHub App.')
  const check: Check = {
    ...{
      id: ++state.count,
      name: text(body['name']),
      commit: text(body['head_sha']),
      externalId: text(body['external_id']),
    },
    ...{ status: 'queued', conclusion: null, annotations: [] },
  }
  if (!repository.store.has(check.commit, 'commit')) return refuse(422, `No commit found for SHA: ${check.commit}`)
  const refused = changeCheck(check, body)
  if (refused) return refused
  repository.checks.push(check)
  return answer(call, `POST ${REPOSITORY}/check-runs`, 201, checkBody(check))
}

function patchCheck(call: Call): Reply {
  const { repository, token, named, body } = call
  if (!token.checks) return NO_RIGHTS
  const check = repository.checks.find(({ id }) => id === Number(named['check_run_id']))
  if (!check) return NOT_FOUND
  const refused = changeCheck(check, body)
  return refused ?? answer(call, `PATCH ${REPOSITORY}/check-runs/{check_run_id}`, 200, checkBody(check))
}

function changeCheck(check: Check, body: Body): Reply | null {
  const { annotations = [] } = (body['output'] ?? {}) as Output
  if (annotations.length > 50) return refuse(422, 'Invalid request.\n\nNo more than 50 items are allowed.')
  check.annotations.push(...annotations)
  if (body['status'] !== undefined) check.status = text(body['status'])
  if (body['conclusion'] !== undefined) check.conclusion = text(body['conclusion'])
  return null
}
