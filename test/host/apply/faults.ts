// A disk on which any change may be the last one, or may fail.
import { vi } from 'vitest'

/** What ends everything at once, as a kill does: nothing that comes after it is done. */
export class Crash extends Error {}

export interface Faults {
  /** How many changes go well before; `Infinity`: all. */
  after: number
  /** `crash`: the process ends; `once`: one change fails; `always`: so do all that follow. */
  kind: 'crash' | 'once' | 'always'
  /** How many changes there were. */
  count: number
}

export const faults: Faults = { after: Infinity, kind: 'crash', count: 0 }

export function failAfter(after: number, kind: Faults['kind']): void {
  Object.assign(faults, { after, kind, count: 0 })
}

const CHANGES = [
  'chmodSync',
  'chownSync',
  'copyFileSync',
  'linkSync',
  'mkdirSync',
  'renameSync',
  'rmSync',
  'rmdirSync',
  'symlinkSync',
  'unlinkSync',
  'writeFileSync',
  'writeSync',
  'fsyncSync',
] as const

type Disk = Record<string, unknown>

/** `node:fs` with those faults; what makes room does not fail for want of it. */
export async function faultyDisk(): Promise<Disk> {
  const actual = await vi.importActual<Disk>('node:fs')
  const wrapped = CHANGES.map((name) => {
    const call = actual[name] as (...args: readonly unknown[]) => unknown
    return [
      name,
      (...args: readonly unknown[]): unknown => {
        const isDue = faults.kind === 'once' ? faults.count === faults.after : faults.count >= faults.after
        faults.count++
        if (isDue && faults.kind === 'crash') throw new Crash(name)
        const needsRoom = name !== 'unlinkSync' && name !== 'rmSync' && name !== 'rmdirSync'
        if (isDue && needsRoom)
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC', syscall: name })
        // That it reaches the disk takes time, and no test can see it.
        return name === 'fsyncSync' ? undefined : call(...args.map((arg) => withoutFlush(arg)))
      },
    ] as const
  })
  return { ...actual, ...Object.fromEntries(wrapped) }
}

function withoutFlush(argument: unknown): unknown {
  return typeof argument === 'object' && argument !== null && 'flush' in argument
    ? { ...argument, flush: false }
    : argument
}
