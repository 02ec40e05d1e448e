import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Aspect } from '../../src/model/plan.ts'
import { examineMachine } from '../../src/host/doctor.ts'
import { driverPlace, runDriver, survivorsOf, type DriverRun } from './driver-process.ts'
import { ISOLATIONS, openRig, type Attempt } from './rig.ts'

const place = driverPlace()

/** Puts a file in the place of a program, for the driver alone. */
function instead(program: string, file: string): readonly string[] {
  const sh = 'mount --bind "$2" "$1"; shift 2; exec "$@"'
  return ['unshare', '--user', '--map-root-user', '--mount', '--', 'sh', '-ec', sh, 'sh', program, file]
}

function script(name: string, text: string): string {
  const path = join(place.parent, name)
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
  return path
}

/** Takes bubblewrap's arguments, and isolates nothing. */
function leaking(): string {
  return script(
    'leaks',
    `echo '{"exit-code": 0}' >&3; exec 3>&-; while [ "$1" != -- ]; do
       [ "$1" != --bind ] || root=$2
       shift
     done; shift; cd "$root" && exec "$@"`,
  )
}

function choose(isolation: string, prefix: readonly string[]): Promise<DriverRun> {
  return runDriver(place, { isolation, attempts: [{ sh: 'echo on' }], prefix })
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

  it('lets an action of none start whatever else its user has running', async () => {
    const sh = 'ulimit -u 2>/dev/null || ulimit -p'
    const rig = await openRig('none')
    const { output } = await rig.run({ sh })
    await rig.close()
    expect(output).toBe(execFileSync('sh', ['-c', sh], { encoding: 'utf8' }))
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
    await expect(choose('bubblewrap', instead('/usr/bin/bwrap', leaking()))).rejects.toThrow(
      'bubblewrap is leaks: network, filesystem, processes, environment',
    )
  })

  it('closes what the caller left open', async () => {
    const sh = 'exec 4</ 9</; exec "$@"'
    const leaky = ['bash', '-c', `exec 20</ 251</etc; ${sh}`, 'bash']
    const attempts = [{ sh: 'ls /proc/self/fd' }]
    for (const isolation of [...ISOLATIONS, 'none']) {
      const { results } = await runDriver(place, { isolation, attempts, prefix: leaky })
      expect(results).toMatchObject([{ output: '0\n1\n2\n3\n' }])
    }
  })
})

/** Starts the driver where no network namespace can be made, as on kernels and in containers that have none to give. */
const WITHOUT_NETWORKS = [
  ...['unshare', '--user', '--map-root-user', 'sh', '-ec'],
  'echo 0 >/proc/sys/user/max_net_namespaces; exec "$@"',
  'sh',
]

describe('a machine on which the network can not be kept apart', () => {
  const chooseWith = async (isolation: string, accepted: readonly Aspect[], prefix = WITHOUT_NETWORKS) => {
    const sh = 'exec 2>/dev/null; grep -c : /proc/net/dev; cat "$0"; echo x >/usr/x; echo "$HOME"'
    const attempts = [{ argv: ['sh', '-c', sh, join(place.parent, 'secret')] }]
    return runDriver(place, { isolation, attempts, accepted, prefix })
  }

  it('is refused, and said to have a weaker sandbox', async () => {
    await expect(chooseWith('auto', [])).rejects.toThrow(
      /bubblewrap is blocked: .*, but works without network; unshare is blocked: .*, but works without network/s,
    )
  })

  it.each<readonly Aspect[]>([['processes'], ['filesystem', 'processes', 'environment', 'syscalls']])(
    'is refused where only others are accepted: %s',
    async (...accepted) => {
      await expect(chooseWith('auto', accepted)).rejects.toThrow('works without network')
    },
  )

  it.each([
    ['auto', 'bubblewrap'],
    ['bubblewrap', 'bubblewrap'],
    ['unshare', 'unshare'],
  ])('is used by %s where that is accepted, and everything else holds', async (isolation, chosen) => {
    writeFileSync(join(place.parent, 'secret'), 'secret\n')
    const { executor, guarantees, results } = await chooseWith(isolation, ['network'])
    expect(executor).toBe(chosen)
    expect(guarantees).toEqual({
      network: 'none',
      filesystem: 'enforced',
      processes: 'enforced',
      environment: 'enforced',
      syscalls: chosen === 'bubblewrap' ? 'enforced' : 'none',
    })
    // As many lines of interfaces as the host has, which is that host's network.
    const lines = readFileSync('/proc/net/dev', 'utf8').split('\n')
    const shared = lines.filter((line) => line.includes(':')).length
    expect(results).toMatchObject([{ code: 0, output: `${shared}\n/home/codex\n` }])
  })

  it('is not what is taken where a whole sandbox works', async () => {
    const { guarantees } = await chooseWith('auto', ['network', 'filesystem', 'processes', 'environment'], [])
    expect(guarantees.network).toBe('enforced')
  })
})

/** Starts the driver where parts of /proc are hidden and others read-only, as container engines do: no other can be mounted. */
const WITH_MASKED_PROC = [
  ...['unshare', '--user', '--map-root-user', '--mount', 'sh', '-ec'],
  'mount -t tmpfs tmpfs /proc/tty; mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys; exec "$@"',
  'sh',
]

describe('a container that hides parts of /proc', () => {
  const ACCEPTED: readonly Aspect[] = ['processes']
  const runIn = async (attempts: readonly Attempt[], accepted = ACCEPTED) =>
    runDriver(place, { isolation: 'auto', attempts, accepted, prefix: WITH_MASKED_PROC })

  it('is refused, and said to have a weaker sandbox', async () => {
    await expect(runIn([], ['network'])).rejects.toThrow(
      /bubblewrap is blocked: .*mount.*, but works without processes; unshare is blocked: /,
    )
  })

  it('is used where that is accepted: others are seen, but neither reached nor looked into', async () => {
    const outside =
      'for p in /proc/[0-9]*; do ls "$p/root/tmp" && [ "$p/root" -ef / ] || cat "$p/root/etc/shadow"; done'
    const sh = `exec 2>/dev/null; ls -d /proc/[0-9]* | wc -l; kill -0 ${process.pid} || echo apart; ${outside} | grep -c root:`
    const { executor, guarantees, results } = await runIn([{ sh }, { sh: 'unshare --user true || echo on' }])
    expect(executor).toBe('bubblewrap')
    expect(guarantees).toEqual({
      network: 'enforced',
      filesystem: 'enforced',
      processes: 'none',
      environment: 'enforced',
      syscalls: 'enforced',
    })
    const [first, second] = results
    const [seen, ...rest] = 'output' in (first ?? {}) ? (first as { output: string }).output.split('\n') : []
    expect(Number(seen)).toBeGreaterThan(3)
    expect(rest).toEqual(['apart', '0', ''])
    expect(second).toMatchObject({ code: 0, output: expect.stringContaining('on\n') as string })
  })

  it('still ends every process with its action, and counts no others against its limits', async () => {
    const marker = `weaker ${process.pid}`
    const fork = 'for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & sleep 1000 & sleep 1000 & sleep 1000 & done; wait'
    const memory = `exec python3 -c 'import time; x = b"x" * (200 * 2**20); time.sleep(1000)'`
    const { results } = await runIn([
      { argv: ['sh', '-c', 'setsid sh -c "sleep 1000; : $0" "$0" & setsid sleep 1000 & echo on', marker] },
      { sh: 'sleep 0.3 & sleep 0.3 & wait', limits: { processes: 4 } },
      { sh: fork, limits: { processes: 20 } },
      { sh: memory, limits: { memoryBytes: 128 * 2 ** 20 } },
    ])
    expect(results).toMatchObject([{ code: 0, output: 'on\n' }, { code: 0 }, { code: 'processes' }, { code: 'memory' }])
    expect(await survivorsOf(marker)).toEqual([])
  })
})

describe('a sandbox that leaks', () => {
  const ALL: readonly Aspect[] = ['network', 'filesystem', 'processes', 'environment']

  it('is taken after one that does not, and only where each leak is accepted', async () => {
    const prefix = instead('/usr/bin/bwrap', leaking())
    const attempts = [{ sh: 'echo on' }]
    const take = (isolation: string, accepted: readonly Aspect[]) =>
      runDriver(place, { isolation, attempts, accepted, prefix })
    expect((await take('auto', ALL)).executor).toBe('unshare')
    expect(await take('bubblewrap', ALL)).toMatchObject({
      executor: 'bubblewrap',
      guarantees: { network: 'none', filesystem: 'none', processes: 'none', environment: 'none' },
      results: [{ output: 'on\n' }],
    })
    await expect(take('bubblewrap', ALL.slice(1))).rejects.toThrow(
      'bubblewrap is leaks: network, filesystem, processes, environment',
    )
  })
})

describe('a machine on which nothing isolates', () => {
  const NO_UNSHARE = 'echo "unshare: unshare failed: Operation not permitted" >&2; exit 1'

  it('runs without a sandbox where every guarantee is given up by name', async () => {
    const prefix = instead('/usr/bin/unshare', script('no-namespaces', NO_UNSHARE))
    const attempts = [{ sh: 'echo on' }]
    const accepted: readonly Aspect[] = ['network', 'filesystem', 'processes', 'environment']
    const ran = await runDriver(place, { isolation: 'auto', attempts, accepted, prefix })
    expect(ran).toMatchObject({ executor: 'none', guarantees: { network: 'none' }, results: [{ output: 'on\n' }] })
    for (const fewer of [accepted.slice(1), accepted.slice(0, 3)]) {
      const refused = runDriver(place, { isolation: 'auto', attempts, accepted: fewer, prefix })
      await expect(refused).rejects.toThrow('unshare is blocked')
    }
    const named = runDriver(place, { isolation: 'bubblewrap', attempts, accepted, prefix })
    await expect(named).rejects.toThrow('bubblewrap is blocked')
  })
})

describe('an examined machine', () => {
  it('is told both sandboxes, and leaves nothing behind', async () => {
    const findings = await examineMachine(place.parent)
    expect(findings.sandboxes).toEqual(ISOLATIONS.map((executor) => ({ executor, finding: null, network: null })))
    expect(findings.workspace).toEqual({ path: place.parent, writable: true })
    expect(findings.node).toEqual({ version: process.versions.node, supported: true })
  })
})
