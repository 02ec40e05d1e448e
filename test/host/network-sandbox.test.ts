import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/model/outcome.ts'
import { driverPlace, processesOf, runDriver, startDriver, survivorsOf } from './driver-process.ts'
import { ISOLATIONS, openRig, temporaryFolder, type Attempt, type Ran, type Rig } from './rig.ts'

const NODE = { name: 'node', path: process.execPath, version: process.versions.node, digest: '' }
const PROXY = 'http://127.0.0.1:3128'
const ENV = { PATH: '/opt/codex/bin:/usr/bin:/bin', http_proxy: PROXY, https_proxy: PROXY, no_proxy: '' }

let web: Server
let echo: Server
let hello: string
let raw: string

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

beforeAll(async () => {
  web = createHttpServer((request, response) => void response.end(`hello ${request.method} ${request.url}\n`))
  echo = createServer((socket) => void socket.on('error', () => {}).pipe(socket))
  for (const server of [web, echo]) {
    server.listen({ host: '127.0.0.1', port: 0 })
    await once(server, 'listening')
  }
  hello = `localhost:${portOf(web)}`
  raw = `localhost:${portOf(echo)}`
})

afterAll(() => {
  for (const server of [web, echo]) server.close()
})

/** Asks the proxy for a tunnel to $1, sends a word through it and prints what comes back, or the status of a refusal. */
const TUNNEL = `
const { request } = require('node:http')
const asked = request({ host: '127.0.0.1', port: 3128, method: 'CONNECT', path: process.argv[1] })
asked.on('error', ({ code }) => process.stdout.write(code))
asked.on('connect', ({ statusCode }, socket, head) => {
  if (statusCode !== 200) return process.stdout.write(String(statusCode), () => process.exit())
  process.stdout.write(head)
  socket.on('data', (data) => process.stdout.write(data)).end('through')
})
asked.end()`

const tunnel = (authority: string): Attempt => ({ argv: ['node', '-e', TUNNEL, authority], tools: [NODE] })

async function runWith(rig: Rig, attempt: Attempt): Promise<Ran & { readonly told: readonly Connection[] }> {
  const told: Connection[] = []
  const ran = await rig.run({ env: ENV, network: [hello, raw], onConnection: (each) => told.push(each), ...attempt })
  return { ...ran, told }
}

describe.each([...ISOLATIONS, 'none'] as const)('an action of %s that has a network', (isolation) => {
  let rig: Rig

  beforeAll(async () => {
    rig = await openRig(isolation)
  })

  afterAll(() => rig.close())

  // Without a sandbox the port is another each time, and only the variables tell it.
  const through = isolation === 'none' ? '"$http_proxy"' : PROXY

  it('reaches what is declared with curl', async () => {
    const ran = await runWith(rig, { sh: `curl -sS -x ${through} http://${hello}/a` })
    expect([ran.output, ran.code]).toEqual(['hello GET /a\n', 0])
    expect(ran.told).toMatchObject([{ host: 'localhost', port: portOf(web), verdict: 'allowed', reason: null }])
    expect(ran.told[0]?.sent).toBeGreaterThan(50)
    expect(ran.told[0]?.received).toBeGreaterThan(50)
  })

  it('reaches it as its environment says, in python', async () => {
    const program = `import urllib.request; print(urllib.request.urlopen('http://${hello}/py').read())`
    const ran = await runWith(rig, { argv: ['python3', '-c', program] })
    expect([ran.output, ran.code]).toEqual(["b'hello GET /py\\n'\n", 0])
    expect(ran.told).toMatchObject([{ verdict: 'allowed' }])
  })

  it('is refused what is not declared, and the refusal is told', async () => {
    const ran = await runWith(rig, { sh: `curl -sSf -x ${through} http://other.example.org/` })
    expect(ran.code).toBe(22)
    expect(ran.output).toContain('403')
    expect(ran.told).toMatchObject([
      { host: 'other.example.org', port: 80, verdict: 'refused', reason: 'not-declared' },
    ])
  })
})

describe.each(ISOLATIONS)('an action of %s that has a network', (isolation) => {
  let rig: Rig

  beforeAll(async () => {
    rig = await openRig(isolation)
  })

  afterAll(() => rig.close())

  it('was seen to be held to its proxy', async () => {
    expect(await rig.executor.tryNetwork()).toBeNull()
  })

  it('reaches what is declared through a tunnel', async () => {
    const ran = await runWith(rig, tunnel(raw))
    expect([ran.output, ran.code]).toEqual(['through', 0])
    expect(ran.told).toMatchObject([{ verdict: 'allowed', sent: 7, received: 7 }])
  })

  it('ends as any other does', async () => {
    expect((await runWith(rig, { sh: 'exit 7' })).code).toBe(7)
    expect((await runWith(rig, { sh: 'kill -KILL $$' })).code).toBe(137)
    expect((await runWith(rig, { argv: ['nonesuch'] })).code).toBe(127)
    expect((await runWith(rig, { sh: 'sleep 1000', limits: { timeoutMs: 1500 } })).code).toBe('timeout')
    const kept = await runWith(rig, { sh: 'echo x >out; echo y >other', outputs: ['out'] })
    expect([rig.text(kept, 'out'), kept.undeclared]).toEqual(['x\n', ['other']])
  })

  it('sees large inputs as well', async () => {
    const files = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`many/${index}`, `${index}`]))
    const ran = await runWith(rig, { sh: `cat many/149; curl -sS -x ${PROXY} http://${hello}/`, files })
    expect(ran.output).toBe('149hello GET /\n')
  })

  it('has its secrets, and who carries its connections has not', async () => {
    const ran = await runWith(rig, {
      sh: 'echo "$TOKEN"; env | grep -c CODEX_SECRET',
      secrets: { TOKEN: 'word' },
    })
    expect(ran.output).toBe('word\n0\n')
  })

  it('has the memory and the processes that it may use for itself', async () => {
    const sh = 'for i in 1 2 3 4; do sleep 0.3 & done; wait'
    expect((await runWith(rig, { sh, limits: { memoryBytes: 16 * 1024 ** 2, processes: 6 } })).code).toBe(0)
  })

  it('sees nothing but itself: not who carries its connections, not the socket of its proxy', async () => {
    const sh = `
      ls -d /proc/[0-9]* | wc -l; ls -A /tmp; ls -A /home/codex
      grep -c forward /proc/[0-9]*/cmdline /proc/[0-9]*/environ
      find / -xdev -type s 2>/dev/null; cat /proc/net/unix | tail -n +2
      cat /proc/net/dev | tail -n +3 | cut -d: -f1; tail -n +2 /proc/net/route; exit 0`
    const ran = await runWith(rig, { sh })
    const [processes, ...rest] = ran.output.trim().split('\n')
    expect(Number(processes)).toBeLessThanOrEqual(4)
    expect(rest.filter((line) => line.includes('forward') && !line.endsWith(':0'))).toEqual([])
    const others = rest.filter((line) => !/:\d+$/.test(line)).map((line) => line.trim())
    expect(others).toEqual(['lo'])
  })

  it('can not reach the socket of its proxy, wherever it lies', async () => {
    const scratch = rig.scratch.path
    const program = `
      const net = require('node:net'); const fs = require('node:fs')
      const seen = ['${scratch}', '/proc/1/root${scratch}', '/proc/2/root${scratch}', '/old', '/proc/1/cwd/..'].filter((path) => fs.existsSync(path + '/content'))
      net.connect({ path: '${scratch}/socket' }).on('error', ({ code }) => console.log(seen.length, code))`
    const ran = await runWith(rig, { argv: ['node', '-e', program], tools: [NODE] })
    expect(ran.output).toBe('0 ENOENT\n')
  })

  it('has no other way out', async () => {
    const udp = createSocket('udp4')
    let heard = 0
    udp.on('message', () => heard++)
    udp.bind(0, '127.0.0.1')
    await once(udp, 'listening')
    const before = await connectionsOf(web)
    const program = `
import errno, json, socket
port, udp = ${portOf(web)}, ${udp.address().port}
def attempt(action):
  try: return action() or 'done'
  except Exception as error: return getattr(error, 'errno', None) and errno.errorcode.get(error.errno, str(error.errno)) or type(error).__name__
def tcp(host, family=socket.AF_INET):
  with socket.socket(family) as s:
    s.settimeout(5); s.connect((host, port))
def send(host, to):
  with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s: s.sendto(b'x', (host, to)); s.settimeout(0.2)
def listen():
  with socket.socket() as s: s.bind(('127.0.0.1', 3128))
print(json.dumps({
  'loopback': attempt(lambda: tcp('127.0.0.1')),
  'loopback of IPv6': attempt(lambda: tcp('::1', socket.AF_INET6)),
  'the Internet': attempt(lambda: tcp('192.0.2.1')),
  'the Internet by IPv6': attempt(lambda: tcp('2001:db8::1', socket.AF_INET6)),
  'a metadata service': attempt(lambda: tcp('169.254.169.254')),
  'a name': attempt(lambda: socket.getaddrinfo('example.org', 80) and 'resolved'),
  'a datagram': attempt(lambda: send('192.0.2.1', 53)),
  'a datagram to the host': attempt(lambda: send('127.0.0.1', udp)),
  'a broadcast': attempt(lambda: send('255.255.255.255', 68)),
  'raw': attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) and 'open'),
  'packets': attempt(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW) and 'open'),
  'vsock': attempt(lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).connect((2, port))),
  'the place of its proxy': attempt(listen),
}))`
    const ran = await runWith(rig, { argv: ['python3', '-c', program] })
    const tried = JSON.parse(ran.output) as Readonly<Record<string, string>>
    expect(tried).toMatchObject({
      loopback: 'ECONNREFUSED',
      'loopback of IPv6': expect.stringMatching(/ECONNREFUSED|EADDRNOTAVAIL/) as unknown,
      'the Internet': 'ENETUNREACH',
      'the Internet by IPv6': 'ENETUNREACH',
      'a metadata service': 'ENETUNREACH',
      'a datagram': 'ENETUNREACH',
      'a broadcast': expect.stringMatching(/EACCES|ENETUNREACH/) as unknown,
      raw: 'EPERM',
      packets: expect.stringMatching(/EPERM|EAFNOSUPPORT/) as unknown,
      'the place of its proxy': 'EADDRINUSE',
    })
    expect(tried['a name']).not.toBe('resolved')
    expect(tried['vsock']).not.toBe('done')
    expect([heard, await connectionsOf(web), ran.told]).toEqual([0, before, []])
    udp.close()
  })

  it('can not change its network', async () => {
    const sh = `
      ip link add dummy0 type dummy 2>&1; ip link set lo down 2>&1; ip addr add 10.9.9.9/8 dev lo 2>&1
      unshare --net true 2>&1; nsenter --net=/proc/1/ns/net true 2>&1; nsenter -t 1 -n -U true 2>&1
      echo 1 2>&1 >/proc/sys/net/ipv4/ip_forward; curl -sS -x ${PROXY} http://${hello}/still`
    const ran = await runWith(rig, { sh })
    expect(ran.output).toMatch(/hello GET \/still\n$/)
    expect(
      ran.output.match(/not permitted|denied|Read-only|Invalid argument|Cannot|can't|failed/gi)?.length,
    ).toBeGreaterThanOrEqual(6)
  })

  it('reaches no loopback service by other names for it', async () => {
    const port = portOf(web)
    for (const host of [
      '127.0.0.1',
      '0.0.0.0',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0x7f.1',
      '127.1',
      '017700000001',
    ]) {
      const ran = await runWith(rig, tunnel(`${host}:${port}`))
      expect([host, ran.output]).toEqual([host, '403'])
      expect(ran.told).toMatchObject([{ verdict: 'refused', reason: 'ip-address' }])
    }
  })

  it('has a proxy of its own, and another action at the same time none at all', async () => {
    const wait = `${TUNNEL}; setInterval(() => {}, 1000)`
    const stop = new AbortController()
    let seen = (): void => {}
    const up = new Promise<void>((resolve) => (seen = resolve))
    const first = rig.run({
      ...{ env: ENV, tools: [NODE], argv: ['node', '-e', wait, raw], network: [raw], signal: stop.signal },
      onOutput: () => {
        seen()
        return true
      },
    })
    // Whatever ends it before it says a word is told at once.
    expect(await Promise.race([up, first])).toBeUndefined()
    const other = await runWith(rig, { ...tunnel(raw), network: [hello] })
    expect([other.output, other.told.map(({ reason }) => reason)]).toEqual(['403', ['not-declared']])
    const none = await rig.run({ ...tunnel(raw), env: ENV, network: [] })
    expect(none.output).toBe('ECONNREFUSED')
    stop.abort()
    expect((await first).code).toBe('interrupted')
  })

  it('leaves nothing behind, however it ends', async () => {
    const mine = (): readonly string[] =>
      processesOf(rig.scratch.path, rig.scratch.path).filter((line) => line.includes('forward'))
    const stop = new AbortController()
    let running: readonly string[] = []
    const onOutput = (): boolean => {
      running = mine()
      stop.abort()
      return true
    }
    await runWith(rig, { sh: 'echo up; setsid sleep 1000 & sleep 1000', onOutput, signal: stop.signal })
    expect(running.length).toBeGreaterThan(0)
    expect(mine()).toEqual([])
    await runWith(rig, { sh: 'setsid sleep 1000 & exit 0' })
    expect(mine()).toEqual([])
    expect(existsSync(join(rig.scratch.path, `${isolation}-run`, '0', 'network'))).toBe(false)
  })

  it('tells of every connection before it is over, of one that was open too', async () => {
    const ran = await runWith(rig, {
      ...tunnel(raw),
      argv: ['node', '-e', `${TUNNEL}; setTimeout(() => process.kill(process.pid, 9), 400)`, raw],
    })
    expect(ran.told).toMatchObject([{ verdict: 'allowed' }])
  })
})

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })
}

describe.each(ISOLATIONS)('with %s, the way out of an action', (isolation) => {
  const place = driverPlace()

  it('is gone when codex is killed', async () => {
    const marker = `7${process.pid}.1`
    const attempts = [{ argv: ['sh', '-c', 'setsid sleep "$1" & echo up; sleep "$1"', 'sh', marker], network: [hello] }]
    const child = startDriver(place, { isolation, attempts })
    const closed = once(child, 'close')
    await once(child.stdout ?? child, 'data')
    while (processesOf(marker).filter((line) => line.includes('sleep')).length < 2)
      await new Promise((resolve) => void setTimeout(resolve, 5))
    expect(processesOf('forward.cjs', null).length).toBeGreaterThan(0)
    child.kill('SIGKILL')
    await closed
    expect(await survivorsOf(marker, place.parent)).toEqual([])
  })

  it('is gone when codex is killed, at whatever moment', async () => {
    const left = await Promise.all(
      [0, 90, 180, 270, 360, 450, 600, 900].map(async (ms) => {
        const folder = join(place.parent, `${ms}`)
        mkdirSync(folder)
        const child = startDriver(place, {
          isolation,
          parent: folder,
          attempts: [{ sh: 'sleep 1000', network: [hello] }],
        })
        const closed = once(child, 'close')
        await once(child.stdout ?? child, 'data')
        await new Promise((resolve) => void setTimeout(resolve, ms))
        child.kill('SIGKILL')
        await closed
        return survivorsOf(folder, folder)
      }),
    )
    expect(left.flat()).toEqual([])
  })

  it('is the same for an ordinary user', async () => {
    const own = temporaryFolder()
    const isRoot = process.getuid?.() === 0
    if (isRoot) chownSync(own, 65534, 65534)
    const prefix = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'] : []
    const attempts = [
      { sh: `curl -sS -x ${PROXY} http://${hello}/user`, network: [hello] },
      { sh: `curl -sS -x ${PROXY} http://${raw}/`, network: [hello] },
      { sh: `curl -sS http://127.0.0.1:${portOf(web)}/`, network: [hello] },
    ]
    const { results } = await runDriver(place, { isolation, parent: own, attempts, prefix })
    expect(results).toMatchObject([
      { code: 0, output: 'hello GET /user\n' },
      { code: 0, output: expect.stringContaining('no connection to localhost') as unknown },
      { code: 7 },
    ])
    rmSync(own, { recursive: true, force: true })
  })
})

describe('where nothing can bring up a loopback', () => {
  const place = driverPlace()

  it('a network is refused', async () => {
    const prefix = [
      ...['unshare', '--user', '--map-root-user', '--mount', '--', 'sh', '-ec'],
      ...[
        'for ip in /usr/sbin/ip /usr/bin/ip; do [ ! -e "$ip" ] || mount --bind /dev/null "$ip"; done; exec "$@"',
        'sh',
      ],
    ]
    const attempts = [{ sh: 'echo ran', network: [hello] }, { sh: 'echo ran' }]
    const { results } = await runDriver(place, { isolation: 'unshare', attempts, prefix })
    expect(results).toMatchObject([
      { code: expect.stringMatching(/^not-started: no way out to a proxy can be made here: /) as unknown, output: '' },
      { code: 0, output: 'ran\n' },
    ])
  })
})
