import { existsSync, realpathSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRig, type Rig } from './rig.ts'

const SANDBOXES = ['bubblewrap', 'unshare', 'none'] as const
const node = { name: 'node', path: process.execPath, version: '', digest: '' }

const [EPERM, ENOSYS, EPROTONOSUPPORT, EAFNOSUPPORT] = [1, 38, 93, 97] as const

/**
 * System calls that a kernel answers anybody, or at least looks into before it asks who calls: the name, its number on
 * x86-64 and arm64, arguments as Perl, and the error by which the filter is known.
 */
const ATTACKS: readonly (readonly [string, readonly [number, number | null], string, number])[] = [
  ['a user namespace', [272, 97], '0x10000000', EPERM],
  ['a child in a user namespace', [56, 220], '0x10000011, 0, 0, 0, 0', EPERM],
  ['a child by clone3', [435, 435], '0, 0', ENOSYS],
  ['another namespace', [308, 268], '-1, 0', EPERM],
  ['a mount', [165, 40], '0, "/nonesuch", "tmpfs", 0, 0', EPERM],
  ['the end of a mount', [166, 39], '"/", 0x100', EPERM],
  ['another root', [161, 51], '"/nonesuch"', EPERM],
  ['a handle of a mount', [428, 428], '-100, "/", 0', EPERM],
  ['options of a file system', [431, 431], '-1, 0, 0, 0, 0', EPERM],
  ['attributes of a mount', [442, 442], '-1, "", 0, 0, 0', EPERM],
  ['quotas', [443, 443], '-1, 0, 0, 0', EPERM],
  ['being traced', [101, 117], '0, 0, 0, 0', EPERM],
  ['memory of a process', [310, 270], '$$, 0, 0, 0, 0, 0', EPERM],
  ['writing to the memory of a process', [311, 271], '$$, 0, 0, 0, 0, 0', EPERM],
  ['a comparison of processes', [312, 272], '$$, $$, 1, 0, 0', EPERM],
  ['a descriptor of a process', [438, 438], '-1, 0, 0', EPERM],
  ['a key', [248, 217], '"user", "codex-test", "x", 1, -2', EPERM],
  ['a search for a key', [249, 218], '"user", "codex-nonesuch", 0, -2', EPERM],
  ['a keyring', [250, 219], '0, -1, 0', EPERM],
  ['counters of the processor', [298, 241], '0, 0, -1, -1, 0', EPERM],
  ['page faults of its own', [323, 282], '1', EPERM],
  ['a ring of calls', [425, 425], '1, 0', ENOSYS],
  ['a call in a ring', [426, 426], '-1, 0, 0, 0, 0, 0', ENOSYS],
  ['files of a ring', [427, 427], '-1, 0, 0, 0', ENOSYS],
  ['the time of day', [164, 170], '1, 0', EPERM],
  ['a clock', [227, 112], '0, 1', EPERM],
  ['the pace of the clock', [159, 171], '"\\0" x 512', EPERM],
  ['the pace of a clock', [305, 266], '0, "\\0" x 512', EPERM],
  ['ports of devices', [172, null], '0', EPERM],
  ['some ports of devices', [173, null], '0, 0, 0', EPERM],
  ['another personality', [135, 92], '0x40000', EPERM],
  ['typing for the user', [16, 29], '-1, 0x5412, "x"', EPERM],
  ['typing for the user, with more bits', [16, 29], '-1, 0x100005412, "x"', EPERM],
  ['the console', [16, 29], '-1, 0x541c, "x"', EPERM],
  ['a driver of modems', [16, 29], '-1, 0x5423, "x"', EPERM],
  ['packets', [41, 198], '17, 3, 0', EAFNOSUPPORT],
  ['a pair of sockets for packets', [53, 199], '17, 3, 0, "\\0" x 8', EAFNOSUPPORT],
  ['raw Internet packets', [41, 198], '2, 3, 0', EPERM],
  ['raw Internet packets, version 6', [41, 198], '10, 0x80003, 0', EPERM],
  ['events of devices', [41, 198], '16, 3, 15', EPROTONOSUPPORT],
]

const COLUMN = process.arch === 'arm64' ? 1 : 0

/** Makes each call in a process of its own, which it may change, and prints its place in the list and its error. */
const PERL = [
  ...['use strict;', 'sub attempt { my ($at, @call) = @_;', 'my $child = fork;', 'if ($child == 0) {'],
  ...['my $answer = syscall(shift @call, @call);', 'my $error = $answer == -1 ? $! + 0 : 0;'],
  ...['syswrite STDOUT, "$at $error\\n";', '1 while wait != -1; exit }', 'waitpid $child, 0 }'],
  ...ATTACKS.map(([, numbers, args], at) =>
    numbers[COLUMN] === null ? '' : `attempt(${at}, ${numbers[COLUMN]}, ${args});`,
  ),
].join('\n')

const rigs = new Map<string, Rig>()
const errors = new Map<string, ReadonlyMap<number, number>>()

beforeAll(async () => {
  for (const sandbox of SANDBOXES) {
    const rig = await openRig(sandbox)
    const { output } = await rig.run({ argv: ['perl', '-e', PERL] })
    rigs.set(sandbox, rig)
    errors.set(
      sandbox,
      new Map(
        output
          .trim()
          .split('\n')
          .map((line) => line.split(' ').map(Number) as [number, number]),
      ),
    )
  }
})

afterAll(async () => {
  await Promise.all([...rigs.values()].map((rig) => rig.close()))
})

function rigOf(sandbox: (typeof SANDBOXES)[number]): Rig {
  const rig = rigs.get(sandbox)
  if (!rig) throw new Error(`no ${sandbox}`)
  return rig
}

describe('bubblewrap keeps from an action', () => {
  const here = ATTACKS.map(([name, numbers, , errno], at) => ({ name, number: numbers[COLUMN], errno, at }))
  const known = here.filter(({ number }) => number !== null)

  it.each(known)('$name, which reaches the kernel elsewhere', ({ at, errno }) => {
    expect(errors.get('bubblewrap')?.get(at)).toBe(errno)
    expect([undefined, errno]).not.toContain(errors.get('none')?.get(at))
  })

  it('the same calls by the names of util-linux', async () => {
    const sh = 'setarch -R true; unshare --user true; mount -t tmpfs none /tmp; echo end'
    const { output } = await rigOf('bubblewrap').run({ sh })
    expect(output.match(/Operation not permitted|superuser/g)).toHaveLength(3)
    expect((await rigOf('none').run({ sh: 'setarch -R true && unshare --user true && echo end' })).output).toBe('end\n')
  })

  it('the filter and every other descriptor of its own', async () => {
    // What a pattern of the shell itself opens is gone by the time it is asked about.
    const sh = 'for d in "/proc/$$/fd/"*; do [ -e "$d" ] && echo "${d##*/}"; done; exit 0'
    expect((await rigOf('bubblewrap').run({ sh })).output).toBe('0\n1\n2\n')
  })
})

describe.runIf(process.arch === 'x64')('a call to the kernel as 32-bit programs make it', () => {
  /** getpid() by `int 0x80`, then exit(0) by `syscall`. */
  const code = [0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05]
  const files = { attack: { bytes: elf64(code), executable: true } }

  it('ends the process in bubblewrap', async () => {
    // 128 and SIGSYS.
    expect((await rigOf('bubblewrap').run({ argv: ['./attack'], files })).code).toBe(159)
  })

  it.each(['unshare', 'none'] as const)('is a matter of the kernel in %s', async (sandbox) => {
    expect((await rigOf(sandbox).run({ argv: ['./attack'], files })).code).not.toBe(159)
  })
})

/** The smallest program that Linux runs on x86-64: an ELF header, one segment, the code. */
function elf64(code: readonly number[]): Uint8Array {
  const [base, headers] = [0x400000, 120]
  const bytes = Buffer.alloc(headers + code.length)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  bytes.writeUInt16LE(2, 16)
  bytes.writeUInt16LE(62, 18)
  bytes.writeUInt32LE(1, 20)
  bytes.writeBigUInt64LE(BigInt(base + headers), 24)
  bytes.writeBigUInt64LE(64n, 32)
  bytes.writeUInt16LE(64, 52)
  bytes.writeUInt16LE(56, 54)
  bytes.writeUInt16LE(1, 56)
  bytes.writeUInt32LE(1, 64)
  bytes.writeUInt32LE(5, 68)
  bytes.writeBigUInt64LE(BigInt(base), 80)
  bytes.writeBigUInt64LE(BigInt(bytes.length), 96)
  bytes.writeBigUInt64LE(BigInt(bytes.length), 104)
  bytes.writeBigUInt64LE(4096n, 112)
  bytes.set(code, headers)
  return bytes
}

const NODE: Readonly<Record<string, readonly [program: string, output: string]>> = {
  'threads that share memory': [
    `const { Worker } = require('node:worker_threads')
     const shared = new Int32Array(new SharedArrayBuffer(4))
     const source = 'Atomics.add(require("node:worker_threads").workerData, 0, 1)'
     let left = 4
     for (let i = 0; i < 4; i++) new Worker(source, { eval: true, workerData: shared }).on('exit', () => --left || console.log(shared[0]))`,
    '4\n',
  ],
  'children that answer': [
    `const { fork, execFileSync } = require('node:child_process')
     require('node:fs').writeFileSync('/tmp/child.js', 'process.on("message", (m) => process.send(m + 1, () => process.disconnect()))')
     const child = fork('/tmp/child.js')
     child.on('message', (m) => console.log(m, execFileSync('echo', ['done'], { encoding: 'utf8' }).trim())).send(1)`,
    '2 done\n',
  ],
  'a unix socket': [
    `const net = require('node:net')
     const server = net.createServer((socket) => socket.end('own')).listen('/tmp/socket', () =>
       net.connect('/tmp/socket').on('data', (data) => console.log(String(data))).on('close', () => server.close()))`,
    'own\n',
  ],
  'TCP and UDP on loopback': [
    `const server = require('node:net').createServer((socket) => socket.end('tcp')).listen(0, '127.0.0.1', () =>
       require('node:net').connect(server.address().port, '127.0.0.1').on('data', (data) => console.log(String(data))).on('close', () => {
         server.close()
         const udp = require('node:dgram').createSocket('udp4')
         udp.on('message', (data) => { console.log(String(data)); udp.close() }).bind(0, '127.0.0.1', () => udp.send('udp', udp.address().port, '127.0.0.1'))
       }))`,
    'tcp\nudp\n',
  ],
  'the list of interfaces': [`console.log(Object.keys(require('node:os').networkInterfaces()).join())`, 'lo\n'],
  'many files at once': [
    `const { writeFile, readFile } = require('node:fs/promises')
     const names = Array.from({ length: 200 }, (_, i) => '/tmp/' + i)
     Promise.all(names.map((name) => writeFile(name, name))).then(() => Promise.all(names.map((name) => readFile(name, 'utf8'))))
       .then((texts) => console.log(texts.join() === names.join()))`,
    'true\n',
  ],
  WebAssembly: [
    `const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)
     WebAssembly.instantiate(bytes).then(({ instance }) => console.log(instance instanceof WebAssembly.Instance))`,
    'true\n',
  ],
}

const SHELL: Readonly<Record<string, readonly [sh: string, output: string]>> = {
  'a pipeline': ['seq 1000 | sort -rn | head -n 3 | paste -sd, | tr , +', '1000+999+998\n'],
  'background jobs and signals': [
    'sleep 1000 & trap "echo caught" TERM; kill -TERM $$; kill $!; { wait $! || echo $?; } 2>/dev/null',
    'caught\n143\n',
  ],
  'a session and a nice value of its own': ['setsid -w nice -n 5 nice', '5\n'],
  'locks, links and times': ['flock x true; ln x y; touch -d @0 y; stat -c %Y x; rm x y', '0\n'],
  'the usual personality': ['setarch "$(uname -m)" echo plain', 'plain\n'],
  'a process of one processor': ['taskset 1 nproc', '1\n'],
  'processes that Perl makes': [
    'perl -e \'open my $p, "-|", "echo child"; print <$p>; print "$$\\n" > 0\'',
    'child\n1',
  ],
}

describe('bubblewrap leaves an action', () => {
  it.each(Object.entries(NODE))('%s', async (_, [program, output]) => {
    const ran = await rigOf('bubblewrap').run({ argv: ['node', '-e', program], tools: [node] })
    expect([ran.output, ran.code]).toEqual([output, 0])
  })

  it.each(Object.entries(SHELL))('%s', async (_, [sh, output]) => {
    const ran = await rigOf('bubblewrap').run({ sh })
    expect([ran.output, ran.code]).toEqual([output, 0])
  })

  it.runIf(existsSync('/usr/bin/git'))('git', async () => {
    const sh = `cd /tmp && git init -q repo && cd repo && echo a >a && git add a
      git -c user.name=x -c user.email=x@example.org commit -qm first && git clone -q . ../clone && git -C ../clone log --format=%s
      git gc -q && git fsck 2>&1 && git worktree add -q ../tree && cat ../tree/a`
    const ran = await rigOf('bubblewrap').run({ sh })
    expect([ran.output, ran.code]).toEqual(['first\na\n', 0])
  })

  it.runIf(existsSync('/usr/bin/gcc'))('compilers and what they make', async () => {
    const c =
      '#include <pthread.h>\n#include <stdio.h>\nstatic void *f(void *x) { return x; }\nint main(void) { pthread_t t; return pthread_create(&t, 0, f, 0) || pthread_join(t, 0) || puts("made") < 0; }\n'
    const ran = await rigOf('bubblewrap').run({
      sh: 'gcc -pipe -flto -O2 -pthread -o /tmp/made made.c && /tmp/made',
      files: { 'made.c': c },
    })
    expect([ran.output, ran.code]).toEqual(['made\n', 0])
  })

  it.runIf(existsSync('/usr/bin/python3'))('Python and its pools of processes', async () => {
    const program = `import asyncio, multiprocessing
async def child():
  return await (await asyncio.create_subprocess_exec('true')).wait()
if __name__ == '__main__':
  with multiprocessing.Pool(4) as pool: print(sum(pool.map(abs, range(-9, 9))))
  print(asyncio.run(child()))
`
    const python3 = { name: 'python3', path: realpathSync('/usr/bin/python3'), version: '', digest: '' }
    const ran = await rigOf('bubblewrap').run({
      argv: ['python3', 'pool.py'],
      files: { 'pool.py': program },
      tools: [python3],
    })
    expect([ran.output, ran.code]).toEqual(['81\n0\n', 0])
  })
})
