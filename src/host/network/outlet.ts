import { randomBytes } from 'node:crypto'
import { closeSync, constants, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionRequest } from '../../model/ports.ts'
import { FORWARDER } from './forwarder.ts'
import { openProxy, type NetworkProxy } from './proxy.ts'

/** The way out of one attempt: its proxy, and how it is reached. */
export interface Outlet {
  /** Absolute path of a private folder with the proxy's socket and the program that carries connections to it. */
  readonly folder: string
  /** The program and the socket, by their names in the folder. */
  readonly forwarder: string
  readonly socket: string
  /** Where the proxy listens on the host's own loopback; `null`: it has a socket. */
  readonly port: number | null
  close(): Promise<void>
}

export type Reachable = Pick<ExecutionRequest, 'network' | 'cloud' | 'onConnection'>

const FORWARDER_FILE = 'forward.cjs'

/**
 * Opens the proxy of one attempt.
 *
 * @param folder absolute path of a folder that isn't there yet
 * @param shared whether the attempt is in the host's own network, in which nothing holds it to the proxy
 */
export async function openOutlet(folder: string, request: Reachable, shared: boolean): Promise<Outlet> {
  mkdirSync(folder, { mode: 0o700 })
  const { network, cloud, onConnection } = request
  const options = { network, cloud, onConnection }
  // No other folder has a file of that name: Node.js removes the socket by the path that it was made by, which may by then lead there.
  const socket = randomBytes(8).toString('hex')
  const proxy = shared
    ? await openProxy({ ...options, at: { host: '127.0.0.1', port: 0 } })
    : await listenIn(folder, socket, (path) => openProxy({ ...options, at: { path } }))
  writeFileSync(join(folder, FORWARDER_FILE), FORWARDER)
  return { folder, forwarder: FORWARDER_FILE, socket, port: proxy.port, close: proxy.close }
}

/** A socket's path may have no more than 107 bytes (unix(7)), and where folders for temporary files lie is not for codex to say. */
async function listenIn(
  folder: string,
  socket: string,
  listen: (path: string) => Promise<NetworkProxy>,
): Promise<NetworkProxy> {
  const descriptor = openSync(folder, constants.O_DIRECTORY)
  try {
    return await listen(`/proc/self/fd/${descriptor}/${socket}`)
  } finally {
    closeSync(descriptor)
  }
}
