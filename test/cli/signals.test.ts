// Whatever ends codex, no process of an action outlives it, and no manifest says passed.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import {
  jsonLinesOf,
  LATEST,
  manifestOf,
  placeFor,
  read,
  recordOf,
  start,
  statusesOf,
  type Place,
  type Started,
} from '../support/cli.ts'
import { alive, countWith, descendantsOf, type Seen } from '../support/processes.ts'
import { pack, test } from '../support/tasks.ts'

interface Running {
  readonly place: Place
  readonly program: Started
  readonly pid: number
  /** Stands in the command lines of the action's processes. */
  readonly marker: string
  /** The program's descendants while the action runs. */
  readonly family: readonly Seen[]
}

let count = 0

/** Starts a run and waits until its command is seen to run. `$1` in the command stands for the marker. */
async function running(command: string, args: readonly string[], through: readonly string[] = []): Promise<Running> {
  const marker = `864000.${process.pid}${count++}`
  const place = placeFor({
    ...pack('a', test(command.replaceAll('$1', marker))),
    ...pack('b', { needs: ['a'] }),
  })
  const program = start(place, { args: ['run', ...args], through })
  const pid = program.pid ?? 0
  await eventually(() => expect(logOf(place)).toBe('up\n'))
  expect(countWith(marker)).toBeGreaterThan(0)
  return { place, program, pid, marker, family: descendantsOf(pid) }
}

function logOf(place: Place): string {
  const path = `${LATEST}/logs/a/tests/1/1.log`
  return existsSync(join(place.root, path)) ? read(place, path) : ''
}

/** For what others decide the time of; bounded, and never a fixed pause. */
async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 100_000, interval: 10 })
}

const PLAIN = 'echo up; sleep $1'
/** Ignores every signal that can be ignored, and leaves a process in a session of its own. */
const STUBBORN = "trap '' INT TERM HUP QUIT; setsid sleep $1 & echo up; sleep $1; sleep $1"

describe.concurrent('a signal', () => {
  const cases = [
    ['SIGINT', 130, 'bubblewrap', STUBBORN],
    ['SIGTERM', 143, 'bubblewrap', STUBBORN],
    ['SIGHUP', 129, 'bubblewrap', STUBBORN],
    ['SIGINT', 130, 'unshare', STUBBORN],
    ['SIGTERM', 143, 'none', PLAIN],
  ] as const

  it.each(cases)('%s ends a run with %i and leaves nothing (%s)', async (signal, exitCode, sandbox, command) => {
    const { place, program, marker, family } = await running(command, [`--sandbox=${sandbox}`])
    expect(alive(family).length).toBeGreaterThan(1)
    expect(readdirSync(place.temporary)).toHaveLength(1)
    program.kill(signal)
    const ended = await program
    expect(ended.exitCode, ended.stderr).toBe(exitCode)
    expect(alive(family)).toEqual([])
    expect(countWith(marker)).toBe(0)
    expect(readdirSync(place.temporary)).toEqual([])

    const manifest = manifestOf(place)
    expect(manifest.verdict).toBe('interrupted')
    expect(statusesOf(manifest)).toEqual({
      'a:tests/1': 'interrupted',
      'a:gate/artifacts': 'interrupted',
      'a:gate/secrets': 'interrupted',
      'b:tests/1': 'interrupted',
      'b:gate/artifacts': 'interrupted',
      'b:gate/secrets': 'interrupted',
    })
    expect(recordOf(place).signal).toBe(signal)
    expect(jsonLinesOf(read(place, `${LATEST}/events.jsonl`)).some(({ type }) => type === 'run-interrupted')).toBe(true)
    expect(ended.stderr).toContain(`${signal}: stopping what runs`)
    expect(ended.stderr).toMatch(new RegExp(`^INTERRUPTED by ${signal}`, 'm'))
  })

  it('from a terminal, which reaches the whole group, ends a run in the same way', async () => {
    const { place, program, pid, marker, family } = await running(PLAIN, [], ['setsid'])
    process.kill(-pid, 'SIGINT')
    expect((await program).exitCode).toBe(130)
    expect(alive(family)).toEqual([])
    expect(countWith(marker)).toBe(0)
    expect(manifestOf(place).verdict).toBe('interrupted')
  })

  it.each(['SIGINT', 'SIGHUP'] as const)(
    '%s given twice ends codex at once, and its processes with it',
    async (signal) => {
      const { place, program, marker, family } = await running(STUBBORN, [])
      program.kill(signal)
      program.kill(signal)
      expect((await program).exitCode).toBe(signal === 'SIGINT' ? 130 : 129)
      await eventually(() => expect(alive(family)).toEqual([]))
      expect(countWith(marker)).toBe(0)
      expect(['started', 'interrupted']).toContain(manifestOf(place).verdict)
    },
  )

  it('before anything runs ends a run as well', async () => {
    const place = placeFor(pack('a', test('sleep 600')))
    const program = start(place, { args: ['run'] })
    await eventually(() => expect(existsSync(join(place.root, LATEST, 'manifest.json'))).toBe(true))
    program.kill('SIGINT')
    expect((await program).exitCode).toBe(130)
    expect(manifestOf(place).verdict).toBe('interrupted')
    expect(readdirSync(place.temporary)).toEqual([])
  })

  it('ends a pause between attempts', async () => {
    const retries = { attempts: 5, repeat_error_limit: 5 }
    const place = placeFor(pack('a', { ...test('exit 1'), constraints: { retries } }))
    const program = start(place, { args: ['run', '--jsonl'] })
    await eventually(() => expect(read(place, `${LATEST}/events.jsonl`)).toContain('"retryInMs":1000'))
    program.kill('SIGTERM')
    expect((await program).exitCode).toBe(143)
    expect(statusesOf(manifestOf(place))['a:tests/1']).toBe('interrupted')
  })

  it('of --json still gives one document', async () => {
    const { program } = await running(PLAIN, ['--json'])
    program.kill('SIGINT')
    const { exitCode, stdout } = await program
    expect(exitCode).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'interrupted', exitCode: 130 })
  })
})

describe.concurrent('kill -9', () => {
  it.each(['bubblewrap', 'unshare'])('of codex ends every process of the action (%s)', async (sandbox) => {
    const { place, program, marker, family } = await running(STUBBORN, [`--sandbox=${sandbox}`])
    program.kill('SIGKILL')
    expect((await program).signal).toBe('SIGKILL')
    await eventually(() => expect(alive(family)).toEqual([]))
    expect(countWith(marker)).toBe(0)
    expect(manifestOf(place)).toMatchObject({ verdict: 'started', packs: [], actions: [] })
  })
})
