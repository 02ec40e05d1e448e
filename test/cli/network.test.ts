// A pack that has a network reaches what it declares and nothing else, and the run record tells of every connection.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codex, LATEST, manifestOf, read, recordOf, type Files } from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

let server: Server
let endpoint: string

beforeAll(async () => {
  server = createServer((request, response) => void response.end(`hello ${request.url}\n`))
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  endpoint = `localhost:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.close()
})

/** Through the proxy that the environment names, as Node.js does by itself from version 22.21 on. */
const FETCH = `
import { request } from 'node:http'
const { hostname: host, port } = new URL(process.env.http_proxy)
const asked = request({ host, port, path: process.argv[2] })
asked.on('response', (answer) => {
  process.exitCode = answer.statusCode === 200 ? 0 : 1
  answer.pipe(process.stdout)
})
asked.end()
`

function fetching(run: string, network: readonly string[] = [endpoint]): Files {
  const tools = { inputs: { tools: { node: '*' } } }
  return pack('a', { constraints: { network }, ...tools, ...test(run) }, { 'fetch.mjs': FETCH })
}

/** Runs a program on a machine that seems to have no `ip`. */
const WITHOUT_IPROUTE = [
  ...['unshare', '--user', '--map-root-user', '--mount', '--', 'sh', '-ec'],
  ...['for ip in /usr/sbin/ip /usr/bin/ip; do [ ! -e "$ip" ] || mount --bind /dev/null "$ip"; done; exec "$@"', 'sh'],
]

/** And on one that has no networks to give. */
const WITHOUT_NETWORKS = [
  ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
  ...['echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"', 'sh'],
]

interface Told {
  readonly actions: readonly { readonly attempts: readonly { readonly connections: readonly object[] }[] }[]
}

function connectionsIn(record: unknown): readonly object[] {
  return (record as Told).actions.flatMap(({ attempts }) => attempts.flatMap(({ connections }) => connections))
}

const SANDBOXES = ['bubblewrap', 'unshare', 'none'] as const

describe.concurrent('a pack that has a network', () => {
  it.each(SANDBOXES)('fetches what it declares, in %s', async (sandbox) => {
    const { place } = await codex(fetching(`node fetch.mjs http://${endpoint}/a | grep 'hello /a'`), {
      args: ['run', `--sandbox=${sandbox}`, '--allow', 'network'],
      exitCode: 0,
    })
    const [, port] = endpoint.split(':')
    expect(connectionsIn(recordOf(place))).toMatchObject([
      {
        host: 'localhost',
        port: Number(port),
        verdict: 'allowed',
        reason: null,
        address: expect.any(String) as unknown,
      },
    ])
    const manifest = read(place, `${LATEST}/manifest.json`)
    expect(manifest).not.toMatch(/"(connections|sent|received|address)"/)
    expect(manifestOf(place)).toMatchObject({
      packs: [{ grants: [`network:${endpoint}`] }],
      guarantees: { network: sandbox === 'none' ? 'none' : 'enforced' },
    })
  })

  it.each([
    ['curl', 'curl -sSf http://ENDPOINT/a'],
    ['python', `python3 -c "import urllib.request as u; print(u.urlopen('http://ENDPOINT/a').read().decode())"`],
  ])('does so with %s as its environment is', async (_, run) => {
    await codex(fetching(`${run.replace('ENDPOINT', endpoint)} | grep 'hello /a'`), {
      args: ['run', '--allow', `network=${endpoint}`],
      exitCode: 0,
    })
  })

  it('fails at what it does not declare, which is told', async () => {
    const { place } = await codex(fetching('node fetch.mjs http://example.org/'), {
      args: ['run', '--allow', 'network'],
      exitCode: 1,
      stderr: [
        "codex: no connection to example.org:80: constraints.network of the pack's task.yml doesn't list it",
        '  There was no connection to `example.org:80`: `constraints.network` does not list it.\n',
      ],
    })
    expect(connectionsIn(recordOf(place))).toMatchObject([
      {
        host: 'example.org',
        port: 80,
        address: null,
        verdict: 'refused',
        reason: 'not-declared',
        sent: 0,
        received: 0,
      },
    ])
  })

  it('has the same manifest however much it has sent and received', async () => {
    const files = fetching(`node fetch.mjs "http://${endpoint}/$(head -c "$(date +%3N)" /dev/zero | tr '\\0' x)"`)
    const runs = await Promise.all([1, 2].map(() => codex(files, { args: ['run', '--allow', 'network'], exitCode: 0 })))
    const [first, second] = runs.map(({ place }) => read(place, `${LATEST}/manifest.json`))
    expect(first).toBe(second)
  })

  it('can not reach a cloud without a grant for that', async () => {
    const { place } = await codex(fetching('! node fetch.mjs http://s3.amazonaws.com/', ['s3.amazonaws.com:80']), {
      args: ['run', '--allow', 'network'],
      exitCode: 0,
    })
    expect(connectionsIn(recordOf(place))).toMatchObject([
      { host: 's3.amazonaws.com', verdict: 'refused', reason: 'cloud' },
    ])
  })

  it('can never reach a metadata service', async () => {
    const constraints = { network: ['169.254.169.254:80'], cloud_mutations: true }
    const files = pack(
      'a',
      { constraints, inputs: { tools: { node: '*' } }, ...test('! node fetch.mjs http://169.254.169.254/') },
      { 'fetch.mjs': FETCH },
    )
    const { place } = await codex(files, { args: ['run', '--allow', 'network', '--allow', 'cloud'], exitCode: 0 })
    expect(connectionsIn(recordOf(place))).toMatchObject([
      { host: '169.254.169.254', verdict: 'refused', reason: 'metadata' },
    ])
  })

  it('leaves others without one', async () => {
    const none = pack('b', test(`! curl -sS http://${endpoint}/ && test -z "$http_proxy"`))
    await codex({ ...fetching('sleep 0.2'), ...none }, { args: ['run', '-j2', '--allow', 'network'], exitCode: 0 })
  })

  it('is refused where the sandbox can not hold it to that, and says what to do', async () => {
    const { place } = await codex(
      { ...fetching('node fetch.mjs /'), ...pack('b') },
      {
        args: ['run', '--sandbox=unshare', '--allow', 'network'],
        through: WITHOUT_IPROUTE,
        exitCode: 3,
        stderr: [
          /^task-packs\/a\/task\.yml:\d+:\d+ error no-network-sandbox `a` was granted a network, and the sandbox can't hold it/m,
          'Install bubblewrap, or iproute2',
        ],
      },
    )
    expect(manifestOf(place)).toMatchObject({
      verdict: 'refused',
      refusals: [{ code: 'no-network-sandbox', pack: 'a', field: 'constraints.network' }],
    })
  })

  it('fetches through a proxy on the host where it was accepted that its network is not kept apart', async () => {
    const { place } = await codex(fetching(`node fetch.mjs http://${endpoint}/a | grep 'hello /a'`), {
      args: ['run', '--accept-weaker=network', '--allow', 'network'],
      through: WITHOUT_NETWORKS,
      exitCode: 0,
    })
    expect(connectionsIn(recordOf(place))).toMatchObject([{ host: 'localhost', verdict: 'allowed' }])
    expect(manifestOf(place)).toMatchObject({ guarantees: { network: 'none', filesystem: 'enforced' } })
  })
})
