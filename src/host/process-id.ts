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

/**
 * proc(5), stat: field 22, in clock ticks since the machine started; the second field is in parentheses and may hold anything.
 * What has ended and only waits to be asked for its exit code (field 3) is gone.
 */
function startOf(id: number): string | null {
  const stat = attempt(String(id), () => readFileSync(`/proc/${id}/stat`, 'latin1'))
  if (!stat.ok) return null
  const fields = stat.value.slice(stat.value.lastIndexOf(')')).split(' ')
  return fields[1] === 'Z' || fields[1] === 'X' ? null : (fields[20] ?? null)
}
