import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { answerFor, answerText } from './answers.ts'
import type { Exchange } from './exchange.ts'
import { targetOf } from './rules.ts'

/** CONNECT (RFC 9110, section 9.3.6): bytes both ways, once the target was checked. What Host says of it does not count. */
export async function serveTunnel(
  request: IncomingMessage,
  client: Duplex,
  { head, exchange }: { readonly head: Buffer; readonly exchange: Exchange },
): Promise<void> {
  const written = request.url ?? ''
  const dialled = await exchange.dial(written, targetOf(written))
  if (dialled.verdict !== 'allowed') {
    client.end(answerText(answerFor(dialled.reason, dialled.wanted)))
    return
  }
  const { socket } = dialled
  client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
  if (head.length > 0) socket.write(head)
  // An error of one ends both, and that is all there is to do about it.
  await Promise.allSettled([pipeline(client, socket), pipeline(socket, client)])
  for (const stream of [socket, client]) stream.destroy()
  dialled.end()
}
