import { readFileSync, readlinkSync } from 'node:fs'
import { attempt } from './file-error.ts'

/**
 * A name for this process that no other one has had since the machine started: where the number counts (the machine's start
 * and the PID namespace), the number, and when the process started. `null` without /proc.
 */
export function processName(): string | null {
  const place = placeOfNumbers()
  const started = startOf(process.pid)
  return place === null || started === null ? null : `${place}-${process.pid}-${started}`
}

/** `unknown`: its numbers count elsewhere, in another PID namespace, on another machine or before this one started anew. */
export type Fate = 'alive' | 'gone' | 'unknown'

/** What became of the process of that name. */
export function fateOf(name: string): Fate {
  const [boot, namespace, id, started] = name.split('-')
  const place = placeOfNumbers()
  if (place === null || place !== `${boot}-${namespace}` || !/^\d+$/.test(id ?? '')) return 'unknown'
  return startOf(Number(id)) === started ? 'alive' : 'gone'
}

function placeOfNumbers(): string | null {
  const boot = attempt('boot_id', () => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8))
  const namespace = attempt('pid', () => readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, ''))
  return boot.ok && namespace.ok ? `${boot.value}-${namespace.value}` : null
}

/** The process that started it, or has taken it over; 0 where there is none. */
export function parentOf(id: string): number {
  return Number(statOf(id)?.[2] ?? 0)
}

/** In clock ticks since the machine started. What has ended and only waits to be asked for its exit code is gone. */
function startOf(id: number): string | null {
  const fields = statOf(String(id))
  if (fields === null) return null
  return fields[1] === 'Z' || fields[1] === 'X' ? null : (fields[20] ?? null)
}

/** proc(5), stat, from the third field on behind what is no field; the second is in parentheses and may hold anything. */
function statOf(id: string): readonly string[] | null {
  const stat = attempt(id, () => readFileSync(`/proc/${id}/stat`, 'latin1'))
  return stat.ok ? stat.value.slice(stat.value.lastIndexOf(')')).split(' ') : null
}
