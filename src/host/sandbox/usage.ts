import { readFileSync, statfsSync, statSync } from 'node:fs'
import { VIEW } from '../../model/view.ts'
import { attempt } from '../file-error.ts'
import { isInMemory } from '../scratch.ts'

/** Of the kernel's counts in /proc/<pid>/statm (proc(5)), on the architectures that Node.js supports. */
const PAGE_BYTES = 4096

/** Folders of an action whose files are in memory. */
const SPACES = [VIEW.temporary, VIEW.home, '/dev/shm'] as const

/** Adds up what processes hold in memory, as the kernel does in a cgroup. */
export interface MemoryGauge {
  /** Whether they hold more. `processes`: their folders in some /proc. */
  holdsMore(processes: readonly string[], bytes: number): boolean
}

/**
 * Programs and libraries are not counted, because they are no more than a copy of what is on the disk. What several processes share is
 * counted once, as in a cgroup: each one's part of it, and files in memory by the space that they take up. As a process may map
 * such a file, the larger of both counts. To find out everybody's part takes long, so it is asked for only where it might matter.
 */
export function createMemoryGauge(): MemoryGauge {
  let inside: string | null = null
  const spaceUsed = (processes: readonly string[]): number => {
    if (inside === null || !isInside(inside)) inside = processes.find(isInside) ?? null
    return inside === null ? 0 : SPACES.reduce((sum, space) => sum + usedIn(`${inside}/root${space}`), 0)
  }
  return {
    holdsMore: (processes, bytes) => {
      const space = spaceUsed(processes)
      // Each counts all that is shared, so that it is at least as much as there is.
      return [roughly, closely, exactly].every((look) => {
        const { own, shared } = sumOf(processes.map(look))
        return own + Math.max(space, shared) > bytes
      })
    },
  }
}

/** What a process holds, in bytes. */
interface Memory {
  readonly own: number
  /** In memory and with others, files or not. */
  readonly shared: number
}

function sumOf(held: readonly Memory[]): Memory {
  return held.reduce((sum, { own, shared }) => ({ own: sum.own + own, shared: sum.shared + shared }), NOTHING)
}

const NOTHING: Memory = { own: 0, shared: 0 }

/** Programs and libraries are among what is shared. */
function roughly(process: string): Memory {
  const [, resident = 0, shared = 0] = read(`${process}/statm`).split(' ').map(Number)
  return { own: (resident - shared) * PAGE_BYTES, shared: shared * PAGE_BYTES }
}

function closely(process: string): Memory {
  const status = read(`${process}/status`)
  return { own: bytesIn(status, 'RssAnon') ?? 0, shared: bytesIn(status, 'RssShmem') ?? 0 }
}

/** Kernels before 5.9 don't tell parts. */
function exactly(process: string): Memory {
  const parts = read(`${process}/smaps_rollup`)
  const [own, shared] = [bytesIn(parts, 'Pss_Anon'), bytesIn(parts, 'Pss_Shmem')]
  return own === null || shared === null ? { ...closely(process), shared: 0 } : { own, shared }
}

/**
 * Whether a process sees what an action does: its root is not the host's, and its folder for temporary files is in memory. What is
 * on its way there may have the one before the other.
 */
function isInside(process: string): boolean {
  const root = `${process}/root`
  const seen = attempt(root, () => !isSameFolder(root, '/') && isInMemory(`${root}${VIEW.temporary}`))
  return seen.ok && seen.value
}

function isSameFolder(one: string, other: string): boolean {
  const [left, right] = [statSync(one), statSync(other)]
  return left.dev === right.dev && left.ino === right.ino
}

function usedIn(folder: string): number {
  const space = attempt(folder, () => statfsSync(folder))
  return space.ok ? (space.value.blocks - space.value.bfree) * space.value.bsize : 0
}

/** A line `<name>: <number> kB`. */
function bytesIn(text: string, name: string): number | null {
  const found = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(text)
  return found ? Number(found[1]) * 1024 : null
}

function read(file: string): string {
  const text = attempt(file, () => readFileSync(file, 'latin1'))
  return text.ok ? text.value : ''
}
