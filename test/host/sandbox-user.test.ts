import { chownSync, rmSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { driverPlace, runDriver } from './driver-process.ts'
import type { DriverResult } from './driver.ts'
import { ISOLATIONS, temporaryFolder, type Attempt } from './rig.ts'

const NOBODY = 65534

/** Tests that root runs are run by an ordinary user as well. */
const USERS: Readonly<Record<string, readonly string[]>> =
  process.getuid?.() === 0
    ? {
        root: [],
        'an ordinary user': ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'],
      }
    : { 'an ordinary user': [] }

const LARGE = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`large/${index}`, `${index}`]))

const ATTEMPTS: Readonly<Record<string, Attempt & { readonly gives: Partial<DriverResult> }>> = {
  identity: { sh: 'id; umask; hostname; pwd; env | sort', gives: { code: 0 } },
  view: {
    sh: "ls -lagG --time-style=+ / /etc /dev /home . | sed -E 's/^(.{10}) +[0-9]+ +[0-9]+/\\1/; /^total/d'; grep ^Cap /proc/self/status",
    gives: { code: 0 },
  },
  'host files': { sh: 'ls /root /var /run /sys /work 2>/dev/null; cat /etc/shadow; exit 0', gives: { code: 0 } },
  privileges: {
    sh: 'for f in $(find /proc/sys /proc/irq /proc/bus -type f -writable 2>/dev/null); do echo "$f"; done; unshare -Ur true 2>/dev/null && echo nested; kill -KILL -1 2>/dev/null; exit 0',
    gives: { output: '' },
  },
  outputs: {
    sh: 'mkdir out/deep; echo x >out/deep/x; echo y >out/y; chmod 755 out/y',
    outputs: ['out/'],
    gives: { code: 0, whole: true },
  },
  'undeclared writes': {
    sh: 'echo x >new; printf b >a; rm c; touch -d @315532800 a',
    files: { a: 'a', c: 'c' },
    gives: { code: 0, altered: ['a', 'c'], undeclared: ['new'] },
  },
  'shut files and folders': {
    sh: 'mkdir out/shut; echo x >out/shut/x; chmod 000 out/shut/x out/shut out data .',
    files: { 'data/a': 'a' },
    outputs: ['out/'],
    gives: { code: 0, undeclared: [], whole: true },
  },
  'a folder that nobody may write to': {
    sh: 'mkdir -p a/b; echo x >a/b/c; chmod -R 555 .',
    gives: { undeclared: ['a/b/c'] },
  },
  'names that are not UTF-8': {
    sh: `d=$(printf 'd\\377'); mkdir -p "$d/e"; echo x >"$d/e/f"; chmod 000 "$d/e" "$d"`,
    gives: { undeclared: ['d\ufffd'] },
  },
  'special files': {
    sh: 'mkfifo out/fifo; ln -s x out/link',
    outputs: ['out/'],
    gives: { unusable: ['out/fifo', 'out/link'] },
  },
  'large inputs': {
    sh: 'stat -f -c %T .; rm large/1; printf other >large/2; rm -r large/3; mkdir large/3; mkdir out/x; echo 1 >out/x/1; chmod 000 out/x',
    files: LARGE,
    outputs: ['out/'],
    gives: { output: 'overlayfs\n', altered: ['large/1', 'large/2', 'large/3'], whole: true },
  },
  'a tree too deep': {
    argv: ['python3', '-c', "import os\nfor i in range(1500): os.mkdir('d'); os.chdir('d')\nos.chmod('.', 0)"],
    gives: { code: 0 },
  },
  'children that stay': { sh: 'setsid sleep 1000 & (trap "" TERM; sleep 1000) & exit 4', gives: { code: 4 } },
  'a time limit': {
    sh: 'trap "" TERM; while :; do sleep 1000; done',
    limits: { timeoutMs: 500 },
    gives: { code: 'timeout' },
  },
  'too much memory that is shared': {
    argv: ['python3', '-c', 'import mmap, time; held = mmap.mmap(-1, 200 << 20, flags=0x8021); time.sleep(1000)'],
    limits: { memoryBytes: 128 * 2 ** 20 },
    gives: { code: 'memory' },
  },
  'too many files in memory': {
    sh: 'head -c 150000000 /dev/zero >/tmp/x; exec sleep 1000',
    limits: { memoryBytes: 128 * 2 ** 20 },
    gives: { code: 'memory' },
  },
  'too many processes': {
    sh: 'i=0; while [ $i -lt 60 ]; do sleep 1000 & i=$((i+1)); done; wait',
    limits: { processes: 20 },
    gives: { code: 'processes' },
  },
}

describe.each(ISOLATIONS)('%s', (isolation) => {
  const place = driverPlace()
  const results = new Map<string, readonly DriverResult[]>()

  beforeAll(async () => {
    for (const [user, prefix] of Object.entries(USERS)) {
      const parent = temporaryFolder()
      if (prefix.length > 0) chownSync(parent, NOBODY, NOBODY)
      const attempts = Object.values(ATTEMPTS)
      results.set(user, (await runDriver(place, { isolation, parent, attempts, prefix })).results)
      rmSync(parent, { recursive: true, force: true })
    }
  })

  describe.each(Object.keys(USERS))('for %s', (user) => {
    it.each(Object.entries(ATTEMPTS))('holds: %s', (name, { gives }) => {
      const result = results.get(user)?.[Object.keys(ATTEMPTS).indexOf(name)]
      expect(result).not.toHaveProperty('thrown')
      expect(result).toMatchObject(gives)
    })
  })

  it('gives all users the same', () => {
    const [first, ...others] = results.values()
    for (const other of others) expect(other).toEqual(first)
  })
})
