import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import type { LimitName } from '../../model/outcome.ts'
import type { Limits } from '../../model/pack.ts'
import { attempt } from '../file-error.ts'
import { parentOf } from '../process-id.ts'
import { mostThreads } from './job.ts'
import { createMemoryGauge, type MemoryGauge } from './usage.ts'

/** Often enough to stop a tree of processes before a machine is exhausted; rarely enough to cost nothing that shows. */
const PERIOD_MS = 100

/** The supervisor's own processes, and those by which an isolation starts a command. */
const OWN_PROCESSES = 12

/**
 * Looks after what a tree of processes uses as a whole: rlimits count for each process, some for none of root's, and they
 * count address space, of which some runtimes reserve terabytes. Where the kernel does as well, by a cgroup, that is for what
 * comes and goes between two looks; what both see ends in the same way. `supervisor` is the process that waits for the
 * namespaces of a slot. Returns what ends the watching.
 */
export function watchUsage(supervisor: number, limits: Watched, onLimit: (limit: LimitName) => void): () => void {
  let proc: Proc | null = null
  const gauge = createMemoryGauge()
  const timer = setInterval(() => {
    proc ??= findProc(supervisor)
    const exceeded = proc === null ? null : exceededIn(proc, limits, gauge)
    if (exceeded) onLimit(exceeded)
  }, PERIOD_MS)
  return () => clearInterval(timer)
}

interface Proc {
  readonly path: string
  /** Ids of the slot's processes in it; throws where there is none any more. */
  list(): readonly string[]
}

/** The slot's own /proc, which shows just its processes, as the first process in there sees it; or else the host's. */
function findProc(supervisor: number): Proc | null {
  const first = firstChild(supervisor)
  if (first === null) return null
  const path = `/proc/${first}/root/proc`
  // It says who asks only to those that it shows.
  if (attempt(path, () => readlinkSync(`${path}/self`)).ok)
    return { path: '/proc', list: () => descendantsOf(supervisor) }
  return { path, list: () => idsIn(path) }
}

function idsIn(proc: string): readonly string[] {
  return readdirSync(proc).filter((name) => /^\d+$/.test(name))
}

/** What loses its parent in a namespace gets the first process there for one, so that nobody leaves this tree. */
function descendantsOf(ancestor: number): readonly string[] {
  const children = new Map<number, string[]>()
  for (const id of idsIn('/proc')) {
    const parent = parentOf(id)
    children.set(parent, [...(children.get(parent) ?? []), id])
  }
  const found = [...(children.get(ancestor) ?? [])]
  // An array that is being walked also yields what is added on the way.
  for (const id of found) found.push(...(children.get(Number(id)) ?? []))
  return found
}

function firstChild(parent: number): string | null {
  const path = `/proc/${parent}/task/${parent}/children`
  const children = attempt(path, () => readFileSync(path, 'utf8'))
  if (children.ok) return children.value.split(' ')[0] || null
  // Not every kernel is built to list them.
  return idsIn('/proc').find((name) => parentOf(name) === parent) ?? null
}

type Watched = Pick<Limits, 'memoryBytes' | 'processes'>

function exceededIn(proc: Proc, limits: Watched, gauge: MemoryGauge): LimitName | null {
  const listed = attempt(proc.path, () => proc.list())
  if (!listed.ok) return null
  const processes = listed.value.map((id) => `${proc.path}/${id}`)
  if (processes.length > limits.processes + OWN_PROCESSES) return 'processes'
  if (processes.reduce((sum, path) => sum + threadsOf(path), 0) > mostThreads(limits.processes)) return 'processes'
  return gauge.holdsMore(processes, limits.memoryBytes) ? 'memory' : null
}

/** Each is a folder, which its parent counts as a link to itself. */
function threadsOf(process: string): number {
  const stat = attempt(process, () => statSync(`${process}/task`))
  return stat.ok ? stat.value.nlink - 2 : 0
}
