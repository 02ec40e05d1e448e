import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Refusal, Rules, Target } from './rules.ts'

/** Addresses of a host, the preferred one first. Rejects where it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** Connects to an address, never to a name. Ends with the signal. */
export type Connect = (place: { readonly host: string; readonly port: number }, signal: AbortSignal) => Promise<Socket>

/** Why a connection that is allowed could not be made. */
export type Failure = 'unresolved' | 'unreachable' | 'stopped'

export type Dialled =
  | { readonly verdict: 'allowed'; readonly reason: null; readonly address: string; readonly socket: Socket }
  | { readonly verdict: 'refused'; readonly reason: Refusal; readonly address: string | null }
  | { readonly verdict: 'failed'; readonly reason: Failure; readonly address: string | null }

export interface Lines {
  readonly resolve: Resolve
  readonly connect: Connect
}

/** For the name as well as for each of its addresses, so that nothing waits for what does not answer. */
const PATIENCE_MS = 15_000

/** A name with more is asked for just these. */
const MOST_ADDRESSES = 4

/**
 * Resolves a host once, checks what came of it, and connects to the very address that was checked, so that no second answer of a
 * name server can lead elsewhere. A name of which a single address is refused is refused: such a mixture is how somebody
 * would try.
 */
export async function dial(
  target: Target,
  rules: Rules,
  { lines, signal }: { readonly lines: Lines; readonly signal: AbortSignal },
): Promise<Dialled> {
  const reason = rules.refusalOf(target)
  if (reason) return { verdict: 'refused', reason, address: null }
  const addresses = await addressesOf(target, lines, signal)
  if (signal.aborted) return { verdict: 'failed', reason: 'stopped', address: null }
  if (addresses.length === 0) return { verdict: 'failed', reason: 'unresolved', address: null }
  for (const address of addresses) {
    const refusal = rules.refusalAt(target, address)
    if (refusal) return { verdict: 'refused', reason: refusal, address }
  }
  return reach(addresses.slice(0, MOST_ADDRESSES), target.port, { lines, signal })
}

async function addressesOf(target: Target, { resolve }: Lines, signal: AbortSignal): Promise<readonly string[]> {
  if (target.isAddress) return [target.host]
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
  const nothing = new Promise<readonly string[]>((settle) => {
    if (patience.aborted) settle([])
    else patience.addEventListener('abort', () => settle([]), { once: true })
  })
  return Promise.race([resolve(target.host).catch(() => []), nothing])
}

async function reach(
  addresses: readonly string[],
  port: number,
  { lines, signal }: { readonly lines: Lines; readonly signal: AbortSignal },
): Promise<Dialled> {
  let last: string | null = null
  for (const address of addresses) {
    last = address
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
    const socket = await lines.connect({ host: address, port }, patience).catch(() => null)
    if (socket && !signal.aborted) return { verdict: 'allowed', reason: null, address, socket }
    socket?.destroy()
    if (signal.aborted) return { verdict: 'failed', reason: 'stopped', address }
  }
  return { verdict: 'failed', reason: 'unreachable', address: last }
}

/** As the rest of the machine does: its hosts file, then its name servers. */
export const resolveHost: Resolve = async (host) => {
  const found = await lookup(host, { all: true, verbatim: true })
  return found.map(({ address }) => address)
}

export const connectTo: Connect = async ({ host, port }, signal) => {
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
  try {
    await once(socket, 'connect', { signal })
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}
