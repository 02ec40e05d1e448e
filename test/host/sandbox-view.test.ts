import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { environmentOf } from '../../src/plan/environment.ts'
import { commandAction } from '../support/actions.ts'
import { ISOLATIONS, openRig, type Rig } from './rig.ts'

const GIVEN = environmentOf(commandAction('pack:tests/1'), {})

const rigs = new Map<string, Rig>()

beforeAll(async () => {
  for (const isolation of ISOLATIONS) rigs.set(isolation, await openRig(isolation))
})

afterAll(async () => {
  await Promise.all([...rigs.values()].map((rig) => rig.close()))
})

function rigOf(isolation: string): Rig {
  const rig = rigs.get(isolation)
  if (!rig) throw new Error(`no ${isolation}`)
  return rig
}

/** Names, modes, owners and what links lead to; sizes and times of folders are the file system's. */
const LIST = `ls -la --time-style=+ "$@" | sed -E 's/^(d.{9}) +[0-9]+ +([^ ]+ +[^ ]+) +[0-9]+/\\1 \\2/; /^total /d'`

const VIEWS: Readonly<Record<string, string>> = {
  root: `set -- /; ${LIST}`,
  etc: `set -- /etc; ${LIST}; cat /etc/passwd /etc/group /etc/hosts /etc/nsswitch.conf`,
  devices: `set -- /dev; ${LIST}; echo data >/dev/null; head -c 4 /dev/zero | od -c; head -c 1 /dev/urandom | wc -c`,
  places: `set -- /tmp /home /home/codex /opt/codex/bin /dev/shm; ${LIST}; stat -c %a /tmp /home/codex /dev/shm`,
  workspace: `set -- . data; ${LIST}; stat -c '%n %a %Y' . data data/*`,
  environment: 'env | sort',
  user: 'id; umask; hostname; pwd; echo ~codex',
  limits: 'ulimit -a',
  status: "grep -E '^(Cap|SigBlk|SigIgn|NoNewPrivs)' /proc/self/status",
  descriptors: 'for d in /proc/self/fd/*; do echo "${d##*/}"; done',
  network: 'cut -d: -f1 -s /proc/net/dev; cat /proc/net/route',
  'first process': "tr '\\0' ' ' </proc/1/cmdline",
}

describe('the view of an action', () => {
  it.each(Object.entries(VIEWS))('is the same in every sandbox: %s', async (_, sh) => {
    const files = { 'data/a.txt': 'a\n', 'data/tool': { bytes: '#!/bin/sh\n', executable: true } }
    const [first, ...others] = await Promise.all(ISOLATIONS.map((isolation) => rigOf(isolation).run({ sh, files })))
    expect(first?.code).toBe(0)
    expect(first?.output).not.toBe('')
    for (const other of others) expect(other.output).toBe(first?.output)
  })
})

describe.each(ISOLATIONS)('in %s an action', (isolation) => {
  it('is an ordinary user on a machine without a name', async () => {
    const { output } = await rigOf(isolation).run({ sh: 'id -u; id -un; id -g; hostname; umask; pwd', cwd: '' })
    expect(output).toBe('1000\ncodex\n1000\nsandbox\n0022\n/workspace\n')
  })

  it('has the environment that it was given and nothing of the caller', async () => {
    const secret = 'CODEX_TEST_SECRET'
    process.env[secret] = 'visible'
    const { output } = await rigOf(isolation).run({ argv: ['env'], env: { ...GIVEN, LEVEL: '3' } })
    delete process.env[secret]
    const names = output
      .trim()
      .split('\n')
      .map((line) => line.slice(0, line.indexOf('=')))
    expect(names.toSorted()).toEqual([...Object.keys(GIVEN), 'LEVEL', 'PWD'].toSorted())
  })

  it('finds the places that the environment names', async () => {
    const sh = 'test -w "$HOME" && test -w "$TMPDIR" && echo "$PATH" && test -d "${PATH%%:*}"'
    const { code, output } = await rigOf(isolation).run({ sh, env: GIVEN })
    expect(code).toBe(0)
    expect(output).toBe(`${GIVEN['PATH']}\n`)
  })

  it('sees inputs with the time that its environment names, and the modes that the caller does not choose', async () => {
    const before = process.umask(0o077)
    try {
      const rig = await openRig(isolation)
      const files = { 'a/b.txt': 'b', 'a/run': { bytes: 'run', executable: true } }
      const { output } = await rig.run({ sh: "stat -c '%n %a %Y' . a a/b.txt a/run out", files, outputs: ['out/'] })
      await rig.close()
      const time = GIVEN['SOURCE_DATE_EPOCH']
      expect(output).toBe(`. 755 ${time}\na 755 ${time}\na/b.txt 644 ${time}\na/run 755 ${time}\nout 755 ${time}\n`)
    } finally {
      process.umask(before)
    }
  })

  it('has no capability and no way to get one', async () => {
    const sh = `grep ^Cap /proc/self/status; grep NoNewPrivs /proc/self/status
      unshare --user --map-root-user true && echo made a user namespace
      mount -t tmpfs tmpfs /workspace && echo mounted
      mount -o remount,rw,bind /usr && echo remounted
      chroot / true && echo changed root
      mknod /tmp/device c 1 3 && echo made a device
      hostname other && echo renamed the machine
      exit 0`
    const { output } = await rigOf(isolation).run({ sh })
    expect(output.match(/^Cap\w+:\s+0+$/gm)).toHaveLength(5)
    expect(output).toMatch(/NoNewPrivs:\s+1/)
    expect(output).not.toMatch(/^(made|mounted|remounted|changed|renamed)/m)
  })

  it('can write nowhere but to its workspace, its home and the folders for temporary files', async () => {
    const sh = `for place in / /usr /usr/bin /etc /dev /opt /opt/codex/bin /home /proc /proc/sys/kernel /workspace /tmp /home/codex /dev/shm; do
        (echo x >"$place/probe") 2>/dev/null && echo "$place"
      done
      for file in $(find /proc/sys /proc/sysrq-trigger /proc/irq /proc/bus /proc/fs /proc/acpi -type f -writable 2>/dev/null); do echo "$file"; done
      exit 0`
    const { output } = await rigOf(isolation).run({ sh, outputs: ['probe'] })
    expect(output).toBe('/workspace\n/tmp\n/home/codex\n/dev/shm\n')
  })

  it('sees no process but its own', async () => {
    const sh = 'for p in /proc/[0-9]*; do echo "${p##*/}"; done; kill -0 2>/dev/null; exit 0'
    const { output } = await rigOf(isolation).run({ sh })
    // The first process, its shell, and nothing else.
    expect(output.trim().split('\n').length).toBeLessThanOrEqual(3)
    expect(output).not.toContain(`${process.pid}\n`)
  })

  it('has no descriptor beside its streams', async () => {
    const { output } = await rigOf(isolation).run({ sh: 'cd /proc/self/fd && echo *' })
    // 3 is the shell's own listing.
    expect(output).toBe('0 1 2 3\n')
  })

  it('can open the streams that it has by name', async () => {
    const { output, code } = await rigOf(isolation).run({
      sh: 'echo out >/dev/stdout; echo err >/dev/stderr; cat </dev/stdin',
    })
    expect(output).toBe('out\nerr\n')
    expect(code).toBe(0)
  })

  it('sees tools and mounts at their places, read-only', async () => {
    const rig = rigOf(isolation)
    mkdirSync(join(rig.workspace, 'vendor/deep'), { recursive: true })
    writeFileSync(join(rig.workspace, 'vendor/deep/lib.txt'), 'library\n')
    writeFileSync(join(rig.workspace, 'greet'), '#!/bin/sh\necho "hello from $0"\n', { mode: 0o755 })
    const { output, code, undeclared } = await rig.run({
      sh: 'greet; cat vendor/deep/lib.txt; (echo x >vendor/deep/lib.txt) 2>/dev/null || echo refused; (echo x >vendor/new) 2>/dev/null || echo refused',
      mounts: [{ path: 'vendor', identity: 'vendor/deep/lib.txt', digest: '' }],
      tools: [{ name: 'greet', path: join(rig.workspace, 'greet'), version: '1', digest: '' }],
    })
    expect(output).toBe('hello from /opt/codex/bin/greet\nlibrary\nrefused\nrefused\n')
    expect(code).toBe(0)
    expect(undeclared).toEqual([])
  })
})

describe.each(ISOLATIONS)('%s hides', (isolation) => {
  let server: Server
  let abstract: Server

  beforeAll(async () => {
    server = createServer((socket) => socket.end('reached\n'))
    abstract = createServer((socket) => socket.end('reached\n'))
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    await new Promise<void>((resolve) => void abstract.listen(`\0codex-test-${process.pid}-${isolation}`, resolve))
  })

  afterAll(() => {
    server.close()
    abstract.close()
  })

  const connect = `
    const net = require('node:net')
    const socket = net.connect(JSON.parse(process.argv[1]))
    socket.on('data', (data) => process.stdout.write(data)).on('error', (error) => process.stdout.write(error.code))`
  const node = { name: 'node', path: process.execPath, version: process.versions.node, digest: '' }

  it('the network of the host, its loopback included', async () => {
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    expect(port).toBeGreaterThan(0)
    const argv = (options: object): string[] => ['node', '-e', connect, JSON.stringify(options)]
    const rig = rigOf(isolation)
    const local = await rig.run({ argv: argv({ port, host: '127.0.0.1' }), tools: [node] })
    expect(local.output).toBe('ECONNREFUSED')
    const far = await rig.run({ argv: argv({ port: 53, host: '192.0.2.1' }), tools: [node] })
    expect(far.output).toBe('ENETUNREACH')
    const unix = await rig.run({ argv: argv({ path: `\0codex-test-${process.pid}-${isolation}` }), tools: [node] })
    expect(unix.output).toBe('ECONNREFUSED')
  })

  it('but leaves an action its own loopback', async () => {
    const own = `
      const net = require('node:net')
      const server = net.createServer((socket) => socket.end('own')).listen(0, '127.0.0.1', () => {
        net.connect(server.address().port, '127.0.0.1').on('data', (data) => process.stdout.write(data)).on('close', () => server.close())
      })`
    const { output } = await rigOf(isolation).run({ argv: ['node', '-e', own], tools: [node] })
    expect(output).toBe('own')
  })

  it('the files of the host', async () => {
    const rig = rigOf(isolation)
    const secret = join(homedir(), `.codex-test-${process.pid}-${isolation}`)
    writeFileSync(secret, 'secret\n')
    writeFileSync(join(rig.workspace, 'undeclared.txt'), 'secret\n')
    const places = [
      secret,
      '/etc/shadow',
      '/root',
      '/run',
      '/var',
      '/sys',
      '/mnt',
      '/srv',
      '/boot',
      rig.workspace,
      rig.scratch.path,
    ]
    const sh = 'for place; do [ -e "$place" ] && echo "$place"; done; cat undeclared.txt 2>/dev/null; exit 0'
    const { output } = await rig.run({ argv: ['sh', '-c', sh, 'sh', ...places, '/usr/bin/env'] })
    rmSync(secret)
    expect(output).toBe('/usr/bin/env\n')
  })
})
