// What answers have in common.
import { answerTo } from './samples.ts'
import type { Repository, State, Token } from './state.ts'

export interface Call {
  readonly state: State
  readonly repository: Repository
  readonly token: Token
  /** Parts of the path that are named in braces. */
  readonly named: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Body
}

/** Checked by the description before it gets here. */
export type Body = Readonly<Record<string, unknown>>

export interface Reply {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type Handler = (call: Call) => Reply

export const REPOSITORY = '/repos/{owner}/{repo}'
export const URL_START = 'https://github.test/'

export function answer(_: Call, route: string, status: number, members: unknown): Reply {
  return { status, body: answerTo(route, status, members) }
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** An error in GitHub's words. */
export function refuse(status: number, message: string, errors?: readonly object[]): Reply {
  const body = { message, documentation_url: 'https://docs.github.com/rest', status: String(status) }
  return { status, body: errors ? { ...body, errors } : body }
}

export const NOT_FOUND: Reply = refuse(404, 'Not Found')

export function repositoryOf({ name, defaultBranch }: Repository, { push }: Token): object {
  const [owner = '', repo = ''] = name.split('/')
  return {
    ...{ name: repo, full_name: name, default_branch: defaultBranch, owner: { login: owner } },
    ...{ clone_url: `${URL_START}${name}.git`, html_url: `${URL_START}${name}` },
    permissions: { admin: false, push, pull: true },
  }
}

export const NO_RIGHTS: Reply = refuse(403, 'Resource not accessible by personal access token')
