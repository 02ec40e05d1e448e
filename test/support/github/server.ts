// A GitHub on this machine: prism stands before it and holds every request and answer to GitHub's own description, and before
// that a bad network.
import {
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { transformOas3Operations } from '@stoplight/http-spec/oas3/operation'
import { createLogger } from '@stoplight/prism-core'
import { createServer as createProxy } from '@stoplight/prism-http-server'
import { refuse, type Handler, type Reply } from './answers.ts'
import { serveGit } from './git-http.ts'
import { GIT_ROUTES } from './routes-git.ts'
import { PULL_ROUTES } from './routes-pulls.ts'
import { DESCRIPTION } from './samples.ts'
import type { State } from './state.ts'

/** What becomes of a request on its way; `after`: GitHub has done what it says, and nobody hears of it. */
export type Fault =
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly message: string
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly kind: 'broken'; readonly status: number; readonly after: boolean }
  | { readonly kind: 'cut' | 'half' | 'slow'; readonly after: boolean }

export interface Logged {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

export interface Github {
  readonly url: string
  readonly state: State
  /** Every request that changes something and got through to GitHub. */
  readonly writes: Logged[]
  /** What prism has found to be otherwise than GitHub says; and bugs of the fake. */
  readonly violations: string[]
  /** Called before a request is sent on; what it gives happens to it. */
  onRequest: (method: string, path: string) => Fault | null
  /** Called when a request has got through, before it is answered: somebody else is quicker. */
  onHandled: (method: string, path: string) => void
  close(): Promise<void>
}

/** @param held whether prism stands before it, which takes most of the time */
export async function startGithub(state: State, held: boolean): Promise<Github> {
  const github = {
    state,
    writes: [] as Logged[],
    violations: [] as string[],
    onRequest: () => null,
    onHandled: () => {},
  }
  const made = github as unknown as { -readonly [Name in keyof Github]: Github[Name] }
  const back = await listen(async (incoming, outgoing) => handle(made, incoming, outgoing))
  const proxy = held ? await startPrism(urlOf(back)) : null
  const upstream = proxy?.url ?? urlOf(back)
  const front = await listen(async (incoming, outgoing) => pass(made, upstream, { incoming, outgoing }))
  made.url = urlOf(front)
  made.close = async () => {
    await proxy?.close()
    for (const server of [front, back]) {
      server.closeAllConnections()
      server.close()
    }
  }
  return made
}

async function startPrism(upstream: string): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const proxy = createProxy(transformOas3Operations({ ...DESCRIPTION, servers: [{ url: '/' }] }), {
    components: { logger: createLogger('prism', { level: 'silent', enabled: false }) },
    cors: false,
    config: {
      ...{ isProxy: true, upstream: new URL(upstream), upstreamProxy: undefined, errors: true },
      ...{ checkSecurity: false, validateRequest: true, validateResponse: true, mock: { dynamic: false } },
    },
  })
  return { url: await proxy.listen(0, '127.0.0.1'), close: async () => proxy.close() }
}

type Answering = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>

async function listen(answer: Answering): Promise<Server> {
  const server = createHttpServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      outgoing.statusCode = 599
      outgoing.end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

async function pass(github: Github, upstream: string, { incoming, outgoing }: Exchange): Promise<void> {
  const [method, path] = [incoming.method ?? '', incoming.url ?? '']
  if (await serveGit(github.state, incoming, outgoing)) return
  const fault = github.onRequest(method, path)
  const body = await bytesOf(incoming)
  if (fault?.kind === 'refused') {
    send(outgoing, { ...refuse(fault.status, fault.message), headers: fault.headers ?? {} })
    return
  }
  const answer = fault && !fault.after ? null : await sendOn(`${upstream}${path}`, incoming, body)
  if (answer && (answer.status === 599 || String(answer.headers['content-type']).includes('problem+json'))) {
    github.violations.push(`${method} ${path}\n${body.toString()}\n${answer.status} ${answer.body.toString()}`)
  }
  if (!fault) {
    outgoing.writeHead(answer?.status ?? 500, answer?.headers)
    outgoing.end(answer?.body)
  } else if (fault.kind === 'broken') send(outgoing, refuse(fault.status, 'Server Error'))
  else if (fault.kind === 'half') {
    outgoing.writeHead(answer?.status ?? 200, { 'content-type': 'application/json', 'content-length': 5000 })
    outgoing.write('{"number": 1, ')
    outgoing.socket?.end()
  } else if (fault.kind === 'cut') outgoing.socket?.destroy()
  // One that is slow is never answered at all: whoever asks has to give up.
}

function send(outgoing: ServerResponse, { status, body, headers = {} }: Reply): void {
  outgoing.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  outgoing.end(JSON.stringify(body))
}

interface Passed {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: Buffer
}

async function sendOn(url: string, { method, headers }: IncomingMessage, body: Buffer): Promise<Passed> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers, host: new URL(url).host, connection: 'close' } }
    const sent = httpRequest(url, options as object, (answer) => {
      const { 'transfer-encoding': _, connection: __, ...kept } = answer.headers
      bytesOf(answer).then((bytes) => {
        resolve({
          status: answer.statusCode ?? 0,
          headers: { ...kept, 'content-length': String(bytes.length) },
          body: bytes,
        })
      }, reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function bytesOf(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

const HANDLERS = Object.entries({ ...GIT_ROUTES, ...PULL_ROUTES }).map(([route, handler]) => {
  const [method = '', template = ''] = route.split(' ')
  return { method, pattern: patternOf(template), handler }
})

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
}

async function handle(github: Github, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const [method, url] = [incoming.method ?? '', new URL(incoming.url ?? '', 'http://x')]
  const bytes = await bytesOf(incoming)
  const body = bytes.length === 0 ? {} : (JSON.parse(bytes.toString()) as Logged['body'] & object)
  const reply = replyTo(github, { method, url, body, authorization: incoming.headers.authorization ?? '' })
  if (method !== 'GET') github.writes.push({ method, path: url.pathname, body })
  github.onHandled(method, url.pathname)
  send(outgoing, reply)
}

interface Asked {
  readonly method: string
  readonly url: URL
  readonly body: object
  readonly authorization: string
}

function replyTo({ state }: Github, { method, url, body, authorization }: Asked): Reply {
  const token = state.tokens.get(authorization.replace(/^(?:token|bearer) /i, ''))
  if (!token) return refuse(401, 'Bad credentials')
  for (const { method: wanted, pattern, handler } of HANDLERS) {
    const found = method === wanted ? pattern.exec(url.pathname) : null
    if (!found) continue
    const named = Object.fromEntries(
      Object.entries(found.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]),
    )
    return answerIn(state, { handler, named, rest: { token, query: url.searchParams, body: body as never }, url })
  }
  return refuse(404, 'Not Found')
}

interface Answered {
  readonly handler: Handler
  readonly named: Readonly<Record<string, string>>
  readonly rest: Pick<Parameters<Handler>[0], 'token' | 'query' | 'body'>
  readonly url: URL
}

function answerIn(state: State, { handler, named, rest, url }: Answered): Reply {
  const name = `${named['owner']}/${named['repo']}`.toLowerCase()
  const repository = state.repositories.find((each) => each.name.toLowerCase() === name)
  if (repository) return handler({ state, repository, named, ...rest })
  const moved = state.repositories.find(({ earlier }) => earlier.some((each) => each.toLowerCase() === name))
  if (!moved) return refuse(404, 'Not Found')
  const location = url.pathname.replace(/^\/repos\/[^/]+\/[^/]+/, `/repos/${moved.name}`)
  return { ...refuse(301, 'Moved Permanently'), headers: { location } }
}
