import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import type { Executor } from '../../model/ports.ts'
import { PROXY, SEARCH_PATH } from '../../model/view.ts'
import { runQuietly } from './probe.ts'

/**
 * Looks at the network as an action that has one does: what it is made of, whether the host's own loopback can be reached, and
 * what the proxy says to a host that is declared and to one that is not. Its argument is a port on which the host listens.
 */
const CANARY = `
const { readFileSync, readlinkSync } = require('node:fs')
const { connect } = require('node:net')
const { request } = require('node:http')
const port = Number(process.argv[1])
const ask = (path) => new Promise((resolve) => {
  const asked = request({ host: '${PROXY.host}', port: ${PROXY.port}, method: 'CONNECT', path })
  asked.on('error', ({ code }) => resolve(code))
  asked.on('connect', ({ statusCode }, socket, head) => {
    let seen = String(head)
    socket.on('data', (chunk) => (seen += chunk)).on('end', () => resolve(statusCode === 200 ? seen : statusCode)).end()
  })
  asked.end()
})
const call = (host) => new Promise((resolve) => {
  connect({ host, port }).on('connect', () => resolve('connected')).on('error', ({ code }) => resolve(code))
})
const main = async () => {
  const facts = {
    network: readlinkSync('/proc/self/ns/net'),
    interfaces: readFileSync('/proc/net/dev', 'utf8').split('\\n').slice(2).filter(Boolean).map((line) => line.split(':')[0].trim()),
    capabilities: /^CapEff:\\s*(\\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1],
    direct: await call('127.0.0.1'),
    declared: await ask('localhost:' + port),
    undeclared: await ask('127.0.0.1:' + port),
  }
  process.stdout.write(JSON.stringify(facts), () => process.exit())
}
main()
`

interface Facts {
  readonly network: string
  readonly interfaces: readonly string[]
  readonly capabilities: string
  readonly direct: string
  readonly declared: string | number
  readonly undeclared: string | number
}

const GREETING = 'codex'

/** Why an action can't be given a network here; `null`: a canary saw that it would reach what is declared and nothing else. */
export async function probeNetwork(execute: Executor['execute']): Promise<string | null> {
  const server = createServer((socket) => socket.on('error', () => {}).end(GREETING))
  let connections = 0
  server.on('connection', () => connections++)
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  try {
    const port = portOf(server)
    const { execution, output } = await runQuietly(
      { execute },
      {
        argv: ['node', '-e', CANARY, String(port)],
        env: { PATH: SEARCH_PATH },
        outputs: [],
        tools: [{ name: 'node', path: process.execPath, version: '', digest: '' }],
        network: [`localhost:${port}`],
      },
    )
    const { end } = execution
    const facts = end.kind === 'exited' && end.exitCode === 0 ? readFacts(output) : null
    if (!facts) return `no way out to a proxy can be made here: ${output.trim() || end.kind}`
    const leaks = leaksOf(facts)
    return leaks.length === 0 && connections === 1
      ? null
      : `an action that has a network is not held to its proxy here: ${leaks.join(', ')}`
  } finally {
    server.close()
  }
}

function portOf(server: Server): number {
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

function readFacts(output: string): Facts | null {
  try {
    return JSON.parse(output) as Facts
  } catch {
    return null
  }
}

/** What is not as it has to be. */
function leaksOf(facts: Facts): readonly string[] {
  const held: Readonly<Record<keyof Facts, boolean>> = {
    network: facts.network !== readlinkSync('/proc/self/ns/net'),
    interfaces: facts.interfaces.join() === 'lo',
    capabilities: /^0+$/.test(facts.capabilities),
    direct: facts.direct === 'ECONNREFUSED',
    declared: facts.declared === GREETING,
    undeclared: facts.undeclared === 403,
  }
  return Object.entries(held).flatMap(([name, holds]) => (holds ? [] : [name]))
}
