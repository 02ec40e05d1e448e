// Runs that have no leave to start: exit 3, nothing ran, and the manifest says so.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { beyondGuarantees, codex, LATEST, manifestOf, placeFor, read, type Place } from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

function expectNothingRan(place: Place): void {
  expect(manifestOf(place)).toMatchObject({ verdict: 'refused', packs: [], actions: [] })
  expect(existsSync(join(place.root, LATEST, 'logs'))).toBe(false)
}

it('asks for nothing where everything is turned off', async () => {
  const off = { constraints: { network: false, cloud_mutations: false, secrets: [], scope: [] } }
  await codex(pack('a', off), { args: ['run'], exitCode: 0 })
})

describe.concurrent('a tool', () => {
  const SCRIPT = { text: '#!/bin/sh\n[ "$1" = --version ] && echo "tool 2.4.1" || echo "used as $0"\n', mode: 0o755 }

  function withTool(range: string): { readonly place: Place; readonly env: { readonly PATH: string } } {
    const place = placeFor({
      ...pack('a', { inputs: { tools: { frob: range } }, ...test('frob') }),
      'bin/frob': SCRIPT,
    })
    return { place, env: { PATH: `${join(place.root, 'bin')}:/usr/bin:/bin` } }
  }

  it('that is missing refuses the run', async () => {
    const { place } = withTool('*')
    const stderr = [
      'error tool-missing `a` needs the tool `frob`, which is not on PATH.',
      /fix: (?:Install|Did you mean) `/,
    ]
    await codex(place, { args: ['run'], env: { PATH: '/usr/bin:/bin' }, exitCode: 3, stderr })
    expectNothingRan(place)
    expect(manifestOf(place).refusals).toEqual([{ code: 'tool-missing', pack: 'a', field: 'inputs.tools.frob' }])
  })

  it('of another version refuses the run', async () => {
    const { place, env } = withTool('>=3')
    const stderr = ['error tool-version `a` needs `frob >=3`, but the one on PATH is version `2.4.1`.']
    await codex(place, { args: ['run'], env, exitCode: 3, stderr })
    expectNothingRan(place)
  })

  it('of the right version is used', async () => {
    const { place, env } = withTool('^2.4')
    await codex(place, { args: ['run'], env, exitCode: 0 })
    await codex(place, { args: ['run', '--sandbox=none'], env, exitCode: 0 })
  })

  it('that was not declared is not there', async () => {
    const files = { ...pack('a', test('frob')), 'bin/frob': SCRIPT }
    const place = placeFor(files)
    await codex(place, {
      args: ['run'],
      env: { PATH: `${join(place.root, 'bin')}:/usr/bin:/bin` },
      exitCode: 1,
      stderr: ['exit code 127'],
    })
  })
})

/** Starts a program where no further user namespace can be made, as hardened machines and containers are. */
const WITHOUT_NAMESPACES = [
  'unshare',
  '--user',
  '--map-root-user',
  'sh',
  '-c',
  'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"',
  'sh',
]

describe.concurrent('a machine on which nothing isolates', () => {
  it.each(['auto', 'bubblewrap', 'unshare'])(
    'refuses the run with --sandbox=%s and says what to do',
    async (sandbox) => {
      const args = ['run', `--sandbox=${sandbox}`]
      const stderr = [
        'error no-sandbox No sandbox works here.',
        'is blocked by the system',
        'fix: ',
        '`codex doctor` checks all of this.',
      ]
      const { place } = await codex(pack('a'), { args, through: WITHOUT_NAMESPACES, exitCode: 3, stderr })
      expectNothingRan(place)
      expect(manifestOf(place).refusals).toEqual([{ code: 'no-sandbox', pack: null, field: '' }])
    },
  )

  it('is told by the doctor, for the whole workspace', async () => {
    const { place } = await codex(
      { ...pack('a'), 'codex.config.mjs': 'export default {}' },
      {
        args: ['doctor'],
        cwd: 'task-packs/a',
        exitCode: 0,
        stdout: ['workspace'],
      },
    )
    const { stdout } = await codex(place, { args: ['doctor', '--json'], cwd: 'task-packs/a', exitCode: 0 })
    expect(stdout).toContain(JSON.stringify(place.root).slice(1, -1))
    expect(stdout).not.toContain(`${place.root}/task-packs`)
  })

  it('is told by the doctor', async () => {
    await codex(pack('a'), {
      args: ['doctor'],
      through: WITHOUT_NAMESPACES,
      exitCode: 3,
      stdout: ['bubblewrap', 'unshare', 'blocked'],
    })
  })

  it('still runs with --sandbox=none, and the manifest says so', async () => {
    const args = ['run', '--sandbox=none']
    const stderr = [
      'without a sandbox',
      'Not enforced in this run: network, filesystem, processes, environment, syscalls.',
    ]
    const { place, stdout } = await codex(pack('a'), { args, through: WITHOUT_NAMESPACES, exitCode: 0, stderr })
    const none = { network: 'none', filesystem: 'none', processes: 'none', environment: 'none', syscalls: 'none' }
    expect(manifestOf(place)).toMatchObject({ verdict: 'passed', guarantees: none })
    const elsewhere = await codex(pack('a'), { args, exitCode: 0 })
    expect(elsewhere.stdout).toBe(stdout)
  })
})

describe.concurrent('the ways to isolate', () => {
  it('show an action the same and leave the same manifest but for what they guarantee', async () => {
    const place = placeFor(pack('a', { steps: [{ id: 'look', run: 'id; pwd; env; ls -la', outputs: ['out'] }] }))
    const run = async (sandbox: string): Promise<unknown> => {
      await codex(place, { args: ['run', `--sandbox=${sandbox}`], exitCode: 1, stderr: [`in ${sandbox}`] })
      return [beyondGuarantees(manifestOf(place)), read(place, `${LATEST}/logs/a/steps/look/1.log`)]
    }
    expect(await run('unshare')).toEqual(await run('bubblewrap'))
  })

  it('are not chosen by a variable', async () => {
    const env = { CODEX_SANDBOX: 'none', SANDBOX: 'none' }
    await codex(pack('a'), { args: ['run'], env, exitCode: 0, stderr: [/in (?:bubblewrap|unshare)/] })
  })
})
