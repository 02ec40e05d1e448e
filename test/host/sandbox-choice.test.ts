import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { examineMachine } from '../../src/host/doctor.ts'
import { buildDriver, runDriver, type Driver, type DriverRun } from './driver-process.ts'
import { ISOLATIONS, openRig, temporaryFolder } from './rig.ts'

let driver: Driver
let parent: string

beforeAll(async () => {
  driver = await buildDriver()
  parent = temporaryFolder()
})

afterAll(() => {
  driver.remove()
  rmSync(parent, { recursive: true, force: true })
})

/** Puts a file in the place of a program, for the driver alone. */
function instead(program: string, file: string): readonly string[] {
  const sh = 'mount --bind "$2" "$1"; shift 2; exec "$@"'
  return ['unshare', '--user', '--map-root-user', '--mount', '--', 'sh', '-ec', sh, 'sh', program, file]
}

function script(name: string, text: string): string {
  const path = join(parent, name)
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
  return path
}

function choose(isolation: string, prefix: readonly string[]): Promise<DriverRun> {
  return runDriver(driver, { isolation, parent, attempts: [{ sh: 'echo on' }], prefix })
}

describe('the choice of a sandbox', () => {
  it.each(ISOLATIONS)('says of %s what was seen to hold', async (isolation) => {
    const rig = await openRig(isolation)
    expect(rig.executor.name).toBe(isolation)
    expect(rig.executor.guarantees).toEqual({
      network: 'enforced',
      filesystem: 'enforced',
      processes: 'enforced',
      environment: 'enforced',
      syscalls: isolation === 'bubblewrap' ? 'enforced' : 'none',
    })
    await rig.close()
  })

  it('says of none that nothing holds', async () => {
    const rig = await openRig('none')
    expect(new Set(Object.values(rig.executor.guarantees))).toEqual(new Set(['none']))
    await rig.close()
  })

  it('prefers bubblewrap', async () => {
    expect((await choose('auto', [])).executor).toBe('bubblewrap')
  })

  it('takes unshare where bubblewrap is not installed', async () => {
    const { executor, results } = await choose('auto', instead('/usr/bin/bwrap', '/dev/null'))
    expect(executor).toBe('unshare')
    expect(results).toMatchObject([{ code: 0, output: 'on\n' }])
  })

  it('takes nothing in place of what was asked for', async () => {
    const chosen = choose('bubblewrap', instead('/usr/bin/bwrap', '/dev/null'))
    await expect(chosen).rejects.toThrow('bubblewrap is not-installed: bwrap')
  })

  it('tells what a sandbox says that can not be set up', async () => {
    const refuses = script('refuses', 'echo "bwrap: setting up uid map: Permission denied" >&2; exit 1')
    await expect(choose('bubblewrap', instead('/usr/bin/bwrap', refuses))).rejects.toThrow(
      /bubblewrap is blocked: bwrap: setting up uid map: Permission denied/,
    )
  })

  it('tells what a supervisor says that can not start', async () => {
    const refuses = script('no-unshare', 'echo "unshare: unshare failed: Operation not permitted" >&2; exit 1')
    await expect(choose('auto', instead('/usr/bin/unshare', refuses))).rejects.toThrow(
      /bubblewrap is blocked: .*Operation not permitted.*unshare is blocked: .*Operation not permitted/s,
    )
  })

  it('does not believe a program that isolates nothing', async () => {
    const leaks = script(
      'leaks',
      `echo '{"exit-code": 0}' >&3; exec 3>&-; while [ "$1" != -- ]; do
         [ "$1" != --bind ] || root=$2
         shift
       done; shift; cd "$root" && exec "$@"`,
    )
    await expect(choose('bubblewrap', instead('/usr/bin/bwrap', leaks))).rejects.toThrow(
      'bubblewrap is leaks: network, filesystem, processes, environment',
    )
  })

  it('closes what the caller left open', async () => {
    const sh = 'exec 4</ 9</; exec "$@"'
    const leaky = ['bash', '-c', `exec 20</ 251</etc; ${sh}`, 'bash']
    const attempts = [{ sh: 'ls /proc/self/fd' }]
    for (const isolation of [...ISOLATIONS, 'none']) {
      const { results } = await runDriver(driver, { isolation, parent, attempts, prefix: leaky })
      expect(results).toMatchObject([{ output: '0\n1\n2\n3\n' }])
    }
  })
})

describe('an examined machine', () => {
  it('is told both sandboxes, and leaves nothing behind', async () => {
    const findings = await examineMachine(parent)
    expect(findings.sandboxes).toEqual(ISOLATIONS.map((executor) => ({ executor, finding: null })))
    expect(findings.workspace).toEqual({ path: parent, writable: true })
    expect(findings.node).toEqual({ version: process.versions.node, supported: true })
  })
})
