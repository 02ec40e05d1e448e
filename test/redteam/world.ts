// The host that attacks are after: services, secrets and processes, all of them made for one run and gone after it.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { createSocket, type Socket, type SocketType } from 'node:dgram'
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type ListenOptions, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { placeFor, putFiles, type Files, type Place } from '../support/cli.ts'
import { pidsWith } from '../support/processes.ts'
import type { World } from './attack.ts'

export interface Host {
  readonly world: World
  readonly place: Place
  /** What services were told by anybody. */
  readonly heard: readonly string[]
  close(): Promise<void>
}

let count = 0

/**
 * @param files of the workspace, once the world is known
 * @param through what processes of the host are started through, so that they belong to whoever is attacked
 */
export async function openHost(
  files: (world: World) => Files,
  { ids, through }: { readonly ids: readonly string[]; readonly through: readonly string[] },
): Promise<Host> {
  const token = String(process.pid * 100 + count++)
  const secret = `canary-${token}`
  const place = placeFor({})
  const [outside, evidence] = ['outside', 'evidence'].map((name) => join(dirname(place.root), name)) as [string, string]
  const paths = { token, secret, ...place, outside, evidence, socket: join(outside, 'service') }
  for (const folder of [outside, evidence]) mkdirSync(folder)
  putSecrets(place, { outside, secret, ids })
  const services = await openServices(secret, { ...paths, abstract: `codex-redteam-${token}` })
  const processes = ['victim', 'target'].map((name) => start(name, { token, secret, outside, through }))
  const [victim = 0, target = 0] = processes.map(({ pid }) => pid)
  const world = { ...paths, ...services.at, victim, target }
  putFiles(place.root, files(world))
  giveAll(dirname(place.root), through)
  return {
    world,
    place,
    heard: services.heard,
    close: async () => {
      for (const process of processes) process.kill('SIGKILL')
      for (const pid of pidsWith(`survivor-${token}`)) stop(pid)
      removeTraces(token)
      await services.close()
    },
  }
}

interface Secrets {
  readonly outside: string
  readonly secret: string
  readonly ids: readonly string[]
}

function putSecrets(place: Place, { outside, secret, ids }: Secrets): void {
  const text = `${secret}\n`
  putFiles(place.home, { '.ssh/id_secret': text, '.profile': '' })
  putFiles(place.temporary, { session: text })
  putFiles(place.root, {
    '.git/config': text,
    '.git/hooks': 'a folder',
    '.gitignore': '.env\n',
    'vendor/lib.txt': 'library\n',
    'vendor.lock': '1\n',
    'bin/frob': { text: '#!/bin/sh\necho 1.0.0\n', mode: 0o755 },
  })
  putFiles(outside, { 'secret.txt': text, 'github-output': '' })
  for (const id of ids) putFiles(outside, { [`${id}.txt`]: { text: 'precious\n', mode: 0o600 } })
}

interface Services {
  readonly at: Pick<World, 'ports' | 'abstract'>
  readonly heard: readonly string[]
  close(): Promise<void>
}

async function openServices(
  secret: string,
  { abstract, socket }: { readonly abstract: string; readonly socket: string },
): Promise<Services> {
  const heard: string[] = []
  const tell = (message: Buffer): void =>
    void heard.push(...(message.toString('latin1').match(/[a-z][a-z0-9-]+/g) ?? []))
  const listen = (options: ListenOptions): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer((client) => {
        client
          .on('error', () => {})
          .on('data', (message) => {
            tell(message)
            client.end(secret)
          })
      })
      server.on('error', reject).listen(options, () => resolve(server))
    })
  const bind = (type: SocketType, address: string): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const bound = createSocket(type).on('message', tell).on('error', reject)
      bound.bind(0, address, () => resolve(bound))
    })
  const servers = await Promise.all(
    [{ port: 0, host: '0.0.0.0' }, { port: 0, host: '::1' }, { path: `\0${abstract}` }, { path: socket }].map(listen),
  )
  chmodSync(socket, 0o777)
  const sockets = await Promise.all([bind('udp4', '127.0.0.1'), bind('udp6', '::1')])
  const [tcp = 0, tcp6 = 0] = servers.map(portOf)
  const [udp = 0, udp6 = 0] = sockets.map((bound) => bound.address().port)
  return {
    at: { ports: { tcp, tcp6, udp, udp6 }, abstract },
    heard,
    close: async () => {
      for (const bound of sockets) bound.close()
      await Promise.all(servers.map((server) => new Promise((resolve) => void server.close(resolve))))
    },
  }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

interface Role {
  readonly token: string
  readonly secret: string
  readonly outside: string
  readonly through: readonly string[]
}

/** A process of whoever is attacked, with a secret in its variables and in a file that it has open. */
function start(name: string, { token, secret, outside, through }: Role): ChildProcess {
  const hold = 'exec 8<secret.txt; exec sh -c "read -r never; :" "$0"'
  const words = [...through, 'sh', '-c', hold, `${name}-${token}`]
  const env = { PATH: '/usr/bin:/bin', HELD: secret }
  return spawn(words[0] ?? '', words.slice(1), { cwd: outside, env, stdio: ['pipe', 'ignore', 'ignore'] })
}

/** To the user that the processes belong to. */
function giveAll(folder: string, through: readonly string[]): void {
  if (through.length === 0) return
  const [user, group] = ['--reuid=', '--regid='].map((flag) =>
    through.find((word) => word.startsWith(flag))?.slice(flag.length),
  )
  execFileSync('chown', ['-R', `${user}:${group}`, '--', folder])
}

function stop(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
}

/** What attacks leave on the machine where nothing stops them. */
function removeTraces(token: string): void {
  for (const folder of ['/tmp', '/dev/shm']) rmSync(join(folder, `codex-redteam-${token}`), { force: true })
  if (readFileSync('/proc/sysvipc/shm', 'utf8').includes(` ${token} `)) execFileSync('ipcrm', ['-M', token])
}
