import type { Clock } from '../../src/model/ports.ts'

export interface FakeClock extends Clock {
  /** The length of each sleep in order, in milliseconds. */
  readonly sleeps: readonly number[]
  /** Lets time pass: ends the sleeps that are due. */
  advance(ms: number): void
}

/**
 * A clock that stands still until the test advances it. With `skipSleeps`, a sleep advances it by itself and ends at once.
 */
export function fakeClock(options: { readonly skipSleeps?: boolean; readonly start?: number } = {}): FakeClock {
  const { skipSleeps = false, start = 1_000 } = options
  let now = start
  const sleeps: number[] = []
  let sleepers: { readonly due: number; readonly wake: () => void }[] = []
  const advance = (ms: number): void => {
    now += ms
    const due = sleepers.filter((sleeper) => sleeper.due <= now)
    sleepers = sleepers.filter((sleeper) => sleeper.due > now)
    for (const sleeper of due) sleeper.wake()
  }
  return {
    sleeps,
    advance,
    now: () => now,
    sleep: async (ms, signal) => {
      sleeps.push(ms)
      if (signal.aborted) return
      if (skipSleeps) {
        advance(ms)
        return
      }
      await new Promise<void>((resolve) => {
        sleepers.push({ due: now + ms, wake: resolve })
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    },
  }
}
