import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { driverPlace, processesOf, startDriver, survivorsOf } from './driver-process.ts'
import { ISOLATIONS } from './rig.ts'

/** Milliseconds after the start of an action: while the sandbox is being built, and when it stands. */
const MOMENTS = Array.from({ length: 40 }, (_, index) => 1 + ((index * 7) % 30))

const AT_ONCE = 5

describe.each(ISOLATIONS)('when codex is killed, %s', (isolation) => {
  const place = driverPlace()

  async function survivorsAfter(ms: number, index: number): Promise<readonly string[]> {
    const folder = join(place.parent, `${index}`)
    mkdirSync(folder)
    const marker = `8${process.pid}.${10_000 + index}`
    const sh = 'setsid sleep "$1" & trap "" TERM HUP; echo up; while :; do sleep "$1"; done'
    const attempts = [1, 2].map(() => ({ argv: ['sh', '-c', sh, 'sh', marker] }))
    const child = startDriver(place, { isolation, parent: folder, attempts, together: true })
    const closed = new Promise((resolve) => void child.on('close', resolve))
    await new Promise((resolve) => void child.stdout?.once('data', resolve))
    const running = processesOf(marker, folder)
    await new Promise((resolve) => void setTimeout(resolve, ms))
    child.kill('SIGKILL')
    await closed
    return running.length === 0 ? ['nothing had been started'] : survivorsOf(marker, folder)
  }

  it('no process of an action survives, at whatever moment', { timeout: 180_000 }, async () => {
    for (let from = 0; from < MOMENTS.length; from += AT_ONCE) {
      const moments = MOMENTS.slice(from, from + AT_ONCE)
      const left = await Promise.all(moments.map((ms, index) => survivorsAfter(ms, from + index)))
      expect(left.flat()).toEqual([])
    }
  })
})
