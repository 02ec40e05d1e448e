import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processesOf } from './driver-process.ts'
import { ISOLATIONS, openRig, type Rig } from './rig.ts'

const KIB = 1024
const MIB = 1024 * KIB

describe.each([...ISOLATIONS, 'none'] as const)('in %s', (isolation) => {
  let rig: Rig

  beforeAll(async () => {
    rig = await openRig(isolation)
  })

  afterAll(() => rig.close())

  it.each([
    ['endless output', 'yes "$1"'],
    ['one endless line', "exec tr '\\\\0' x </dev/zero"],
    ['endless output of a command that ignores signals', 'trap "" TERM HUP PIPE; while :; do echo "$1"; done'],
  ])('a log limit stops %s, in bounded memory', async (_, sh) => {
    const marker = `log ${process.pid} ${isolation}`
    let [received, largest] = [0, 0]
    const before = process.memoryUsage().rss
    const onOutput = (chunk: Uint8Array): boolean => {
      received += chunk.length
      largest = Math.max(largest, chunk.length)
      return received < 10 * MIB
    }
    const { code } = await rig.run({ argv: ['sh', '-c', sh, 'sh', marker], onOutput })
    expect(code).toBe('log')
    expect(received).toBeGreaterThanOrEqual(10 * MIB)
    expect(received).toBeLessThan(10 * MIB + largest + 1)
    expect(largest).toBeLessThanOrEqual(MIB)
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MIB)
    expect(processesOf(marker)).toEqual([])
  })

  it.each([
    ['one output', 'head -c 1048577 /dev/zero >out/x', 'output'],
    ['one output that is just as large', 'head -c 1048576 /dev/zero >out/x', 0],
    ['outputs together', 'for i in 1 2 3; do head -c 400000 /dev/zero >out/$i; done', 'output'],
    ['outputs that are only just not', 'for i in 1 2; do head -c 524288 /dev/zero >out/$i; done', 0],
    ['holes', 'truncate -s 600K out/1 out/2', 'output'],
    ['a file that is not declared', 'exec head -c 9999999 /dev/zero >other', 'output'],
    ['a command whose child is stopped', 'head -c 9999999 /dev/zero >out/x || exit 9', 'output'],
    ['a command that is told so', 'exec python3 -c \'open("out/x", "wb").write(bytes(9999999))\'', 'output'],
    ['a command that carries on', 'head -c 9999999 /dev/zero >out/x; rm out/x; echo >out/y', 0],
    ['undeclared files together', 'for i in 1 2 3; do head -c 400000 /dev/zero >$i; done', 'output'],
    ['declared and undeclared files together', 'for i in out/1 2 3; do head -c 400000 /dev/zero >$i; done', 'output'],
    ['both that are only just not', 'for i in out/1 2; do head -c 524288 /dev/zero >$i; done', 0],
  ])('an output limit tells of %s', async (_, sh, code) => {
    const ran = await rig.run({ sh, outputs: ['out/'], limits: { outputBytes: MIB } })
    expect(ran.code).toBe(code)
    expect(ran.outputs.entries.length === 0).toBe(code === 'output')
  })

  it('outputs are measured before anything reads them', async () => {
    const program = `
import os
for i in range(400): os.truncate(os.open('out/%d' % i, os.O_CREAT | os.O_WRONLY), 2**27)`
    const { code } = await rig.run({
      argv: ['python3', '-c', program],
      outputs: ['out/'],
      limits: { timeoutMs: 30_000 },
    })
    expect(code).toBe('output')
  })

  it('a time limit is told as such', async () => {
    const { code, undeclared } = await rig.run({ sh: 'echo x >left; exec sleep 1000', limits: { timeoutMs: 300 } })
    expect(code).toBe('timeout')
    expect(undeclared).toEqual([])
  })

  it.each([
    ['names of one letter', 'd', 700],
    ['long names', 'long-'.repeat(40), 100],
  ])('a tree too deep to be named is reported and removed: %s', async (_, name, depth) => {
    const program = `
import os
for i in range(${depth}):
  os.makedirs('${name}', exist_ok=True); os.chdir('${name}')
  if i % 7 == 0: open('file', 'w').close()
os.chmod('.', 0)`
    const ran = await rig.run({ argv: ['python3', '-c', program] })
    expect(ran.code).toBe(0)
    expect(ran.undeclared.length).toBeGreaterThan(1)
    const deepest = ran.undeclared.find((path) => path.endsWith(`/${name}`)) ?? ''
    expect(deepest.length).toBeGreaterThan(1024)
    const declared = await rig.run({ argv: ['python3', '-c', program], outputs: [`${name}/`] })
    expect(declared.unusable).toEqual([deepest])
  })

  it('no folder of an action stays on disk', async () => {
    await rig.run({ sh: 'mkdir -p a/b/c; echo x >a/b/c/d; chmod -R a-rwx a', outputs: ['a/'] })
    const left = readdirSync(join(rig.scratch.path, `${isolation}-run`, '0'), { withFileTypes: true })
    expect(left.filter((entry) => entry.isDirectory())).toEqual([])
  })
})

describe.each(ISOLATIONS)('what %s watches', (isolation) => {
  let rig: Rig

  beforeAll(async () => {
    rig = await openRig(isolation)
  })

  afterAll(() => rig.close())

  it('is the memory of all processes together', async () => {
    const sh = `for i in 1 2 3; do python3 -c 'import time; x = b"x" * (60 * 2**20); time.sleep(1000)' & done; wait`
    expect((await rig.run({ sh, limits: { memoryBytes: 128 * MIB } })).code).toBe('memory')
  })

  it.each([
    ['memory that is shared', 'import mmap, time; held = mmap.mmap(-1, 200 << 20, flags=0x8021); time.sleep(1000)'],
    [
      'files that are in memory, wherever they are',
      `import os, time
for place in ['/tmp', '/dev/shm', os.environ['HOME']]: open(place + '/x', 'wb').write(b'x' * (50 << 20))
time.sleep(1000)`,
    ],
  ])('is %s', async (_, program) => {
    const { code } = await rig.run({ argv: ['python3', '-c', program], limits: { memoryBytes: 128 * MIB } })
    expect(code).toBe('memory')
  })

  it('is what processes share only once', async () => {
    const program = `
import mmap, os, time
own = mmap.mmap(-1, 40 << 20, flags=0x8022)
shared = mmap.mmap(-1, 20 << 20, flags=0x8021)
open('/dev/shm/x', 'wb').write(b'x' * (20 << 20))
for i in range(4): os.fork() or (shared.find(b'x'), time.sleep(0.6), os._exit(0))
time.sleep(0.6)`
    const { code, output } = await rig.run({ argv: ['python3', '-c', program], limits: { memoryBytes: 128 * MIB } })
    expect([code, output]).toEqual([0, ''])
  })

  it('is the number of threads, of which there may be more', async () => {
    const program = (count: number, seconds: number): string => `
import threading, time
for i in range(${count}): threading.Thread(target=time.sleep, args=(${seconds},)).start()`
    const run = async (count: number, seconds: number) =>
      rig.run({ argv: ['python3', '-c', program(count, seconds)], limits: { processes: 4 } })
    expect((await run(400, 1000)).code).toBe('processes')
    expect((await run(150, 0.5)).code).toBe(0)
  })

  it('is not address space that is only reserved', async () => {
    const argv = [
      'python3',
      '-c',
      'import mmap, time; held = mmap.mmap(-1, 2**36, flags=mmap.MAP_PRIVATE | 0x4000); time.sleep(0.5)',
    ]
    expect((await rig.run({ argv, limits: { memoryBytes: 128 * MIB } })).code).toBe(0)
  })

  it('is the number of processes', async () => {
    const sh = 'for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & sleep 1000 & sleep 1000 & sleep 1000 & done; wait'
    expect((await rig.run({ sh, limits: { processes: 20 } })).code).toBe('processes')
    expect((await rig.run({ sh: 'sleep 0.3 & sleep 0.3 & wait', limits: { processes: 4 } })).code).toBe(0)
  })
})

/** Makes so many files and folders, in folders of a thousand, and takes its own leave to read them away. */
const MANY = (most: number, folder: string): readonly string[] => [
  'python3',
  '-c',
  `
import os
made = 0
while made < ${most}:
  place = '${folder}/%d' % made
  os.mkdir(place); made += 1
  for i in range(min(999, ${most} - made)): os.close(os.open('%s/%d' % (place, i), os.O_CREAT | os.O_WRONLY)); made += 1
  os.chmod(place, 0)
os.chmod('${folder}', 0)`,
]

describe('how many files an action may leave', () => {
  let rig: Rig

  beforeAll(async () => {
    // In memory: some disks take a minute to make so many.
    rig = await openRig('bubblewrap', existsSync('/dev/shm') ? '/dev/shm' : undefined)
  })

  afterAll(() => rig.close())

  /** More than are copied, so that they are shown through an overlay where one can be had. */
  const filling = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`in/${index}`, `${index}`]))

  it.each([
    ['declared', {}, ['out/'], () => false],
    ['neither declared nor ignored', filling, ['other', 'out/none/'], () => false],
    ['ignored', {}, ['out/none/'], () => true],
  ])('ends at 100,000 that are %s, and they are gone', { timeout: 240_000 }, async (_, files, outputs, ignores) => {
    // What is there before a command starts does not count: `out`, and `out/none` where an output lies in it.
    const { end, ...rest } = await rig.run({ files, outputs, ignores, argv: MANY(100_001, 'out') })
    expect(end).toEqual({ kind: 'limit', limit: 'output', files: 100_000 })
    expect(rest).toMatchObject({ outputs: { entries: [] }, undeclared: [], missing: [] })
    const lane = join(rig.scratch.path, 'bubblewrap-run', '0')
    expect(readdirSync(lane, { withFileTypes: true }).filter((entry) => entry.isDirectory())).toEqual([])
    expect((await rig.run({ sh: 'echo on' })).output).toBe('on\n')
  })

  it('does not count its inputs, nor end it before', { timeout: 240_000 }, async () => {
    const { code } = await rig.run({
      files: filling,
      outputs: ['out/none/'],
      ignores: () => true,
      argv: ['sh', '-c', 'cp in/2 in/1; cp in/3 in/2; cp in/1 in/3; exec "$@"', 'sh', ...MANY(100_000, 'out')],
    })
    expect(code).toBe(0)
  })
})

describe('an action that makes 50,000 files', () => {
  it('has them all told, or kept', { timeout: 240_000 }, async () => {
    const rig = await openRig('bubblewrap')
    const program = `
import os
for i in range(100):
  for place in ['out', 'more']:
    os.makedirs('%s/%d' % (place, i))
    for j in range(250): open('%s/%d/%d' % (place, i, j), 'w').write(str(j))`
    const { undeclared, outputs } = await rig.run({
      argv: ['python3', '-c', program],
      outputs: ['out/'],
      limits: { timeoutMs: 200_000 },
    })
    expect(undeclared).toHaveLength(25_000)
    expect(undeclared.slice(0, 3)).toEqual(['more/0/0', 'more/0/1', 'more/0/10'])
    expect(outputs.entries).toHaveLength(25_000)
    await rig.close()
  })
})
