import { once } from 'node:events'
import { request, type IncomingHttpHeaders, type IncomingMessage, type RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { latch, openNetworkRig } from './network-rig.ts'

const rig = openNetworkRig()

afterEach(() => rig.close())

interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly raw: readonly string[]
  readonly body: string
}

/** Keeps what it is asked, and answers with it. */
function listener(
  heard: Heard[],
  answer: (heard: Heard) => string = ({ body }) => `got ${body.length}`,
): RequestListener {
  return (incoming, response) => {
    void text(incoming).then((body) => {
      const { method = '', url = '', headers, rawHeaders: raw } = incoming
      heard.push({ method, url, headers, raw, body })
      response.setHeader('X-Kept', 'yes')
      response.setHeader('Keep-Alive', 'timeout=77')
      response.end(answer({ method, url, headers, raw, body }))
    })
  }
}

async function openServed(): Promise<{
  readonly heard: Heard[]
  readonly port: number
  readonly proxy: Awaited<ReturnType<typeof rig.proxy>>
}> {
  const heard: Heard[] = []
  const port = await rig.serveHttp(listener(heard))
  return { heard, port, proxy: await rig.proxy({ network: [`localhost:${port}`] }) }
}

describe('a request for an http:// URL', () => {
  it.each([
    ['GET', '', 'got 0'],
    ['POST', 'x'.repeat(300_000), 'got 300000'],
    ['PUT', 'é', 'got 1'],
    ['DELETE', '', 'got 0'],
    ['HEAD', '', ''],
  ])('passes: %s', async (method, body, expected) => {
    const { heard, port, proxy } = await openServed()
    const asked = request({
      ...{ host: '127.0.0.1', port: proxy.port, method, path: `http://localhost:${port}/a%20b/?q=1&r=/` },
      headers: { Host: `localhost:${port}`, 'X-Own': 'kept', Cookie: 'a=b' },
    })
    asked.end(body)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    expect(await text(answer)).toBe(expected)
    expect([answer.statusCode, answer.headers['x-kept']]).toEqual([200, 'yes'])
    expect(heard).toMatchObject([{ method, url: '/a%20b/?q=1&r=/', body, headers: { 'x-own': 'kept', cookie: 'a=b' } }])
    await proxy.toldOf(1)
    expect(proxy.told).toMatchObject([{ host: 'localhost', port, verdict: 'allowed', reason: null }])
    expect(proxy.told[0]?.sent).toBeGreaterThan(body.length)
  })

  it('tells the host that the URL names, whatever Host says', async () => {
    const { heard, port, proxy } = await openServed()
    const client = await proxy.dial()
    client.send(`GET http://LOCALHOST:${port}/ HTTP/1.1\r\nHost: admin.internal\r\nConnection: close\r\n\r\n`)
    expect(await client.rest()).toMatch(/^HTTP\/1.1 200 /)
    expect(heard[0]?.headers.host).toBe(`localhost:${port}`)
    expect(heard[0]?.raw.filter((word) => word.toLowerCase() === 'host')).toEqual(['Host'])
  })

  it('keeps to itself what is about one connection', async () => {
    const { heard, port, proxy } = await openServed()
    const client = await proxy.dial()
    client.send(
      `GET http://localhost:${port}/ HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\n` +
        'Proxy-Authorization: Basic c2VjcmV0\r\nProxy-Connection: Keep-Alive\r\nTE: trailers\r\nUpgrade: h2c\r\nX-End: 2\r\n\r\n',
    )
    const answer = await client.rest()
    expect(answer).not.toContain('timeout=77')
    const names = Object.keys(heard[0]?.headers ?? {})
    expect(names.toSorted()).toEqual(['connection', 'host', 'via', 'x-end'])
    expect(heard[0]?.headers).toMatchObject({ connection: 'close', via: '1.1 codex' })
  })
})

describe('what could be read in two ways', () => {
  it('each request on one connection is checked for itself', async () => {
    const { heard, port, proxy } = await openServed()
    const client = await proxy.dial()
    client.send(
      `GET http://localhost:${port}/first HTTP/1.1\r\nHost: x\r\n\r\n` +
        `GET http://elsewhere.example/second HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n` +
        `GET http://localhost:${port}/third HTTP/1.1\r\nHost: x\r\n\r\n`,
    )
    const answer = await client.rest()
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 403'])
    await proxy.toldOf(3)
    expect(heard.map(({ url }) => url)).not.toContain('/second')
    expect(proxy.told.filter(({ verdict }) => verdict === 'refused')).toMatchObject([{ host: 'elsewhere.example' }])
  })

  const framings: Readonly<Record<string, string>> = {
    'a length and chunks': 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
    'chunks and a length': 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n',
    'two lengths': 'Content-Length: 5\r\nContent-Length: 6\r\n',
    'a length that is none': 'Content-Length: +5\r\n',
    'a list of lengths': 'Content-Length: 5, 5\r\n',
    'a coding below the chunks': 'Transfer-Encoding: gzip, chunked\r\n',
    'a coding above the chunks': 'Transfer-Encoding: chunked, gzip\r\n',
    'another coding': 'Transfer-Encoding: identity\r\n',
    'a coding that is none': 'Transfer-Encoding: xchunked\r\n',
    'a space before the colon': 'Transfer-Encoding : chunked\r\n',
    'a folded header': 'X-A: b\r\n Transfer-Encoding: chunked\r\n',
  }

  it.each(Object.entries(framings))('no request with %s reaches a host', async (_, headers) => {
    const { heard, port, proxy } = await openServed()
    const client = await proxy.dial()
    const smuggled = `GET http://localhost:${port}/smuggled HTTP/1.1\r\nHost: x\r\n\r\n`
    client.send(`POST http://localhost:${port}/ HTTP/1.1\r\nHost: x\r\n${headers}\r\n0\r\n\r\n${smuggled}`)
    expect(await client.rest()).toMatch(/^HTTP\/1.1 400 /)
    expect(heard).toEqual([])
    expect(new Set(proxy.told.map(({ reason }) => reason))).toEqual(new Set(['malformed']))
  })

  it('a length stays one, though somebody calls it a matter of one connection', async () => {
    const { heard, port, proxy } = await openServed()
    const client = await proxy.dial()
    const body = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
    client.send(
      `GET http://localhost:${port}/ HTTP/1.1\r\nHost: x\r\nConnection: close, Content-Length\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    )
    await client.rest()
    expect(heard).toMatchObject([{ url: '/', body, headers: { 'content-length': String(body.length) } }])
  })

  it('chunks stay chunks, also where nobody expects a body', async () => {
    const { heard, port, proxy } = await openServed()
    const client = await proxy.dial()
    const body = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
    client.send(
      `GET http://localhost:${port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    )
    await client.rest()
    expect(heard).toMatchObject([{ url: '/', body, headers: { 'transfer-encoding': 'chunked' } }])
  })
})

describe('an answer', () => {
  const answers: Readonly<Record<string, string>> = {
    'that is none': 'hello\r\n\r\n',
    'that ends at once': '',
    'with a head that does not end': `HTTP/1.1 200 OK\r\nX-A: ${'x'.repeat(40_000)}\r\n\r\n`,
    'with a length and chunks': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'that changes the protocol': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhello',
    'with a status that is none': 'HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n',
  }

  it.each(Object.entries(answers))('%s does no harm', async (_, answer) => {
    const port = await rig.serve((socket) => socket.once('data', () => socket.end(answer)))
    const proxy = await rig.proxy({ network: [`localhost:${port}`] })
    const client = await proxy.dial()
    client.send(`GET http://localhost:${port}/ HTTP/1.1\r\nHost: x\r\n\r\n`)
    expect(await client.rest()).toMatch(/^(HTTP\/1.1 502 .*|)$/s)
    await proxy.toldOf(1)
    expect(proxy.told).toMatchObject([{ verdict: 'allowed' }])
  })

  it('with words of its own beside the status passes without them', async () => {
    const port = await rig.serve((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 404 \u001b[31mNot here\r\nContent-Length: 2\r\n\r\nno')),
    )
    const proxy = await rig.proxy({ network: [`localhost:${port}`] })
    const client = await proxy.dial()
    client.send(`GET http://localhost:${port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    const answer = await client.rest()
    expect(answer).not.toContain('\u001b')
    expect(answer === '' || answer.startsWith('HTTP/1.1 404 Not Found') || answer.startsWith('HTTP/1.1 502')).toBe(true)
  })

  it('without a length passes whole', async () => {
    const port = await rig.serve((socket) =>
      socket.once('data', () => socket.end(`HTTP/1.0 200 OK\r\n\r\n${'y'.repeat(200_000)}`)),
    )
    const proxy = await rig.proxy({ network: [`localhost:${port}`] })
    const asked = request({ host: '127.0.0.1', port: proxy.port, path: `http://localhost:${port}/` }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    expect(await text(answer)).toBe('y'.repeat(200_000))
  })

  it('that breaks off is not taken for whole', async () => {
    const port = await rig.serve((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello')),
    )
    const proxy = await rig.proxy({ network: [`localhost:${port}`] })
    const asked = request({ host: '127.0.0.1', port: proxy.port, path: `http://localhost:${port}/` }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    await expect(text(answer)).rejects.toThrow('aborted')
  })

  it('that nobody waits for any more ends the connection to the host', async () => {
    const [started, ended] = [latch(), latch()]
    const port = await rig.serve((socket) => {
      socket.once('data', () => started.open())
      socket.once('end', () => ended.open())
      socket.once('close', () => ended.open())
    })
    const proxy = await rig.proxy({ network: [`localhost:${port}`] })
    const client = await proxy.dial()
    client.send(`POST http://localhost:${port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345`)
    await started.opened
    client.socket.resetAndDestroy()
    await ended.opened
    await proxy.toldOf(1)
    expect(proxy.told).toMatchObject([{ verdict: 'allowed' }])
  })
})
