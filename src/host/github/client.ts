import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import { Octokit } from '@octokit/rest'
import type * as z from 'zod'
import type { Answer, ForgeError } from '../../model/forge.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { wholeFetch } from './whole-fetch.ts'

/** A request that changes something, as it is sent; `path` is relative to the API's URL. */
export interface SentRequest {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

export interface ClientOptions {
  /** Without a slash at its end. */
  readonly apiUrl: string
  readonly token: string
  readonly userAgent: string
  /** Told of what would be sent, and nothing is; `null`: everything is sent. */
  readonly dryRun: ((request: SentRequest) => void) | null
  /** For one request and its answer, in milliseconds. */
  readonly timeoutMs?: number
  /** In place of the second that GitHub asks to leave between writes, and of the seconds of its `Retry-After`, in milliseconds. */
  readonly secondMs?: number
}

/** What a request is, and what its answer has to be. */
export interface Asked<T> {
  readonly parameters: Readonly<Record<string, unknown>>
  readonly shape: z.ZodType<T>
  /** Whether the same request may be sent again after nobody can tell whether it was done. Of reads it always may. */
  readonly again?: boolean
  /** What a dry run goes on with. */
  readonly instead?: T
}

export interface Client {
  /** @param route as GitHub's documentation writes it: `GET /repos/{owner}/{repo}` */
  ask<T>(route: string, asked: Asked<T>): Answer<T>
  /** All pages of a list. */
  askAll<T>(route: string, asked: Asked<readonly T[]>): Answer<readonly T[]>
}

/** A longer wait that GitHub asks for is somebody's to decide; in seconds. */
const LONGEST_WAIT = 120
const MOST_WAITS = 3
/** After one and four seconds. */
const RETRIES = 2
const TIMEOUT_MS = 30_000
/** One more than the last page that is asked for. */
const MOST_PAGES = 100

type Plugged = ReturnType<typeof plugged>
type Wait = (seconds: number, request: unknown, octokit: unknown, count: number) => boolean

function plugged({ apiUrl, token, userAgent, timeoutMs = TIMEOUT_MS, secondMs }: ClientOptions) {
  const Plugins = Octokit.plugin(throttling, retry)
  const mayWait: Wait = (...[seconds, , , count]) => seconds <= LONGEST_WAIT && count < MOST_WAITS
  const quick = secondMs === undefined ? {} : { write: UNPACED, notifications: UNPACED, retryAfterBaseValue: secondMs }
  return new Plugins({
    auth: token,
    baseUrl: apiUrl,
    userAgent,
    request: { fetch: wholeFetch(timeoutMs) },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    throttle: { onRateLimit: mayWait, onSecondaryRateLimit: mayWait, ...quick },
    retry: {
      retries: RETRIES,
      doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451],
      ...(secondMs === undefined ? {} : { retryAfterBaseValue: secondMs }),
    },
  })
}

/** In place of a group of limiters that leaves a second between writes. */
const UNPACED = {
  key: () => ({
    schedule: async <T>(_: unknown, call: (...args: unknown[]) => T, ...args: unknown[]) => call(...args),
  }),
} as never

export function githubClient(options: ClientOptions): Client {
  const octokit = plugged(options)
  const ask: Client['ask'] = async (route, asked) => {
    const [method = ''] = route.split(' ')
    const isRead = method === 'GET'
    if (!isRead && options.dryRun) return ok(dryRun(octokit, options, { route, asked }))
    const retries = isRead || asked.again ? {} : { retries: 0, redirect: 'error' as const }
    const place = { method, path: pathOf(octokit, options, route, asked) }
    const parameters = { headers: HEADERS, ...asked.parameters, request: retries }
    try {
      const { data } = (await octokit.request(route, parameters)) as { readonly data: unknown }
      return parsed(data, asked.shape, place)
    } catch (error) {
      return err(errorFrom(error, { ...place, token: options.token }))
    }
  }
  return { ask, askAll: async (route, asked) => allPages(ask, route, asked) }
}

const HEADERS = { 'x-github-api-version': '2022-11-28' }
const PAGE = 100

async function allPages<T>(ask: Client['ask'], route: string, asked: Asked<readonly T[]>): Answer<readonly T[]> {
  const all: T[] = []
  for (let page = 1; page < MOST_PAGES; page++) {
    const answer = await ask(route, { ...asked, parameters: { ...asked.parameters, per_page: PAGE, page } })
    if (!answer.ok) return answer
    all.push(...answer.value)
    if (answer.value.length < PAGE) break
  }
  return ok(all)
}

interface Endpoint {
  readonly method: string
  readonly url: string
  readonly body?: unknown
}

interface Dry<T> {
  readonly route: string
  readonly asked: Asked<T>
}

/** What would be sent, put together by what sends it. */
function dryRun<T>(octokit: Plugged, options: ClientOptions, { route, asked }: Dry<T>): T {
  const { method, url, body } = octokit.request.endpoint(route, asked.parameters) as Endpoint
  options.dryRun?.({ method, path: url.slice(options.apiUrl.length), body })
  return asked.instead as T
}

/** Relative to the API's URL, without what is asked for in it. */
function pathOf(octokit: Plugged, { apiUrl }: ClientOptions, route: string, { parameters }: Asked<unknown>): string {
  return octokit.request.endpoint(route, parameters).url.slice(apiUrl.length).split('?')[0] ?? ''
}

interface Place {
  readonly method: string
  readonly path: string
}

function parsed<T>(data: unknown, shape: z.ZodType<T>, place: Place): Result<T, ForgeError> {
  const read = shape.safeParse(data)
  if (read.success) return ok(read.data)
  const at = read.error.issues[0]?.path.join('.') ?? ''
  return err({
    kind: 'unexpected',
    ...place,
    status: 200,
    message: at === '' ? 'it is no JSON object' : `it has no fit '${at}'`,
  })
}

interface Failed {
  readonly status?: number
  readonly message?: string
  readonly response?: { readonly headers?: Readonly<Record<string, unknown>>; readonly data?: unknown }
}

function errorFrom(thrown: unknown, { method, path, token }: Place & Pick<ClientOptions, 'token'>): ForgeError {
  const { status = 500, message = '', response } = (thrown ?? {}) as Failed
  // A library that is told of a header that can't be may quote it.
  const told = (messageOf(response?.data) ?? message).replaceAll(token, '***')
  const kind = kindOf(status, told, response)
  return { kind, method, path, status: response ? status : null, message: told }
}

/** GitHub's own words, with what it says of single members. */
function messageOf(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('message' in data)) return null
  const errors = 'errors' in data && Array.isArray(data.errors) ? (data.errors as readonly unknown[]) : []
  const more = errors.flatMap((error) => {
    if (typeof error === 'string') return [error]
    return typeof error === 'object' && error !== null && 'message' in error ? [String(error.message)] : []
  })
  return [String(data.message), ...more].join(': ')
}

function kindOf(status: number, message: string, response: Failed['response']): ForgeError['kind'] {
  if (!response || status >= 500) return 'unreachable'
  const isLimit =
    /rate limit|abuse detection/i.test(message) || String(response.headers?.['x-ratelimit-remaining']) === '0'
  if (status === 429 || (status === 403 && isLimit)) return 'limited'
  if (status === 401 || status === 403) return 'no-rights'
  if (status === 404) return 'missing'
  return status === 409 || status === 422 ? 'conflict' : 'unexpected'
}
