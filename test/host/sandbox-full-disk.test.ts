import { describe, expect, it } from 'vitest'
import { driverPlace, runDriver, survivorsOf } from './driver-process.ts'
import type { DriverResult } from './driver.ts'
import { ISOLATIONS, type Attempt } from './rig.ts'

/** A disk of a megabyte, for the driver and all that it makes. $1: where. */
const SMALL_DISK = [
  ...['unshare', '--user', '--map-root-user', '--mount', '--', 'sh', '-ec'],
  'mount -t tmpfs -o size=1m tmpfs "$1"; cd "$1"; shift; exec "$@"',
  'sh',
]

const NEXT: Attempt = { sh: 'echo on' }

describe.each(ISOLATIONS)('on a full disk %s', (isolation) => {
  const place = driverPlace()

  const runOn = async (attempts: readonly Attempt[]): Promise<readonly DriverResult[]> => {
    const prefix = [...SMALL_DISK, place.parent]
    return (await runDriver(place, { isolation, attempts, prefix })).results
  }

  it('says so when inputs can not be laid out, and goes on', async () => {
    const [full, next] = await runOn([{ sh: 'echo never', files: { 'data.bin': 'x'.repeat(400_000) } }, NEXT])
    expect(full).toEqual({ thrown: 'ENOSPC' })
    expect(next).toMatchObject({ code: 0, output: 'on\n' })
  })

  it.each([
    ['keeps a small output', 200_000, { code: 1, whole: true, outputs: [expect.stringContaining('out')] }],
    ['says so when a large output can not be kept', 300_000, { thrown: 'ENOSPC' }],
  ])('%s, and keeps it whole when there is room', async (_, size, expected) => {
    const sh = `head -c ${size} /dev/zero >out; setsid sleep 7000.${process.pid} &`
    const filling = { sh: `${sh} head -c 10000000 /dev/zero >filler`, outputs: ['out'] }
    const [full, next] = await runOn([filling, { sh, outputs: ['out'] }])
    expect(full).toMatchObject(expected)
    expect(next).toMatchObject({ code: 0, whole: true, outputs: [expect.stringContaining('out')] })
    expect(await survivorsOf(`7000.${process.pid}`)).toEqual([])
  })

  it('leaves it to a command that fills it to fail', async () => {
    const [full, next] = await runOn([{ sh: 'head -c 10000000 /dev/zero >filler' }, NEXT])
    expect(full).toMatchObject({
      code: 1,
      undeclared: ['filler'],
      output: expect.stringContaining('No space left on device'),
    })
    expect(next).toMatchObject({ code: 0, output: 'on\n' })
  })
})
