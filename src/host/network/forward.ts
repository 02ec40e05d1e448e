import { once } from 'node:events'
import { request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import type { Socket } from 'node:net'
import { answerFor, type Answer } from './answers.ts'
import type { Exchange } from './exchange.ts'
import { targetOf, type Target } from './rules.ts'

/**
 * A request for an http:// URL (RFC 9112, section 3.2.2). Each has a connection of its own to its target, which was checked for
 * this request alone: one that follows on the same connection of the action may name another.
 */
export async function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange,
): Promise<void> {
  // Errors of the action's own connection; its end is seen by the response.
  request.on('error', () => {})
  const written = request.url ?? ''
  const wanted = wantedBy(written)
  const target = wanted && isPlainlyFramed(request) ? wanted.target : null
  const dialled = await exchange.dial(wanted?.authority ?? written, target)
  if (dialled.verdict !== 'allowed') {
    answer(response, answerFor(dialled.reason, dialled.wanted))
    return
  }
  const { socket } = dialled
  try {
    if (wanted && target) await forward(request, response, { ...wanted, target, socket })
  } finally {
    socket.destroy()
    dialled.end()
  }
}

interface Wanted {
  readonly authority: string
  readonly target: Target | null
  /** With its query. */
  readonly path: string
}

/** The host that counts is the URL's: a Host header that says another is replaced, as RFC 9112 asks of proxies. */
function wantedBy(text: string): Wanted | null {
  if (!/^http:\/\//i.test(text) || !URL.canParse(text)) return null
  const url = new URL(text)
  const hasCredentials = url.username !== '' || url.password !== ''
  const target = hasCredentials ? null : targetOf(`${url.hostname}:${url.port || '80'}`)
  return { authority: authorityIn(text), target, path: `${url.pathname}${url.search}` }
}

/** As it is written, less a name and a password before it. */
function authorityIn(text: string): string {
  const written = /^http:\/\/([^/?#]*)/i.exec(text)?.[1] ?? ''
  const authority = written.slice(written.lastIndexOf('@') + 1)
  return /:\d+$/.test(authority) ? authority : `${authority}:80`
}

/** Node.js takes off the last coding, which is all that it could put on again. Of other doubts its parser has refused the request. */
function isPlainlyFramed({ headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding']
  return coding === undefined || coding.toLowerCase() === 'chunked'
}

function answer(response: ServerResponse, { status, statusText, headers, body }: Answer): void {
  response.writeHead(status, statusText, { ...headers })
  response.end(body)
}

type Checked = Pick<Wanted, 'path' | 'authority'> & { readonly target: Target; readonly socket: Socket }

async function forward(request: IncomingMessage, response: ServerResponse, checked: Checked): Promise<void> {
  const { socket, path, authority } = checked
  const closed = once(socket, 'close')
  // An error is told of by whoever uses the socket; it must not be thrown where nobody does any more.
  socket.on('error', () => {})
  response.once('close', () => socket.destroy())
  const headers = headersTo(request, checked)
  const outgoing = send({ createConnection: () => socket, method: request.method ?? 'GET', path, headers })
  outgoing.on('error', () => {
    socket.destroy()
    if (response.headersSent) response.destroy()
    else answer(response, answerFor('unreachable', authority))
  })
  outgoing.on('response', (incoming) => {
    if (!passHead(incoming, response)) response.destroy()
    pipeline(incoming, response, () => socket.destroy())
  })
  request.pipe(outgoing)
  await closed
  // Another protocol than was asked for ends the connection without a word from Node.js.
  if (!response.headersSent) answer(response, answerFor('unreachable', authority))
}

/** Whether the head of an answer could be written at all; the words beside its status are left to Node.js. */
function passHead(incoming: IncomingMessage, response: ServerResponse): boolean {
  try {
    response.sendDate = false
    response.writeHead(incoming.statusCode ?? 0, endToEnd(incoming.rawHeaders))
    return true
  } catch {
    return false
  }
}

/** RFC 9110, section 7.6.1: what is about one connection and not about the message; framing is put on anew. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'http2-settings', 'expect'],
])

/** What says where a message ends can't be declared a matter of one connection: the next reader would look for the end elsewhere. */
const ALWAYS_KEPT: ReadonlySet<string> = new Set(['content-length'])

function headersTo(request: IncomingMessage, { target }: Checked): string[] {
  const host = target.isAddress && target.host.includes(':') ? `[${target.host}]` : target.host
  const kept = endToEnd(request.rawHeaders, 'host')
  const framing = request.headers['transfer-encoding'] === undefined ? [] : ['Transfer-Encoding', 'chunked']
  return ['Host', target.port === 80 ? host : `${host}:${target.port}`, ...kept, ...framing, 'Via', '1.1 codex']
}

/** Names and values in turns, as Node.js has them raw. */
function endToEnd(raw: readonly string[], ...others: readonly string[]): string[] {
  const pairs = raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []))
  const listed = pairs
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(',').map((word) => word.trim().toLowerCase()))
    .filter((name) => !ALWAYS_KEPT.has(name))
  const dropped = new Set([...HOP_BY_HOP, ...listed, ...others])
  return pairs.filter(([name]) => !dropped.has(name.toLowerCase())).flat()
}
