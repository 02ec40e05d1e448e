// A machine on which only a weaker sandbox is possible: what is said of it, and what running in it takes.
import { describe, expect, it } from 'vitest'
import { codex, jsonLinesOf, manifestOf, placeFor, type Place } from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

/** Starts a program where no network namespace can be made, as on kernels and in containers that have none to give. */
const WITHOUT_NETWORKS = [
  ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
  'echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"',
  'sh',
]

const HOLDS = { filesystem: 'enforced', processes: 'enforced', environment: 'enforced' }

function place(): Place {
  return placeFor(pack('a', test('test -s task.yml')))
}

describe.concurrent('a machine on which the network can not be kept apart', () => {
  it('refuses the run, names the flag that would let it, and records no guarantee', async () => {
    const stderr = [
      /^error no-sandbox Only a weaker sandbox works here\. bubblewrap is blocked by the system: bwrap: .*\. Without a guarantee for network it works\./m,
      'Where network namespaces are switched off: `sudo sysctl user.max_net_namespaces=10000`.',
      'To run without what is missing: `codex run --accept-weaker=network`; the manifest says so.',
    ]
    const ran = await codex(place(), { args: ['run'], through: WITHOUT_NETWORKS, exitCode: 3, stderr })
    expect(ran.stderr).not.toContain('max_user_namespaces')
    expect(manifestOf(ran.place)).toMatchObject({ verdict: 'refused', guarantees: null, actions: [] })
  })

  it.each([['--accept-weaker=processes'], ['--accept-weaker', 'syscalls', '--accept-weaker=filesystem'], ['-n']])(
    'refuses it as well with %s',
    async (...args) => {
      const stderr = ['--accept-weaker=network']
      await codex(place(), { args: ['run', ...args], through: WITHOUT_NETWORKS, exitCode: 3, stderr })
    },
  )

  it.each(['auto', 'bubblewrap', 'unshare'])(
    'runs with --sandbox=%s where that is accepted, and says so everywhere',
    async (sandbox) => {
      const args = ['run', '--jsonl', `--sandbox=${sandbox}`, '--accept-weaker=network']
      const ran = await codex(place(), { args, through: WITHOUT_NETWORKS, exitCode: 0 })
      const guarantees = { ...HOLDS, network: 'none', syscalls: sandbox === 'unshare' ? 'none' : 'enforced' }
      expect(manifestOf(ran.place)).toMatchObject({ verdict: 'passed', guarantees })
      expect(jsonLinesOf(ran.stdout)[0]).toMatchObject({ type: 'run-started', guarantees })
    },
  )

  it('is told on the console, and what is accepted beside it changes nothing', async () => {
    const args = ['run', '--accept-weaker=processes', '--accept-weaker=network', '--accept-weaker=environment']
    const stderr = [/^Not enforced in this run: network\. The manifest says so\.$/m]
    await codex(place(), { args, through: WITHOUT_NETWORKS, exitCode: 0, stderr })
  })

  it('fails the doctor, who names the remedy and the flag', async () => {
    const stdout = [
      /^✗ bubblewrap +bubblewrap is blocked by the system: .*\. Without a guarantee for network it works\.$/m,
      /^✗ unshare +unshare is blocked by the system: .*\. Without a guarantee for network it works\.$/m,
      'sudo sysctl user.max_net_namespaces=10000',
      '`codex run --accept-weaker=network`',
    ]
    await codex(place(), { args: ['doctor'], through: WITHOUT_NETWORKS, exitCode: 3, stdout })
  })
})

/** Starts a program where parts of /proc are hidden and others read-only, as container engines do. */
const WITH_MASKED_PROC = [
  ...['unshare', '--user', '--map-root-user', '--mount', 'sh', '-ec'],
  'mount -t tmpfs tmpfs /proc/tty; mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys; exec "$@"',
  'sh',
]

describe.concurrent('a container that hides parts of /proc', () => {
  it('refuses the run, and names the remedy and the flag', async () => {
    const stderr = [
      'Without a guarantee for processes it works.',
      'systempaths=unconfined',
      '--accept-weaker=processes`',
    ]
    await codex(place(), { args: ['run'], through: WITH_MASKED_PROC, exitCode: 3, stderr })
    await codex(place(), { args: ['doctor'], through: WITH_MASKED_PROC, exitCode: 3, stdout: stderr })
  })

  it('runs where that is accepted, as often as it likes, and says what is missing', async () => {
    const many = Array.from({ length: 12 }, () => ({ run: 'test -s task.yml' }))
    const files = placeFor(pack('a', { acceptance: { tests: many } }))
    const stderr = [/^Not enforced in this run: processes\. /m, 'in bubblewrap']
    const args = ['run', '-j4', '--accept-weaker=processes']
    const ran = await codex(files, { args, through: WITH_MASKED_PROC, exitCode: 0, stderr })
    const guarantees = { ...HOLDS, network: 'enforced', processes: 'none', syscalls: 'enforced' }
    expect(manifestOf(ran.place)).toMatchObject({ verdict: 'passed', guarantees })
  })
})

describe.concurrent('a machine that lacks two guarantees', () => {
  const through = [...WITHOUT_NETWORKS, ...WITH_MASKED_PROC]
  const network = { constraints: { network: ['localhost:1'] } }

  it('refuses the run unless both are accepted, and names both', async () => {
    const stderr = [
      '`codex run --accept-weaker=network --accept-weaker=processes`',
      'Without a guarantee for network and processes',
    ]
    for (const accepted of [[], ['--accept-weaker=network'], ['--accept-weaker=processes']]) {
      await codex(place(), { args: ['run', ...accepted], through, exitCode: 3, stderr })
    }
  })

  it('runs where both are, packs with a network and packs without', async () => {
    const files = placeFor({ ...pack('a'), ...pack('b', { ...test('test -n "$HTTP_PROXY"'), ...network }) })
    const args = ['run', '--accept-weaker=network', '--accept-weaker=processes', '--allow=network']
    const { place: ran } = await codex(files, { args, through, exitCode: 0 })
    const guarantees = { ...HOLDS, network: 'none', processes: 'none' }
    expect(manifestOf(ran)).toMatchObject({ verdict: 'passed', guarantees })
  })
})

describe.concurrent('where nothing is missing', () => {
  it('what was accepted makes nothing weaker, and the same manifest', async () => {
    const accepting = await codex(place(), { args: ['run', '--accept-weaker=network'], exitCode: 0 })
    const plain = await codex(place(), { args: ['run'], exitCode: 0 })
    expect(manifestOf(accepting.place)).toEqual(manifestOf(plain.place))
    expect(manifestOf(plain.place).guarantees).toMatchObject({ ...HOLDS, network: 'enforced' })
  })

  it('a guarantee that there is not is an error of usage', async () => {
    const stderr = ['network, filesystem, processes, environment, syscalls']
    await codex(place(), { args: ['run', '--accept-weaker=net'], exitCode: 2, stderr })
  })
})
