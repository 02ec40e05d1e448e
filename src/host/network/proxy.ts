import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { ListenOptions, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Connection } from '../../model/outcome.ts'
import { answerFor, answerText } from './answers.ts'
import { connectTo, resolveHost, type Lines } from './dial.ts'
import { createExchange, type Exchange } from './exchange.ts'
import { serveRequest } from './forward.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { createRules } from './rules.ts'
import { serveTunnel } from './tunnel.ts'

export interface ProxyOptions {
  /** `host:port` pairs that are declared and granted. */
  readonly network: readonly string[]
  /** Whether hosts of clouds are among what may be reached. */
  readonly cloud: boolean
  /** Called once for each connection that was asked for, when it has ended. */
  readonly onConnection: (connection: Connection) => void
  /** Where the proxy listens: a unix socket, or a host and a port. */
  readonly at: Pick<ListenOptions, 'path' | 'host' | 'port'>
  /** How names are resolved and connections made; by the machine's own ways unless told otherwise. */
  readonly lines?: Partial<Lines>
  readonly bounds?: Partial<Bounds>
}

export interface Bounds {
  /** Connections of the action at a time. */
  readonly open: number
  /** Connections that it may ask for in all. */
  readonly total: number
  /** How long it may take to say where it wants to go. */
  readonly headersMs: number
}

/** The way out of one attempt's empty network. */
export interface NetworkProxy {
  /** Where it listens on TCP; `null`: on a unix socket. */
  readonly port: number | null
  /** Ends every connection; resolves when all of them have been told of. */
  close(): Promise<void>
}

/** What codex keeps of an attempt is bounded, and yet complete: a connection of which nothing could be kept is not made. */
const BOUNDS: Bounds = { open: 128, total: 10_000, headersMs: 10_000 }

/** A body may take as long as the action: it holds up nobody else. */
const SERVER = {
  maxHeaderSize: 16 * 1024,
  requestTimeout: 0,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 500,
  insecureHTTPParser: false,
  requireHostHeader: false,
} as const

/**
 * Opens an HTTP proxy that goes just where it may: CONNECT for everything that can be tunnelled, and requests for http:// URLs.
 * Messages are read and written by Node.js alone, so that no two readers disagree about where one ends.
 */
export async function openProxy(options: ProxyOptions): Promise<NetworkProxy> {
  const { network, cloud, onConnection, at, lines } = options
  const bounds = { ...BOUNDS, ...options.bounds }
  const stop = new AbortController()
  const ledger = createLedger({
    onConnection,
    most: bounds.total,
    // Whoever asks without end is no longer answered, so that it costs codex nothing.
    onFull: () => server.close(),
  })
  const exchange = createExchange(ledger, {
    rules: createRules(network, cloud),
    lines: { resolve: resolveHost, connect: connectTo, ...lines },
    signal: stop.signal,
  })
  const { server, close } = createExchangeServer(exchange, ledger, bounds)
  server.listen(at)
  await once(server, 'listening')
  const address = server.address()
  return {
    port: address !== null && typeof address === 'object' ? address.port : null,
    close: async () => {
      stop.abort()
      await close()
    },
  }
}

interface ExchangeServer {
  readonly server: Server
  close(): Promise<void>
}

function createExchangeServer(exchange: Exchange, ledger: Ledger, bounds: Bounds): ExchangeServer {
  const server = createServer({ ...SERVER, headersTimeout: bounds.headersMs })
  server.maxConnections = bounds.open
  const closed = once(server, 'close')
  const clients = new Set<Socket>()
  const running = new Set<Promise<void>>()
  const follow = (serve: Promise<void>, client: Duplex): void => {
    // Whatever an action or a host sends costs them their connection, and never ends codex.
    const served = serve.catch(() => void client.destroy()).finally(() => running.delete(served))
    running.add(served)
  }
  server.on('connection', (client) => {
    clients.add(client)
    // Its end is what tells of an error.
    client.on('error', () => {})
    client.once('close', () => clients.delete(client))
  })
  server.on('connect', (request, client, head) => follow(serveTunnel(request, client, { head, exchange }), client))
  server.on('request', (request, response) => follow(serveRequest(request, response, exchange), request.socket))
  server.on('clientError', ({ code }: NodeJS.ErrnoException, client) => {
    if (isAnswerable(code)) ledger.open('')?.end({ address: null, verdict: 'refused', reason: 'malformed' })
    if (client.writable && isAnswerable(code)) client.end(answerText(answerFor('malformed', 'anything')))
    else client.destroy()
  })
  server.on('drop', () => ledger.open('')?.end({ address: null, verdict: 'refused', reason: 'too-many-connections' }))
  return {
    server,
    close: async () => {
      server.close()
      for (const client of clients) client.destroy()
      await Promise.all([closed, ...running])
    },
  }
}

/** Something that is no request, or none that ever ends; other errors are those of a connection that is gone. */
function isAnswerable(code = ''): boolean {
  return code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT'
}
