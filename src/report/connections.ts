import type { Connection } from '../model/outcome.ts'
import { count, quote } from './phrase.ts'

/** Why there was no connection, by the reasons that the proxy gives. */
const WORDS: Readonly<Record<string, string>> = {
  'not-declared': '`constraints.network` does not list it',
  'ip-address': 'it is an address that `constraints.network` does not list',
  'private-address': 'its name stands for an address that is not on the Internet',
  'too-many-connections': 'there were too many connections',
  metadata: 'metadata services of clouds are never reached',
  cloud: "it is a cloud's, which takes `constraints.cloud_mutations` and its grant",
  malformed: 'that is no host and port',
  unresolved: 'its name has no address',
  unreachable: 'it did not answer',
  stopped: 'the command was over before',
}

const SHOWN = 5

/**
 * Connections that an attempt asked for and did not get, each once: many a program says no more than that something failed. One
 * sentence a line.
 */
export function wordConnections(connections: readonly Connection[]): readonly string[] {
  const lines = new Set(connections.filter(({ verdict }) => verdict !== 'allowed').map(wordConnection))
  const more = lines.size - SHOWN
  return [
    ...[...lines].slice(0, SHOWN),
    ...(more > 0 ? [`And none to ${count(more, 'other')}; run.json lists them.`] : []),
  ]
}

function wordConnection({ host, port, reason }: Connection): string {
  const place =
    host === '' ? 'something' : quote(port === 0 ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`)
  const because = reason === null ? '' : `: ${WORDS[reason] ?? quote(reason)}`
  return `There was no connection to ${place}${because}.`
}
