import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { execa } from 'execa'
import type { CgroupProblem } from '../../model/doctor.ts'
import type { Limits } from '../../model/pack.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { isSystemError } from '../file-error.ts'
import { fateOf, parentOf, processName } from '../process-id.ts'
import { findCgroup } from './cgroup-place.ts'
import { mostThreads } from './job.ts'
import { shellWord } from './shell.ts'

/** What one attempt and all that it starts are in; nothing in the sandbox can leave it, because it shows no cgroups. */
export interface Cgroup {
  /** Absolute path of the file by which a process enters: it writes 0 there. */
  readonly entrance: string
  /** The limit at which the kernel refused something or ended everything; it is known when the last process is gone. */
  exceeded(): 'memory' | 'processes' | null
  /** Ends every process in it. */
  kill(): void
  /** To be called when they are gone. */
  remove(): Promise<void>
}

export interface CgroupLimits extends Pick<Limits, 'memoryBytes' | 'processes'> {
  /** Bytes of its files, where the file system that it writes them to is memory: the kernel counts them too. */
  readonly filesBytes: number
}

/** The cgroups of a codex, below the one that it was started in. */
export interface Cgroups {
  /** `null`: the kernel has no further one, and a watchdog has to do. */
  create(limits: CgroupLimits): Cgroup | null
  /** Leaves everything as it was. */
  close(): void
}

/**
 * What the kernel counts beside the memory that processes hold for themselves: page tables, stacks, descriptors, the namespaces.
 * The watchdog does not see it, and what it does see is what the limit is about; so this comes on top.
 */
const KERNEL_BYTES = 16 * 1024 ** 2
const KERNEL_BYTES_EACH = 160 * 1024

const PREFIX = 'codex-'

/**
 * Takes the cgroup that codex is in for its own, if nobody else is in it: one with controllers has no processes itself
 * (Documentation/admin-guide/cgroup-v2.rst, "No Internal Process Constraint"), so codex moves to a leaf of it, and leaves whatever
 * belongs to somebody else where it is. What a codex that was killed left there is removed.
 */
export async function openCgroups(): Promise<Result<Cgroups, CgroupProblem>> {
  const found = findCgroup()
  if (!found.ok) return found
  const place = found.value
  const name = processName()
  if (name === null) return err('no-hierarchy')
  await removeAbandoned(dirname(place))
  await removeAbandoned(place)
  const folder = join(place, `${PREFIX}${name}`)
  const opened = enter(place, folder)
  if (!opened.ok) return opened
  const cgroups = cgroupsIn(folder, () => leave(place, folder, opened.value))
  if (await canBeUsed(cgroups)) return ok(cgroups)
  cgroups.close()
  return err('not-permitted')
}

/** Makes the leaf and moves to it. The result says which controllers were switched on for it. */
function enter(place: string, folder: string): Result<string, CgroupProblem> {
  const isRoot = !existsSync(join(place, 'cgroup.type'))
  const members = processesIn(place)
  if (!isRoot && !members.every(isOwn)) return err('shared')
  const leaf = join(folder, 'main')
  const before = read(join(place, 'cgroup.subtree_control')).trim().split(' ')
  const missing = isRoot ? [] : ['memory', 'pids'].filter((controller) => !before.includes(controller))
  const refusal = refused(() => {
    mkdirSync(folder)
    mkdirSync(leaf)
    for (const id of members.filter(isOwn)) writeFileSync(join(leaf, 'cgroup.procs'), id)
    for (const each of [place, folder]) writeFileSync(join(each, 'cgroup.subtree_control'), '+memory +pids')
  })
  const added = missing.map((controller) => `-${controller}`).join(' ')
  if (refusal === null) return ok(added)
  leave(place, folder, added)
  return err(refusal === 'EROFS' ? 'read-only' : refusal === 'EBUSY' ? 'shared' : 'not-permitted')
}

/** Undoes what {@link enter} has done, as far as it got. */
function leave(place: string, folder: string, added: string): void {
  const leaf = join(folder, 'main')
  // Controllers first: a cgroup that has some takes no processes.
  refused(() => writeFileSync(join(folder, 'cgroup.subtree_control'), '-memory -pids'))
  if (added !== '') refused(() => writeFileSync(join(place, 'cgroup.subtree_control'), added))
  for (const id of processesIn(leaf)) refused(() => writeFileSync(join(place, 'cgroup.procs'), id))
  for (const each of [leaf, folder]) refused(() => rmdirSync(each))
}

function cgroupsIn(folder: string, close: () => void): Cgroups {
  let count = 0
  return {
    create: (limits) => {
      const path = join(folder, `${count++}`)
      const refusal = refused(() => {
        mkdirSync(path)
        setLimits(path, limits)
      })
      if (refusal === null) return cgroupAt(path)
      refused(() => rmdirSync(path))
      return null
    },
    close,
  }
}

function setLimits(path: string, { memoryBytes, processes, filesBytes }: CgroupLimits): void {
  const kernelBytes = KERNEL_BYTES + processes * KERNEL_BYTES_EACH
  const set = (name: string, value: number): void => writeFileSync(join(path, name), String(value))
  set('memory.max', memoryBytes + kernelBytes + filesBytes)
  // Not there where the kernel has no swap.
  if (existsSync(join(path, 'memory.swap.max'))) set('memory.swap.max', 0)
  // What is left of an action that lost one of its processes would fail in some other way.
  set('memory.oom.group', 1)
  // The kernel counts threads, and a limit processes: this is for what starts them faster than the watchdog looks.
  set('pids.max', mostThreads(processes))
}

function cgroupAt(path: string): Cgroup {
  return {
    entrance: join(path, 'cgroup.procs'),
    exceeded: () => {
      const memory = countsIn(join(path, 'memory.events'))
      // Where only the machine or a cgroup above had no memory left, `oom` is 0.
      if ((memory.get('oom') ?? 0) > 0 && (memory.get('oom_kill') ?? 0) > 0) return 'memory'
      return (countsIn(join(path, 'pids.events')).get('max') ?? 0) > 0 ? 'processes' : null
    },
    kill: () => killAll(path),
    remove: () => removeWhenEmpty(path),
  }
}

/** The file is not there before Linux 5.14; then whatever else ends them has to do. */
function killAll(path: string): void {
  refused(() => writeFileSync(join(path, 'cgroup.kill'), '1', { flag: 'r+' }))
}

/** Lines of a name and a number. */
function countsIn(file: string): ReadonlyMap<string, number> {
  return new Map(
    read(file)
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name = '', count]) => [name, Number(count)]),
  )
}

function read(file: string): string {
  let text = ''
  refused(() => (text = readFileSync(file, 'latin1')))
  return text
}

/** Why the system does not do something, as its own code; `null`: it was done. Whatever it is, a watchdog does without. */
function refused(operation: () => void): string | null {
  try {
    operation()
    return null
  } catch (error) {
    if (!isSystemError(error)) throw error
    return error.code
  }
}

/** Ids as this process sees them; 0 stands for one that it does not see. */
function processesIn(path: string): readonly string[] {
  return read(join(path, 'cgroup.procs')).split('\n').filter(Boolean)
}

/** Whether it is this process, or one that this one has started. */
function isOwn(id: string): boolean {
  for (let at = Number(id); at > 1 || at === process.pid; at = parentOf(String(at))) if (at === process.pid) return true
  return false
}

const ROUNDS = 400
const PAUSE_MS = 5

/** A process is still there for a moment after it was killed. */
async function removeWhenEmpty(path: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    if (refused(() => rmdirSync(path)) !== 'EBUSY') return
    await wait(PAUSE_MS)
  }
}

async function removeAbandoned(place: string): Promise<void> {
  const abandoned = foldersIn(place).filter(
    (name) => name.startsWith(PREFIX) && fateOf(name.slice(PREFIX.length)) === 'gone',
  )
  for (const folder of abandoned.map((name) => join(place, name))) {
    killAll(folder)
    for (const name of foldersIn(folder)) await removeWhenEmpty(join(folder, name))
    await removeWhenEmpty(folder)
  }
}

function foldersIn(path: string): readonly string[] {
  const names: string[] = []
  refused(() => {
    for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) names.push(entry.name)
  })
  return names
}

/** Whether a process in a user namespace, as all are that run actions, can enter one. */
async function canBeUsed(cgroups: Cgroups): Promise<boolean> {
  const cgroup = cgroups.create({ memoryBytes: 0, processes: 8, filesBytes: 0 })
  if (!cgroup) return false
  const command = ['unshare', '--user', '--map-root-user', '--mount', '--', 'sh', '-c', enterLine(cgroup)]
  const { exitCode } = await execa({ stdio: 'ignore', reject: false, detached: true })`${command}`
  await cgroup.remove()
  return exitCode === 0
}

/** A line of a shell script behind which its process is in the cgroup. */
export function enterLine({ entrance }: Cgroup): string {
  return `echo 0 >${shellWord(entrance)} || exit 125\n`
}
