// Git's own server over HTTP, as GitHub has one beside its API.
import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { moveRef, type State } from './state.ts'

/** `/owner/name.git/…`: the repository, and what is asked of it. */
const PATH = /^\/([^/]+\/[^/]+)\.git(\/[^?]*)(?:\?(.*))?$/

/** @returns whether it was for git */
export async function serveGit(state: State, incoming: IncomingMessage, outgoing: ServerResponse): Promise<boolean> {
  const [, name = '', path = '', query = ''] = PATH.exec(incoming.url ?? '') ?? []
  const repository = state.repositories.find((each) => each.name === name)
  if (!repository) return false
  const [, encoded = ''] = (incoming.headers.authorization ?? '').split(' ')
  const token = Buffer.from(encoded, 'base64')
    .toString()
    .replace(/^x-access-token:/, '')
  if (!state.tokens.get(token)?.push) {
    outgoing.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end()
    return true
  }
  const before = new Map(repository.pulls.map(({ branch }) => [branch, repository.refs.get(branch)]))
  await backend({ incoming, outgoing, path, query, folder: repository.store.folder })
  for (const [branch, id] of before) {
    const now = repository.refs.get(branch)
    if (now !== null && now !== id) moveRef(state, repository, branch, now)
  }
  return true
}

interface Served {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly path: string
  readonly query: string
  readonly folder: string
}

/** As CGI (RFC 3875) has it. */
async function backend({ incoming, outgoing, path, query, folder }: Served): Promise<void> {
  const {
    'content-type': type,
    'content-encoding': encoding,
    'content-length': length,
    'git-protocol': protocol,
  } = incoming.headers
  const child = spawn('git', ['http-backend'], {
    env: {
      ...{ PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
      ...{ GIT_PROJECT_ROOT: folder, GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: path, QUERY_STRING: query },
      ...{
        REQUEST_METHOD: incoming.method,
        CONTENT_TYPE: type ?? '',
        REMOTE_USER: 'somebody',
        REMOTE_ADDR: '127.0.0.1',
      },
      ...(length === undefined ? {} : { CONTENT_LENGTH: length }),
      ...(encoding === undefined ? {} : { HTTP_CONTENT_ENCODING: encoding }),
      ...(protocol === undefined ? {} : { GIT_PROTOCOL: String(protocol) }),
    },
  })
  incoming.pipe(child.stdin)
  const parts: Buffer[] = []
  for await (const part of child.stdout) parts.push(part as Buffer)
  const whole = Buffer.concat(parts)
  const end = whole.indexOf('\r\n\r\n')
  const headers = whole.toString('latin1', 0, end).split('\r\n')
  for (const header of headers) {
    const [key = '', value = ''] = header.split(': ')
    if (key === 'Status') outgoing.statusCode = Number.parseInt(value, 10)
    else outgoing.setHeader(key, value)
  }
  outgoing.end(whole.subarray(end + 4))
}
