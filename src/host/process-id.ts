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

/** Whether the process of that name is gone. Of one whose numbers count elsewhere, nothing is known. */
export function isGone(name: string): boolean {
  const [boot, namespace, id, started] = name.split('-')
  const place = placeOfNumbers()
  if (place === null || place !== `${boot}-${namespace}` || !/^\d+$/.test(id ?? '')) return false
  return startOf(Number(id)) !== started
}

function placeOfNumbers(): string | null {
  const boot = attempt('boot_id', () => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8))
  const namespace = attempt('pid', () => readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, ''))
  return boot.ok && namespace.ok ? `${boot.value}-${namespace.value}` : null
}

/** proc(5), stat: field 22, in clock ticks since the machine started; the second field is in parentheses and may hold anything. */
function startOf(id: number): string | null {
  const stat = attempt(String(id), () => readFileSync(`/proc/${id}/stat`, 'latin1'))
  return stat.ok ? (stat.value.slice(stat.value.lastIndexOf(')')).split(' ')[20] ?? null) : null
}
