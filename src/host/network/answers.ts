import type { Failure } from './dial.ts'
import type { Refusal } from './rules.ts'

export interface Answer {
  readonly status: number
  readonly statusText: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How a reason is told to whoever asked: a status (RFC 9110), an error of Proxy-Status (RFC 9209), and words. */
const ANSWERS: Readonly<Record<Refusal | Failure, readonly [status: number, error: string, words: string]>> = {
  malformed: [400, 'http_request_error', 'this is a proxy: it takes CONNECT host:port, and requests for http:// URLs'],
  'not-declared': [403, 'http_request_denied', "constraints.network of the pack's task.yml doesn't list it"],
  'ip-address': [403, 'http_request_denied', "it is an address that constraints.network of the pack doesn't list"],
  metadata: [403, 'destination_ip_prohibited', 'metadata services of clouds are never reached'],
  cloud: [403, 'http_request_denied', "it is a cloud's, which takes constraints.cloud_mutations and its grant"],
  'private-address': [403, 'destination_ip_prohibited', "it resolves to an address that isn't on the Internet"],
  'too-many-connections': [503, 'connection_limit_reached', 'the command has asked for too many connections'],
  unresolved: [502, 'dns_error', 'its name has no address'],
  unreachable: [502, 'destination_unavailable', 'it does not answer'],
  stopped: [502, 'proxy_internal_error', 'the command is over'],
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}

/** @param wanted what was asked for, fit to be shown */
export function answerFor(reason: Refusal | Failure, wanted: string): Answer {
  const [status, error, words] = ANSWERS[reason]
  const body = `codex: no connection to ${wanted}: ${words}\n`
  const headers = {
    'Proxy-Status': `codex; error=${error}; details="${reason}"`,
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  }
  return { status, statusText: TITLES[status] ?? '', headers, body }
}

/** For a connection that Node.js has handed over, with nothing more to come. */
export function answerText({ status, statusText, headers, body }: Answer): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${statusText}\r\n${lines.join('')}\r\n${body}`
}
