import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/model/outcome.ts'
import { wordConnections } from '../../src/report/connections.ts'

function connection(fields: Partial<Connection>): Connection {
  const none = { at: 0, host: 'example.org', port: 443, address: null, sent: 0, received: 0 }
  return { ...none, verdict: 'refused', reason: 'not-declared', ...fields }
}

describe('wordConnections', () => {
  it('says of each that there was none, once, and nothing of those that there were', () => {
    const lines = wordConnections([
      connection({}),
      connection({ verdict: 'allowed', reason: null, host: 'good.example' }),
      connection({ at: 1 }),
      connection({ verdict: 'failed', reason: 'unreachable' }),
      connection({ host: '::1', port: 80, reason: 'ip-address' }),
      connection({ host: '', port: 0, reason: 'malformed' }),
    ])
    expect(lines).toEqual([
      'There was no connection to `example.org:443`: `constraints.network` does not list it.',
      'There was no connection to `example.org:443`: it did not answer.',
      'There was no connection to `[::1]:80`: it is an address that `constraints.network` does not list.',
      'There was no connection to something: that is no host and port.',
    ])
  })

  it('counts what is too much to show', () => {
    const lines = wordConnections([1, 2, 3, 4, 5, 6, 7].map((port) => connection({ port })))
    expect(lines).toHaveLength(6)
    expect(lines.at(-1)).toBe('And none to 2 others; run.json lists them.')
  })

  it('shows names and reasons for what they are', () => {
    const [line] = wordConnections([connection({ host: '\u001b[31m\u202e\n', reason: '\u0007new' })])
    expect(line).not.toMatch(/[\u0000-\u001f\u202e]/)
  })
})
