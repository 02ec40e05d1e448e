// Where a change is proposed: which server, which repository, which branch.

export interface Remote {
  /** With its port where it has one. */
  readonly host: string
  /** `owner/name`. */
  readonly repository: string
}

const NAME = String.raw`([\w.-]+\/[\w.-]+?)(?:\.git)?\/?`
const FORMS = [
  new RegExp(String.raw`^https?:\/\/(?:[^@/]*@)?([^/@]+)\/${NAME}$`),
  new RegExp(String.raw`^(?:git\+)?ssh:\/\/(?:[^@/]*@)?([^/@:]+)(?::\d+)?\/${NAME}$`),
  new RegExp(String.raw`^(?:[^@/:]+@)?([^@/:]+):\/?${NAME}$`),
]

/** The repository that a URL of git names (https, ssh, or `user@host:owner/name`); `null`: none on a server like GitHub. */
export function parseRemote(url: string): Remote | null {
  for (const form of FORMS) {
    const [, host, repository] = form.exec(url) ?? []
    if (host !== undefined && repository !== undefined && isRepository(repository))
      return { host: host.toLowerCase(), repository }
  }
  return null
}

export function isRepository(text: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,99}\/[\w.-]{1,100}$/.test(text) && !/\/\.{1,2}$/.test(text)
}

/**
 * Where the API of a server is, if it is GitHub's own: no token is sent to any other server but the one that somebody names.
 * @returns without a slash at its end
 */
export function apiUrlOf(host: string): string | null {
  if (host === 'github.com' || host === 'ssh.github.com') return 'https://api.github.com'
  return /^[\w-]+\.ghe\.com$/.test(host) ? `https://api.${host}` : null
}

/** What git pushes a repository to, by the URL of its server's API (without a slash at its end). */
export function pushUrlOf(apiUrl: string, repository: string): string {
  const { protocol, host } = new URL(apiUrl)
  const server = host === 'api.github.com' || host.endsWith('.ghe.com') ? host.replace(/^api\./, '') : host
  return `${protocol}//${server}/${repository}.git`
}

/** A URL that a token may be sent to, without a slash at its end; `null`: it is none, or the token could be read on the way. */
export function safeApiUrl(text: string): string | null {
  if (!URL.canParse(text)) return null
  const { protocol, hostname, username, password, search, hash, href } = new URL(text)
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname)
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLocal)
  if (!isSafe || [username, password, search, hash].some((part) => part !== '')) return null
  return href.replace(/\/+$/, '')
}

export interface BranchNaming {
  readonly pack: string
  /** `null`: the proposal has no other beside it. */
  readonly target: string | null
  readonly prefix: string
  /** The whole name, whatever else; `null`: it is put together. */
  readonly name: string | null
}

/** The same for the same pack and target, always. */
export function branchName({ pack, target, prefix, name }: BranchNaming): string {
  if (name !== null) return name
  return `${prefix}${pack}${target === null ? '' : `/${target}`}`
}

/** Whether git takes it for the name of a branch (git-check-ref-format). */
export function isBranchName(name: string): boolean {
  const hasForbidden = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[./]$|^@$/.test(name)
  const parts = name.split('/')
  return (
    name !== '' &&
    name.length <= 200 &&
    !hasForbidden &&
    !parts.some((part) => part.startsWith('.') || part.endsWith('.lock'))
  )
}
