// Looks at the processes of the machine through /proc.
import { readdirSync, readFileSync } from 'node:fs'

/** A process and the time that it started at, because numbers are used again. */
export interface Seen {
  readonly pid: number
  readonly startedAt: string
}

/** How many processes have a text in their command line. */
export function countWith(marker: string): number {
  return pidsWith(marker).length
}

/** Numbers of the processes that have a text in their command line. */
export function pidsWith(marker: string): readonly number[] {
  return pids().filter((pid) => textOf(`/proc/${pid}/cmdline`).includes(marker))
}

/** All that descends from a process, itself left out. */
export function descendantsOf(pid: number): readonly Seen[] {
  const parents = new Map(pids().map((each) => [each, statOf(each)] as const))
  const found: Seen[] = []
  const wanted = [pid]
  for (let parent = wanted.pop(); parent !== undefined; parent = wanted.pop()) {
    for (const [each, stat] of parents) {
      if (stat?.parent !== parent) continue
      wanted.push(each)
      found.push({ pid: each, startedAt: stat.startedAt })
    }
  }
  return found
}

/** Those that still run; a process that has ended and was not waited for does not. */
export function alive(seen: readonly Seen[]): readonly Seen[] {
  return seen.filter(({ pid, startedAt }) => {
    const stat = statOf(pid)
    return stat !== null && stat.startedAt === startedAt && stat.state !== 'Z'
  })
}

function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** proc_pid_stat(5): the name in brackets may hold anything. */
function statOf(pid: number): { readonly state: string; readonly parent: number; readonly startedAt: string } | null {
  const stat = textOf(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state = '', parent = ''] = fields
  return stat === '' ? null : { state, parent: Number(parent), startedAt: fields[19] ?? '' }
}

/** Empty where the process has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
