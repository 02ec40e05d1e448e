import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Connect } from '../../src/host/network/dial.ts'
import { latch, openNetworkRig } from './network-rig.ts'

const rig = openNetworkRig()

afterEach(() => rig.close())

const connectRequest = (authority: string): string => `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`

/** Notes where connections would go, and makes them to a port of this machine instead. */
function diverted(port: number): { readonly connect: Connect; readonly places: string[] } {
  const places: string[] = []
  return {
    places,
    connect: async ({ host, port: wanted }) => {
      places.push(`${host} ${wanted}`)
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
      await once(socket, 'connect')
      return socket
    },
  }
}

const nowhere: Connect = () => Promise.reject(new Error('nothing may be connected to here'))

describe('a tunnel', () => {
  it('carries bytes both ways, those that came with the request too, and tells how many', async () => {
    const port = await rig.serve((socket) => void socket.pipe(socket))
    const proxy = await rig.proxy({ network: [`localhost:${port}`] })
    const client = await proxy.dial()
    client.send(`${connectRequest(`localhost:${port}`)}early `)
    await client.until('200 Connection Established\r\n\r\nearly ')
    client.send('and late')
    client.socket.end()
    expect(await client.rest()).toBe('HTTP/1.1 200 Connection Established\r\n\r\nearly and late')
    await proxy.toldOf(1)
    expect(proxy.told).toMatchObject([
      { host: 'localhost', port, verdict: 'allowed', reason: null, sent: 14, received: 14 },
    ])
    expect(['127.0.0.1', '::1']).toContain(proxy.told[0]?.address)
  })

  it('lets one side end before the other', async () => {
    const port = await rig.serve((socket) => {
      const chunks: Buffer[] = []
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.on('end', () => socket.end(`got ${Buffer.concat(chunks).length}`))
    })
    const proxy = await rig.proxy({ network: [`localhost:${port}`] })
    const client = await proxy.dial()
    client.send(connectRequest(`localhost:${port}`))
    await client.until('\r\n\r\n')
    client.send('x'.repeat(1_000_000))
    client.socket.end()
    expect(await client.rest()).toMatch(/\r\n\r\ngot 1000000$/)
  })

  it('takes no notice of what Host says', async () => {
    const port = await rig.serve((socket) => socket.end('hello'))
    const proxy = await rig.proxy({ network: [`localhost:${port}`] })
    const allowed = await proxy.dial()
    allowed.send(`CONNECT localhost:${port} HTTP/1.1\r\nHost: elsewhere.example:1\r\n\r\n`)
    expect(await allowed.rest()).toMatch(/^HTTP\/1.1 200 .*hello$/s)
    const refused = await proxy.dial()
    refused.send(`CONNECT elsewhere.example:1 HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`)
    expect(await refused.rest()).toMatch(/^HTTP\/1.1 403 /)
  })

  it('ends with the proxy, and is told of', async () => {
    const port = await rig.serve((socket) => void socket.write('hello'))
    const proxy = await rig.proxy({ network: [`localhost:${port}`] })
    const client = await proxy.dial()
    client.send(connectRequest(`localhost:${port}`))
    await client.until('hello')
    await proxy.close()
    expect(proxy.told).toMatchObject([{ verdict: 'allowed', received: 5 }])
    await client.rest()
  })

  it('ends with the action, at a host that never answers too', async () => {
    const gone = latch()
    const port = await rig.serve((socket) => void socket.resume().once('end', gone.open))
    const proxy = await rig.proxy({ network: [`localhost:${port}`] })
    const client = await proxy.dial()
    client.send(connectRequest(`localhost:${port}`))
    await client.until('\r\n\r\n')
    client.socket.resetAndDestroy()
    await gone.opened
    await proxy.toldOf(1)
    expect(proxy.told).toMatchObject([{ verdict: 'allowed' }])
  })
})

describe('what is refused', () => {
  const network = ['api.example.org:443', 'private.example.org:443', 's3.amazonaws.com:443', '169.254.169.254:80']
  const addresses: Readonly<Record<string, readonly string[]>> = {
    'api.example.org': ['203.0.113.7'],
    'private.example.org': ['10.1.2.3'],
  }
  const cases: readonly (readonly [string, string, number, string, string | null])[] = [
    ['a host that is not declared', 'other.example.org:443', 403, 'not-declared', null],
    ['another port', 'api.example.org:80', 403, 'not-declared', null],
    ['an address', '93.184.216.34:443', 403, 'ip-address', null],
    ['an address as one number', '1572395042:443', 403, 'ip-address', null],
    ['a metadata service, though declared', '169.254.169.254:80', 403, 'metadata', null],
    ['a metadata service by name', 'metadata.google.internal:80', 403, 'metadata', null],
    ['a cloud', 's3.amazonaws.com:443', 403, 'cloud', null],
    ['a name of a private address', 'private.example.org:443', 403, 'private-address', '10.1.2.3'],
    ['no host and port', '/etc/passwd', 400, 'malformed', null],
  ]

  it.each(cases)('%s', async (_, authority, status, reason, address) => {
    const resolve = async (host: string): Promise<readonly string[]> => addresses[host] ?? []
    const proxy = await rig.proxy({ network, lines: { resolve, connect: nowhere } })
    const client = await proxy.dial()
    client.send(connectRequest(authority))
    const answer = await client.rest()
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toMatch(new RegExp(`^Proxy-Status: codex; error=\\w+; details="${reason}"\r$`, 'm'))
    expect(answer).toContain(`codex: no connection to ${authority}: `)
    expect(proxy.told).toMatchObject([{ verdict: 'refused', reason, address, sent: 0, received: 0 }])
    expect(`${proxy.told[0]?.host}:${proxy.told[0]?.port}`).toBe(authority.includes(':') ? authority : `${authority}:0`)
  })

  it.each(cases.filter(([, authority]) => authority.includes(':')))(
    '%s, in a request for a URL',
    async (_, authority, status, reason) => {
      const resolve = async (host: string): Promise<readonly string[]> => addresses[host] ?? []
      const proxy = await rig.proxy({ network, lines: { resolve, connect: nowhere } })
      const client = await proxy.dial()
      client.send(`GET http://${authority}/ HTTP/1.1\r\nHost: ${authority}\r\n\r\n`)
      expect(await client.rest()).toMatch(new RegExp(`^HTTP/1.1 ${status} .*details="${reason}"`, 's'))
      expect(proxy.told).toMatchObject([{ verdict: 'refused', reason }])
    },
  )

  it.each([
    ...['/', '*', 'http://', 'http://user@localhost:1/', 'http://user:word@localhost:1/', 'https://localhost:1/'],
    ...['ftp://localhost:1/', 'http://localhost:99999/', 'http:localhost:1/', 'file:///etc/passwd', '//localhost:1/'],
  ])('a request for what is no URL of a host: %s', async (url) => {
    const proxy = await rig.proxy({ network: ['localhost:1'], lines: { connect: nowhere } })
    const client = await proxy.dial()
    client.send(`GET ${url} HTTP/1.1\r\nHost: localhost:1\r\n\r\n`)
    expect(await client.rest()).toMatch(/^HTTP\/1.1 400 /)
    expect(proxy.told).toMatchObject([{ verdict: 'refused', reason: 'malformed' }])
  })

  it('a name of which one address is refused', async () => {
    for (const [bad, reason] of [
      ['127.0.0.1', 'private-address'],
      ['fd00:ec2::254', 'metadata'],
      ['::ffff:169.254.169.254', 'metadata'],
    ] as const) {
      for (const found of [
        ['93.184.216.34', bad],
        [bad, '93.184.216.34'],
      ]) {
        const resolve = async (): Promise<readonly string[]> => found
        const proxy = await rig.proxy({ network: ['api.example.org:443'], lines: { resolve, connect: nowhere } })
        const client = await proxy.dial()
        client.send(connectRequest('api.example.org:443'))
        expect(await client.rest()).toContain(`details="${reason}"`)
      }
    }
  })

  it('a name that leads elsewhere when it is asked again: what was checked is what is connected to', async () => {
    const port = await rig.serve((socket) => socket.end('hello'))
    const { connect: divert, places } = diverted(port)
    let asked = 0
    const resolve = async (): Promise<readonly string[]> => (asked++ === 0 ? ['93.184.216.34'] : ['127.0.0.1'])
    const proxy = await rig.proxy({ network: ['api.example.org:443'], lines: { resolve, connect: divert } })
    const first = await proxy.dial()
    first.send(connectRequest('api.example.org:443'))
    expect(await first.rest()).toMatch(/hello$/)
    expect([asked, places]).toEqual([1, ['93.184.216.34 443']])
    const second = await proxy.dial()
    second.send(connectRequest('api.example.org:443'))
    expect(await second.rest()).toContain('details="private-address"')
    expect([asked, places]).toEqual([2, ['93.184.216.34 443']])
  })

  it('nothing that is allowed: a cloud with leave, a private address that is declared, IPv6', async () => {
    const port = await rig.serve((socket) => socket.end('hello'))
    const { connect: divert, places } = diverted(port)
    const resolve = async (): Promise<readonly string[]> => ['10.0.0.5']
    const declared = ['s3.amazonaws.com:443', '10.0.0.5:443', '[2606:4700::1]:443']
    const proxy = await rig.proxy({ network: declared, cloud: true, lines: { resolve, connect: divert } })
    for (const authority of ['S3.AmazonAWS.com.:443', '10.0.0.5:443', '[2606:4700:0::1]:443']) {
      const client = await proxy.dial()
      client.send(connectRequest(authority))
      expect(await client.rest()).toMatch(/hello$/)
    }
    expect(places).toEqual(['10.0.0.5 443', '10.0.0.5 443', '2606:4700::1 443'])
    await proxy.toldOf(3)
    expect(proxy.told.map(({ host }) => host)).toEqual(['S3.AmazonAWS.com.', '10.0.0.5', '2606:4700:0::1'])
  })
})

describe('what fails', () => {
  it.each([
    ['a name without an address', async () => [], 'unresolved', null],
    ['a name that nobody knows', () => Promise.reject(new Error('ENOTFOUND')), 'unresolved', null],
    ['a host that does not answer', async () => ['93.184.216.34', '93.184.216.35'], 'unreachable', '93.184.216.35'],
  ] as const)('%s', async (_, resolve, reason, address) => {
    const proxy = await rig.proxy({ network: ['api.example.org:443'], lines: { resolve, connect: nowhere } })
    const client = await proxy.dial()
    client.send(connectRequest('api.example.org:443'))
    expect(await client.rest()).toMatch(new RegExp(`^HTTP/1.1 502 .*details="${reason}"`, 's'))
    expect(proxy.told).toMatchObject([{ verdict: 'failed', reason, address }])
  })

  it('what has not come to anything when the proxy is closed', async () => {
    const asked = latch()
    const never = (): Promise<readonly string[]> => {
      asked.open()
      return new Promise(() => {})
    }
    const proxy = await rig.proxy({ network: ['api.example.org:443'], lines: { resolve: never, connect: nowhere } })
    const client = await proxy.dial()
    client.send(connectRequest('api.example.org:443'))
    await asked.opened
    await proxy.close()
    expect(proxy.told).toMatchObject([{ verdict: 'failed', reason: 'stopped', address: null }])
  })

  it('goes on to another address of a name', async () => {
    const port = await rig.serve((socket) => socket.end('hello'))
    const { connect: divert, places } = diverted(port)
    const resolve = async (): Promise<readonly string[]> => ['93.184.216.34', '93.184.216.35']
    const connectSecond: Connect = (place, signal) =>
      place.host.endsWith('34') ? nowhere(place, signal) : divert(place, signal)
    const proxy = await rig.proxy({ network: ['api.example.org:443'], lines: { resolve, connect: connectSecond } })
    const client = await proxy.dial()
    client.send(connectRequest('api.example.org:443'))
    expect(await client.rest()).toMatch(/hello$/)
    expect(places).toEqual(['93.184.216.35 443'])
  })
})

describe('what is bounded', () => {
  it('how many connections there are at a time', async () => {
    const port = await rig.serve(() => {})
    const proxy = await rig.proxy({ network: [`localhost:${port}`], bounds: { open: 2 } })
    const clients = [await proxy.dial(), await proxy.dial()]
    for (const client of clients) {
      client.send(connectRequest(`localhost:${port}`))
      await client.until('200')
    }
    const third = await proxy.dial()
    expect(await third.rest()).toBe('')
    await proxy.toldOf(1)
    expect(proxy.told).toMatchObject([{ host: '', verdict: 'refused', reason: 'too-many-connections' }])
  })

  it('how many connections there are in all, and so what is kept of them', async () => {
    const proxy = await rig.proxy({ bounds: { total: 3 } })
    for (let count = 0; count < 4; count++) {
      const client = await proxy.dial()
      client.send(connectRequest(`host${count}.example.org:443`))
      expect(await client.rest()).toMatch(count < 3 ? /^HTTP\/1.1 403 / : /^HTTP\/1.1 503 /)
    }
    await expect(proxy.dial()).rejects.toThrow('ECONNREFUSED')
    expect(proxy.told.map(({ host, reason }) => `${host} ${reason}`)).toEqual([
      'host0.example.org not-declared',
      'host1.example.org not-declared',
      'host2.example.org not-declared',
      'host3.example.org too-many-connections',
    ])
  })

  it('how long an action may take to say where it wants to go', async () => {
    const proxy = await rig.proxy({ bounds: { headersMs: 100 } })
    const client = await proxy.dial()
    client.send('CONNECT localhost:1 HTTP/1.1\r\nX-Slow: ')
    expect(await client.rest()).toMatch(/^HTTP\/1.1 400 /)
    expect(proxy.told).toMatchObject([{ verdict: 'refused', reason: 'malformed' }])
  })

  it('how much it may say', async () => {
    const proxy = await rig.proxy({})
    const client = await proxy.dial()
    client.send(`CONNECT localhost:1 HTTP/1.1\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)
    expect(await client.rest()).toMatch(/^HTTP\/1.1 400 /)
  })

  it.each(['a'.repeat(5000), `${'a'.repeat(62)}.`.repeat(5)])(
    'what is kept of what it says: all or nothing, because part of a secret could not be hidden',
    async (name) => {
      const proxy = await rig.proxy({})
      const client = await proxy.dial()
      client.send(`CONNECT ${name}:1 HTTP/1.1\r\n\r\n`)
      expect(await client.rest()).toContain('no connection to ...: ')
      expect(proxy.told).toMatchObject([{ host: '...', port: 0 }])
    },
  )

  it.each(['CONNECT ToKeN.example.org:80', 'GET http://ToKeN.example.org', 'GET http://user@ToKeN.example.org:80/?x'])(
    'no letter of what it says is changed, so that a secret in it can be found: %s',
    async (line) => {
      const proxy = await rig.proxy({})
      const client = await proxy.dial()
      client.send(`${line} HTTP/1.1\r\nHost: x\r\n\r\n`)
      expect(await client.rest()).toContain('no connection to ToKeN.example.org:80: ')
      expect(proxy.told).toMatchObject([{ host: 'ToKeN.example.org', port: 80 }])
    },
  )
})

it('two of them know nothing of each other', async () => {
  const port = await rig.serve((socket) => socket.end('hello'))
  const [with_, without] = [await rig.proxy({ network: [`localhost:${port}`] }), await rig.proxy({})]
  const client = await without.dial()
  client.send(connectRequest(`localhost:${port}`))
  expect(await client.rest()).toMatch(/^HTTP\/1.1 403 /)
  const other = await with_.dial()
  other.send(connectRequest(`localhost:${port}`))
  expect(await other.rest()).toMatch(/hello$/)
})
