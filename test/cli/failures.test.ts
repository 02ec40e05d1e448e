// Runs that must not pass: what is said, what still ran, and with which exit code they end.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  actionOf,
  codex,
  LATEST,
  manifestOf,
  placeFor,
  read,
  recordOf,
  statusesOf,
  type Files,
} from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

const LOST: Files = {
  ...pack('first', {
    steps: [{ id: 'make', run: 'echo made >out; seq 100; echo "the reason" >&2; exit 3', outputs: ['out'] }],
  }),
  ...pack('second', { needs: ['first'] }),
  ...pack('third', { needs: ['second'] }),
  ...pack('apart', test('echo fine')),
}

describe.concurrent('a failing command', () => {
  it('ends with 1, what depends on it is skipped with its cause, and the rest still runs', async () => {
    const { place } = await codex(LOST, { args: ['run'], exitCode: 1, stdout: [/^manifest sha256:[0-9a-f]{64}\n$/] })
    const manifest = manifestOf(place)
    expect(manifest.verdict).toBe('failed')
    expect(manifest.partial).toBeUndefined()
    expect(statusesOf(manifest)).toMatchObject({
      'first:steps/make': 'failed',
      'first:tests/1': 'skipped',
      'second:tests/1': 'skipped',
      'third:gate/artifacts': 'skipped',
      'apart:tests/1': 'passed',
      'apart:gate/artifacts': 'passed',
      'apart:gate/secrets': 'passed',
    })
    expect(actionOf(manifest, 'first:steps/make')).toMatchObject({ exitCode: 3, reason: { kind: 'exit' }, outputs: [] })
    expect(actionOf(manifest, 'first:tests/1').reason).toEqual({ kind: 'cause', action: 'first:steps/make' })
    expect(actionOf(manifest, 'third:tests/1').key).toBeNull()
    expect(manifest.packs.map(({ id, verdict }) => `${id} ${verdict}`).toSorted()).toEqual([
      'apart passed',
      'first failed',
      'second failed',
      'third failed',
    ])
  })

  it('is shown last, once, with the end of its log and how to run it again', async () => {
    const { stderr } = await codex(LOST, { args: ['run'], exitCode: 1 })
    const end = stderr.slice(stderr.indexOf('\n\n'))
    for (const part of [
      /^✗ first:steps\/make {2}failed \(exit code 3\)/m,
      /^ {2}task-packs\/first\/task\.yml:\d+:\d+$/m,
      /^ {2}│ … the end of \d+ B$/m,
      /^ {2}│ 100$/m,
      /^ {2}│ the reason$/m,
      /^ {2}9 actions were skipped because of it\.$/m,
      /^ {2}log: \.codex\/runs\/[^/]+\/logs\/first\/steps\/make\/1\.log \(\d+ B\)$/m,
      /^ {2}again: codex run first$/m,
      /^FAILED: 3 passed, 1 failed, 9 skipped in /m,
    ])
      expect(end).toMatch(part)
    expect(end).not.toMatch(/^ {2}│ 80$/m)
    expect(end.match(/^✗/gm)).toHaveLength(1)
  })

  it('can be run again alone by the command that is shown', async () => {
    const { place } = await codex(LOST, { args: ['run'], exitCode: 1 })
    await codex(place, { args: ['run', 'first'], exitCode: 1, stderr: ['4 actions of 1 pack'] })
    await codex(place, { args: ['run', 'apart'], exitCode: 0, stderr: ['3 actions of 1 pack'] })
  })

  it.each([
    ['that is not there', ['no-such-program'], 127],
    ['that kills itself', 'kill -KILL $$', 137],
    ['that is no program', ['./task.yml'], 126],
  ] as const)('%s is told by its exit code', async (_, run, exitCode) => {
    const { place } = await codex(pack('a', test(run)), { args: ['run'], exitCode: 1 })
    expect(actionOf(manifestOf(place), 'a:tests/1')).toMatchObject({ status: 'failed', exitCode })
  })

  it('stops the run early with --fail-fast, and the manifest says so', async () => {
    const files = { ...pack('a', test('exit 1')), ...pack('b'), ...pack('c') }
    const { place } = await codex(files, { args: ['run', '--fail-fast', '-j1'], exitCode: 1, stderr: [/^FAILED/m] })
    const manifest = manifestOf(place)
    expect(manifest).toMatchObject({ verdict: 'failed', partial: true })
    expect(statusesOf(manifest)).toMatchObject({
      'a:tests/1': 'failed',
      'b:tests/1': 'skipped',
      'c:tests/1': 'skipped',
    })
  })
})

describe.concurrent('a command that breaks its contract', () => {
  const cases: readonly (readonly [string, Files, object, readonly (string | RegExp)[]])[] = [
    [
      'by a write that it did not declare',
      pack('a', test('mkdir -p new; echo x >new/file')),
      {
        status: 'violated',
        reason: { kind: 'undeclared-writes', paths: ['task-packs/a/new/file'] },
      },
      [
        /task-packs\/a\/new\/file/,
        /^ {7}outputs:$/m,
        /^ {9}- new\/file$/m,
        /Declare them at task-packs\/a\/task\.yml:\d+/,
      ],
    ],
    [
      'by changing an input',
      pack('a', test('echo y >>task.yml; echo x >new')),
      { status: 'violated', reason: { kind: 'altered-inputs', paths: ['task-packs/a/task.yml'] } },
      ['task-packs/a/task.yml'],
    ],
    [
      'by deleting an input',
      pack('a', test('rm data'), { data: 'x' }),
      { status: 'violated', reason: { kind: 'altered-inputs', paths: ['task-packs/a/data'] } },
      ['It changed or deleted inputs of its own: `task-packs/a/data`.', 'write the result to another path'],
    ],
    [
      'by not making an output',
      pack('a', test('true; echo no', { outputs: ['out/report.json', 'out/dir/'] })),
      {
        status: 'failed',
        reason: { kind: 'missing-outputs', paths: ['task-packs/a/out/dir/', 'task-packs/a/out/report.json'] },
      },
      ['task-packs/a/out/report.json'],
    ],
    [
      'by an output that is a link',
      pack('a', test('ln -s task.yml out', { outputs: ['out'] })),
      { status: 'violated', reason: { kind: 'unusable-outputs', paths: ['task-packs/a/out'] } },
      ['task-packs/a/out'],
    ],
    [
      'by an output with two names',
      pack('a', test('echo x >a; ln a b', { outputs: ['a', 'b'] })),
      { status: 'violated', reason: { kind: 'unusable-outputs', paths: ['task-packs/a/a', 'task-packs/a/b'] } },
      [],
    ],
  ]

  it.each(cases)('%s ends with 1 and is named', async (_, files, action, stderr) => {
    const { place } = await codex(files, { args: ['run'], exitCode: 1, stderr })
    expect(actionOf(manifestOf(place), 'a:tests/1')).toMatchObject(action)
  })

  it('may write what git ignores, and it is dropped', async () => {
    const files = { '.gitignore': '*.tmp\n', ...pack('a', test('echo x >cache.tmp; mkdir d; echo x >d/e.tmp')) }
    const { place } = await codex(files, { args: ['run'], exitCode: 0 })
    expect(existsSync(join(place.root, 'task-packs/a/cache.tmp'))).toBe(false)
  })
})

describe.concurrent('a required artifact', () => {
  const made = (run: string): Files =>
    pack('a', { ...test(run, { outputs: ['out/*'] }), artifacts: { required: ['out/report.json'] } })

  it('that is missing fails its pack', async () => {
    const { place } = await codex(made('echo x >out/other'), {
      args: ['run'],
      exitCode: 1,
      stderr: ['task-packs/a/out/report.json'],
    })
    const manifest = manifestOf(place)
    const reason = { kind: 'artifacts', missing: ['task-packs/a/out/report.json'], empty: [] }
    expect(actionOf(manifest, 'a:gate/artifacts')).toMatchObject({ status: 'failed', reason })
    expect(manifest.packs).toMatchObject([{ verdict: 'failed', artifacts: [] }])
    expect(existsSync(join(place.root, LATEST, 'artifacts'))).toBe(false)
  })

  it('that is empty fails its pack', async () => {
    const { place } = await codex(made(': >out/report.json'), {
      args: ['run'],
      exitCode: 1,
      stderr: ['task-packs/a/out/report.json'],
    })
    const reason = { kind: 'artifacts', missing: [], empty: ['task-packs/a/out/report.json'] }
    expect(actionOf(manifestOf(place), 'a:gate/artifacts')).toMatchObject({ status: 'failed', reason })
  })
})

describe.concurrent('retries', () => {
  const failing = (run: string, retries: object): Files => pack('a', { ...test(run), constraints: { retries } })
  const attemptsOf = (place: Parameters<typeof recordOf>[0]): number | undefined =>
    recordOf(place).actions.find(({ id }) => id === 'a:tests/1')?.attempts.length

  it('try again a command that fails in another way each time', async () => {
    const run = 'cat /proc/sys/kernel/random/uuid | tr 0-9- g-q; exit 1'
    const stderr = [/a:tests\/1 {2}attempt 1 failed \(exit code 1\) after .*; trying again in 500 ms/, '2 attempts']
    const { place } = await codex(failing(run, { attempts: 2 }), { args: ['run'], exitCode: 1, stderr })
    expect(attemptsOf(place)).toBe(2)
    expect(actionOf(manifestOf(place), 'a:tests/1').status).toBe('failed')
    expect(read(place, `${LATEST}/logs/a/tests/1/1.log`)).not.toBe(read(place, `${LATEST}/logs/a/tests/1/2.log`))
  })

  it('end early when the same failure comes again', async () => {
    const { place } = await codex(failing('echo same; exit 1', { attempts: 4, repeat_error_limit: 2 }), {
      args: ['run'],
      exitCode: 4,
    })
    expect(attemptsOf(place)).toBe(2)
    const action = { status: 'breaker', exitCode: 1, reason: { kind: 'repeated-error', times: 2 } }
    expect(actionOf(manifestOf(place), 'a:tests/1')).toMatchObject(action)
  })

  it('are capped by MAX_ATTEMPTS', async () => {
    const place = placeFor(failing('echo same; exit 1', { attempts: 4, repeat_error_limit: 4 }))
    await codex(place, { args: ['run'], env: { MAX_ATTEMPTS: '1' }, exitCode: 1 })
    expect(attemptsOf(place)).toBe(1)
  })
})

describe.concurrent('a limit', () => {
  const limited = (run: string, limits: object): Files => pack('a', test(run, { limits }))

  it('of time ends with 4', async () => {
    const { place } = await codex(limited('sleep 600', { timeout: '300ms' }), {
      args: ['run'],
      exitCode: 4,
      stderr: ['timed out'],
    })
    const action = { status: 'timed-out', exitCode: null, reason: { kind: 'limit', limit: 'timeout' } }
    expect(actionOf(manifestOf(place), 'a:tests/1')).toMatchObject(action)
  })

  it('of output ends with 4', async () => {
    const files = pack(
      'a',
      test('head -c 300000 /dev/zero >big; cat big >more', { outputs: ['big', 'more'], limits: { output: '512KiB' } }),
    )
    const { place } = await codex(files, { args: ['run'], exitCode: 4 })
    expect(actionOf(manifestOf(place), 'a:tests/1')).toMatchObject({ status: 'limit', reason: { limit: 'output' } })
  })

  it('of the log ends with 4 and keeps no more than that', async () => {
    const place = placeFor(limited('head -c 209715200 /dev/zero', { log: '64KiB' }))
    await codex(place, { args: ['run'], exitCode: 4, stderr: ['over a limit (log)'] })
    expect(actionOf(manifestOf(place), 'a:tests/1')).toMatchObject({ status: 'limit', reason: { limit: 'log' } })
    expect(read(place, `${LATEST}/logs/a/tests/1/1.log`)).toHaveLength(65_536)
  })

  it('is graver than a failure', async () => {
    const files = { ...limited('sleep 600', { timeout: '300ms' }), ...pack('b', test('exit 1')) }
    await codex(files, { args: ['run'], exitCode: 4, stderr: [/^FAILED: 2 failed|1 failed, 1 timed out/m] })
  })
})
