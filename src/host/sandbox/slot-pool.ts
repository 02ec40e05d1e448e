import type { Cgroup } from './cgroups.ts'
import { openSlot, type Slot, type SlotJob } from './slot.ts'

export interface PooledJob extends SlotJob {
  /** What its file enters; `null`: nothing. */
  readonly cgroup: Cgroup | null
}

export interface JobEnd {
  /** `null` where the slot was closed or died first. */
  readonly exitCode: number | null
  /** At which the kernel has stopped it. */
  readonly limit: ReturnType<Cgroup['exceeded']>
}

export interface RunningJob {
  /** The process that waits for the namespaces that it runs in; `undefined` where it runs in none. */
  readonly supervisor: number | undefined
  readonly end: Promise<JobEnd>
  /** Resolves when every process of the job is gone. */
  kill(): Promise<void>
  /** What its slot had to complain about. */
  complaints(): string
}

/** Slots that wait for work, at most as many as ever ran at once. */
export interface SlotPool {
  start(job: PooledJob, onOutput: (bytes: Uint8Array) => void): RunningJob
  close(): Promise<void>
}

export function createSlotPool(namespaces: readonly string[], reusable: boolean): SlotPool {
  const idle: Slot[] = []
  const open = new Set<Slot>()
  const close = async (slot: Slot): Promise<void> => {
    await slot.close()
    open.delete(slot)
  }
  const take = (): Slot => {
    const slot = idle.pop() ?? openSlot(namespaces)
    open.add(slot)
    return slot
  }
  return {
    start: (job, onOutput) => {
      const slot = take()
      const { cgroup } = job
      let killed = false
      const end = slot.run(job, onOutput).then(async (exitCode) => {
        const limit = cgroup?.exceeded() ?? null
        // Where the kernel has ended everything at once, the shell may be told of the one process before the last is gone.
        if (exitCode !== null && limit === null && reusable && !killed) idle.push(slot)
        else await close(slot)
        return { exitCode, limit }
      })
      return {
        supervisor: namespaces.length > 0 ? slot.pid : undefined,
        end,
        kill: () => {
          killed = true
          cgroup?.kill()
          return close(slot)
        },
        complaints: () => slot.complaints().trim(),
      }
    },
    close: async () => {
      idle.length = 0
      await Promise.all([...open].map(close))
    },
  }
}
