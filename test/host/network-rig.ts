import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Lines } from '../../src/host/network/dial.ts'
import { openProxy, type Bounds, type NetworkProxy } from '../../src/host/network/proxy.ts'
import type { Connection } from '../../src/model/outcome.ts'

/** Everything that a test has opened, to be closed after it. */
export interface NetworkRig {
  /** A server on the loopback of this machine; resolves with its port. */
  serve(onConnection: (socket: Socket) => void): Promise<number>
  serveHttp(listener: RequestListener): Promise<number>
  proxy(options?: ProxyWishes): Promise<TestProxy>
  close(): Promise<void>
}

export interface ProxyWishes {
  readonly network?: readonly string[]
  readonly cloud?: boolean
  readonly lines?: Partial<Lines>
  readonly bounds?: Partial<Bounds>
}

export interface TestProxy extends NetworkProxy {
  readonly port: number
  /** In the order in which it was told. */
  readonly told: readonly Connection[]
  /** Resolves when that many have been told of. */
  toldOf(count: number): Promise<void>
  /** A connection of the action. */
  dial(): Promise<Client>
}

/** A connection whose bytes are kept as they come. */
export interface Client {
  readonly socket: Socket
  send(text: string): void
  /** Resolves when all that has come so far contains the text. */
  until(text: string): Promise<string>
  /** All that has come when the other side has ended. */
  rest(): Promise<string>
}

export function openNetworkRig(): NetworkRig {
  const closers: (() => Promise<void>)[] = []
  const listen = async (server: Server): Promise<number> => {
    const sockets = new Set<Socket>()
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
    })
    server.listen({ host: '127.0.0.1', port: 0 })
    await once(server, 'listening')
    closers.push(async () => {
      for (const socket of sockets) socket.destroy()
      const closed = once(server, 'close')
      server.close()
      await closed
    })
    const address = server.address()
    return address !== null && typeof address === 'object' ? address.port : 0
  }
  return {
    serve: (onConnection) => listen(createServer({ allowHalfOpen: true }, onConnection)),
    serveHttp: (listener) => listen(createHttpServer(listener)),
    proxy: async (wishes = {}) => {
      const proxy = await openTestProxy(wishes)
      closers.push(() => proxy.close())
      return proxy
    },
    close: async () => {
      await Promise.all(closers.splice(0).map((close) => close()))
    },
  }
}

async function openTestProxy(wishes: ProxyWishes): Promise<TestProxy> {
  const told: Connection[] = []
  let check = (): void => {}
  const proxy = await openProxy({
    network: [],
    cloud: false,
    at: { host: '127.0.0.1', port: 0 },
    onConnection: (connection) => {
      told.push(connection)
      check()
    },
    ...wishes,
  })
  const port = proxy.port ?? 0
  return {
    ...proxy,
    port,
    told,
    toldOf: (count) =>
      new Promise((resolve) => {
        check = () => {
          if (told.length >= count) resolve()
        }
        check()
      }),
    dial: async () => {
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
      await once(socket, 'connect')
      return clientOf(socket)
    },
  }
}

function clientOf(socket: Socket): Client {
  let received = ''
  let check = (): void => {}
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1')
    check()
  })
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => {
      resolve(received)
      socket.end()
    })
    socket.once('close', () => resolve(received))
  })
  return {
    socket,
    send: (text) => void socket.write(text, 'latin1'),
    until: (text) =>
      new Promise((resolve, reject) => {
        check = () => {
          if (received.includes(text)) resolve(received)
        }
        void ended.then(() => reject(new Error(`ended without ${text}: ${received}`)))
        check()
      }),
    rest: () => ended,
  }
}

/** Something that happens once. */
export function latch(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}
