// Runs codex in a Linux that has cgroups of version 2, as root there; what came of it goes to `results.json`.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { stringify } from 'yaml'
import { INSIDE } from '../support/uml-places.ts'

/** What codex said of one run. */
export interface RanInside {
  readonly exitCode: number | null
  readonly said: string
  readonly manifest: string
  /** Of run.json. */
  readonly limiter: string
  /** Status and reason of each command, by its id. */
  readonly ends: Readonly<Record<string, string>>
  /** Folders that are left of its cgroups. */
  readonly left: readonly string[]
}

export interface InsideResults {
  readonly held: RanInside
  readonly watched: RanInside
  readonly readOnly: RanInside
  readonly delegated: RanInside
  readonly peaks: RanInside
  readonly peak: RanInside
  readonly killed: { readonly during: readonly string[]; readonly after: readonly string[]; readonly next: RanInside }
  readonly doctors: { readonly held: string; readonly watched: string }
}

const ROOT = '/sys/fs/cgroup'
const PYTHON = (program: string): readonly string[] => ['python3', '-c', program]

interface Step {
  readonly run: string | readonly string[]
  readonly limits?: Readonly<Record<string, string | number>>
  readonly outputs?: readonly string[]
}

/** Small ones, because memory takes its time here, and every file that a command may write is some. */
const limits = (memory: string, rest = {}): Readonly<Record<string, string | number>> => ({
  memory,
  processes: 20,
  output: '1MiB',
  ...rest,
})

/** At once: page by page, programs and libraries would be read again and again where there is hardly any room for them. */
const hold = (mib: number, kind: 'private' | 'shared', then = 'time.sleep(1)'): readonly string[] => {
  const flags = { private: 0x22, shared: 0x21 }[kind] | 0x8000
  return PYTHON(`import mmap, os, time\nheld = mmap.mmap(-1, ${mib} << 20, flags=${flags})\n${then}`)
}

/** What ends in the same way whoever looks after it. */
const STEPS: Readonly<Record<string, Step>> = {
  bomb: { run: hold(64, 'private'), limits: limits('24MiB') },
  'bomb-of-many': {
    run: ['sh', '-c', 'for i in 1 2 3; do "$@" & done; wait', 'sh', ...hold(16, 'private', 'time.sleep(30)')],
    limits: limits('40MiB'),
  },
  'bomb-shared': { run: hold(64, 'shared'), limits: limits('24MiB') },
  'bomb-of-files': {
    run: 'for i in 1 2 3 4; do head -c 16000000 /dev/zero >/tmp/$i; done; sleep 30',
    limits: limits('24MiB', { output: '16MiB' }),
  },
  'just-under': { run: hold(24, 'private'), limits: limits('40MiB') },
  'just-over': { run: hold(42, 'private'), limits: limits('40MiB') },
  'shared-by-many': {
    run: hold(20, 'private', 'for i in range(3): os.fork() or (time.sleep(1), os._exit(0))\ntime.sleep(1)'),
    limits: limits('56MiB'),
  },
  processes: { run: 'for i in $(seq 60); do sleep 30 & done; wait', limits: limits('1GiB') },
  'processes-enough': { run: 'for i in 1 2 3 4 5 6 7 8; do sleep 0.5 & done; wait', limits: { processes: 8 } },
  threads: {
    run: PYTHON(`import os, threading, time
for i in range(350): threading.Thread(target=time.sleep, args=(99,)).start()
time.sleep(30)
os._exit(0)`),
    limits: limits('1GiB'),
  },
  output: {
    run: 'for i in 1 2 3 4 5 6 7 8; do head -c 12000000 /dev/zero >out/$i; done',
    outputs: ['out/'],
    limits: limits('16MiB', { output: '12MiB' }),
  },
  good: { run: 'cat /proc/self/cgroup | grep ^0 >made; ls /sys >>made 2>&1 || :', outputs: ['made'] },
}

/** What only the kernel sees for sure: it is over before anybody can look. */
const PEAKS: Readonly<Record<string, Step>> = {
  'short-peak': { run: hold(64, 'private', 'held.close()'), limits: limits('24MiB') },
  'fork-bomb': { run: 'b() { b | b & b | b & }; b; sleep 1', limits: { processes: 20, output: '1MiB' } },
}

function workspace(name: string, steps: Readonly<Record<string, Step>>): string {
  const root = join('/run', name)
  const pack = join(root, 'task-packs', name)
  mkdirSync(pack, { recursive: true })
  mkdirSync(join(root, '.git'))
  const definition = {
    ...{ version: 1, id: name, title: 'Limits', pillar: 'platform', risk: 'low' },
    steps: Object.entries(steps).map(([id, step]) => ({ id, ...step })),
    acceptance: { tests: [{ run: 'test -s task.yml' }] },
  }
  writeFileSync(join(pack, 'task.yml'), stringify(definition))
  return root
}

interface Call {
  readonly args?: readonly string[]
  /** What to start codex through. */
  readonly through?: readonly string[]
}

const [SCENARIO = '', PROGRAM = ''] = process.argv.slice(2)
const CODEX = [INSIDE.node, PROGRAM]

function run(root: string, { args = [], through = [] }: Call = {}): RanInside {
  const [file = '', ...rest]: readonly string[] = [...through, ...CODEX, 'run', ...args]
  rmSync(join(root, '.codex'), { recursive: true, force: true })
  const { status, stdout, stderr } = spawnSync(file, rest, { cwd: root, encoding: 'utf8', timeout: 500_000 })
  const read = (name: string): string => {
    const path = join(root, '.codex/runs/latest', name)
    return existsSync(path) ? readFileSync(path, 'utf8') : '{}'
  }
  const manifest = JSON.parse(read('manifest.json')) as { actions?: readonly Record<string, unknown>[] }
  return {
    exitCode: status,
    said: `${stdout}\n${stderr}`,
    manifest: read('manifest.json'),
    limiter: (JSON.parse(read('run.json')) as { limiter?: string }).limiter ?? '',
    ends: Object.fromEntries(
      (manifest.actions ?? []).map(({ id, status: how, reason }) => {
        const { limit = '' } = (reason ?? {}) as { limit?: string }
        return [String(id), `${String(how)} ${limit}`.trim()]
      }),
    ),
    left: cgroups(),
  }
}

/** Every cgroup of a codex, wherever it is. */
function cgroups(folder = ROOT): readonly string[] {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return folders.flatMap(({ name }) => [...(name.startsWith('codex-') ? [name] : []), ...cgroups(join(folder, name))])
}

/** Starts what follows in a cgroup of its own, beside processes of somebody else where there are some. */
function inCgroup(name: string, others: readonly number[] = []): readonly string[] {
  const path = join(ROOT, name)
  mkdirSync(path, { recursive: true })
  for (const id of others) writeFileSync(join(path, 'cgroup.procs'), String(id))
  return ['sh', '-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"', path]
}

async function killWhileItRuns(root: string): Promise<InsideResults['killed']> {
  const sleeper = spawn(CODEX[0] ?? '', [...CODEX.slice(1), 'run', '--sandbox=bubblewrap'], {
    cwd: root,
    stdio: 'ignore',
  })
  while (!runs('4321')) await wait(20)
  const during = cgroups()
  sleeper.kill('SIGKILL')
  while (runs('4321')) await wait(20)
  const after = cgroups()
  return { during, after, next: run(workspace('next', { good: { run: 'echo on' } })) }
}

function runs(word: string): boolean {
  return readdirSync('/proc').some((name) => {
    try {
      return /^\d/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1') === `sleep\0${word}\0`
    } catch {
      return false
    }
  })
}

function doctor(through: readonly string[]): string {
  const [file = '', ...rest]: readonly string[] = [...through, ...CODEX, 'doctor', '--json']
  const { stdout } = spawnSync(file, rest, { cwd: '/run', encoding: 'utf8' })
  const { checks } = JSON.parse(stdout) as { checks: readonly { name: string; status: string; detail: string }[] }
  const check = checks.find(({ name }) => name === 'limits')
  return `${check?.status} ${check?.detail}`
}

/** What is done in there, by the name that the host gives it. */
const SCENARIOS: Readonly<Record<string, () => object | Promise<object>>> = {
  held: () => run(workspace('limits', STEPS), { args: ['-j2', '--sandbox=bubblewrap'] }),
  watched: () => run('/run/limits', { args: ['-j2', '--sandbox=bubblewrap'], through: beside() }),
  peaks: () => run(workspace('peaks', PEAKS), { args: ['--sandbox=unshare'] }),
  peak: () => run(workspace('peak', { 'short-peak': PEAKS['short-peak'] as Step })),
  killed: async () => killWhileItRuns(workspace('killed', { sleeper: { run: 'exec sleep 4321' } })),
  delegated: asOrdinaryUser,
  readOnly: withoutWriting,
  doctors: () => ({ held: doctor([]), watched: doctor(beside()) }),
}

/** In a cgroup with a process that is somebody else's. */
function beside(): readonly string[] {
  const { pid = 0 } = spawn('sleep', ['999'], { stdio: 'ignore' }).on('error', () => {})
  return inCgroup('shared', [pid])
}

async function main(): Promise<void> {
  spawnSync('sh', ['-c', 'ip link set lo up'])
  const results: Record<string, object> = {}
  for (const name of SCENARIO.split(',')) {
    process.stdout.write(`${name}\n`)
    results[name] = (await SCENARIOS[name]?.()) ?? {}
  }
  writeFileSync(`${INSIDE.host}/results.json`, JSON.stringify(results))
}

/** Nobody, in a cgroup that root has given away. */
function asOrdinaryUser(): RanInside {
  const root = workspace('delegated', { bomb: STEPS['bomb'] as Step, good: STEPS['good'] as Step })
  const through = inCgroup('delegated')
  const folder = join(ROOT, 'delegated')
  const given = [folder, ...['cgroup.procs', 'cgroup.subtree_control'].map((name) => join(folder, name))]
  for (const path of [...given, root]) spawnSync('chown', ['-R', '65534:65534', path])
  return run(root, { through: [...through, 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'] })
}

/** As engines for containers mount them. */
function withoutWriting(): RanInside {
  const root = workspace('read-only', { good: { run: 'echo on' } })
  const sh = 'mount -o remount,bind,ro "$0" && exec "$@"'
  return run(root, { through: ['unshare', '--mount', 'sh', '-c', sh, ROOT] })
}

await main()
process.exit()
