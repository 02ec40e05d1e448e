import { openSlot, type Slot, type SlotJob } from './slot.ts'

/** How a job ended: its exit code, or `null` where its slot was closed or died first. */
export interface RunningJob {
  /** The process that waits for the namespaces that it runs in; `undefined` where it runs in none. */
  readonly supervisor: number | undefined
  readonly exitCode: Promise<number | null>
  /** Resolves when every process of the job is gone. */
  kill(): Promise<void>
  /** What its slot had to complain about. */
  complaints(): string
}

/** Slots that wait for work, at most as many as ever ran at once. */
export interface SlotPool {
  start(job: SlotJob, onOutput: (bytes: Uint8Array) => void): RunningJob
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
      const exitCode = slot.run(job, onOutput).then(async (code) => {
        if (code !== null && reusable) idle.push(slot)
        else await close(slot)
        return code
      })
      return {
        supervisor: namespaces.length > 0 ? slot.pid : undefined,
        exitCode,
        kill: () => close(slot),
        complaints: () => slot.complaints().trim(),
      }
    },
    close: async () => {
      idle.length = 0
      await Promise.all([...open].map(close))
    },
  }
}
