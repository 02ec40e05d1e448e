import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/model/event.ts'
import type { Action } from '../../src/model/graph.ts'
import type { ActionOutcome } from '../../src/model/outcome.ts'
import { err, ok } from '../../src/model/result.ts'
import { treeOf } from '../../src/model/tree.ts'
import { createActionRunner, type ActionRunnerInput } from '../../src/run/runner.ts'
import { commandAction, entry, gateAction, NO_FILES, prepared } from '../support/actions.ts'
import { GITHUB } from '../support/credentials.ts'
import { fakeClock, type FakeClock } from '../support/fake-clock.ts'
import { endedBy, exited, fakeExecutor, type FakeExecutor } from '../support/fake-executor.ts'
import { memoryRunFolder, type MemoryRunFolder } from '../support/memory-run-folder.ts'
import { memoryStore } from '../support/memory-store.ts'

interface Rig {
  readonly events: RunEvent[]
  readonly executor: FakeExecutor
  readonly clock: FakeClock
  readonly folder: MemoryRunFolder
  readonly controller: AbortController
  run(action: Action, ...before: readonly ActionOutcome[]): Promise<ActionOutcome>
}

function rig(options: Partial<ActionRunnerInput> = {}): Rig {
  const events: RunEvent[] = []
  const executor = fakeExecutor()
  const clock = fakeClock({ skipSleeps: true })
  const folder = memoryRunFolder()
  const controller = new AbortController()
  const runAction = createActionRunner({
    prepare: (action) => ok(prepared(action)),
    executor,
    clock,
    store: memoryStore({}),
    folder,
    emit: (event) => events.push(event),
    ignores: () => false,
    loadPatches: async () => import('../../src/change/write.ts'),
    callerEnv: {},
    maxAttempts: null,
    ...options,
  })
  return {
    events,
    executor,
    clock,
    folder,
    controller,
    run: async (action, ...before) =>
      runAction(action, new Map(before.map((outcome) => [outcome.id, outcome])), controller.signal),
  }
}

const attempts = (most: number, repeatErrorLimit = 2) => ({ retries: { attempts: most, repeatErrorLimit } })

describe('a command', () => {
  it('runs with what its preparation says and tells its outcome, log and times', async () => {
    const inputs = treeOf([entry('a')])
    const ignores = (path: string): boolean => path === 'x'
    const { run, executor, events, folder, clock } = rig({ ignores, prepare: (action) => ok(prepared(action, inputs)) })
    const action = commandAction('p:tests/1', { cwd: 'packs/p', outputs: ['out'] })
    const ending = run(action)
    const command = await executor.command(action.id)
    expect(command.request).toMatchObject({ argv: action.argv, cwd: 'packs/p', inputs, outputs: ['out'], ignores })
    command.print('hello\n')
    clock.advance(250)
    const outputs = treeOf([entry('out')])
    command.end(exited(0, { outputs }))
    const outcome = await ending
    expect(outcome).toMatchObject({ id: action.id, status: 'passed', exitCode: 0, inputs, outputs })
    expect(outcome.key).toBe(prepared(action, inputs).key)
    expect(outcome.attempts).toMatchObject([{ number: 1, startedAt: 1_000, durationMs: 250, status: 'passed' }])
    expect(outcome.attempts[0]?.log.path).toBe('logs/p/tests/1/1.log')
    expect(folder.text('logs/p/tests/1/1.log')).toBe('hello\n')
    expect(events).toEqual([
      { type: 'action-started', at: 1_000, action: action.id, attempt: 1 },
      { type: 'attempt-finished', at: 1_250, action: action.id, attempt: outcome.attempts[0], retryInMs: null },
    ])
  })

  it('keeps no outputs when it did not pass', async () => {
    const { run, executor } = rig()
    const ending = run(commandAction('p:tests/1'))
    ;(await executor.command('p:tests/1')).end(exited(1, { outputs: treeOf([entry('half')]) }))
    await expect(ending).resolves.toMatchObject({ status: 'failed', outputs: NO_FILES })
  })

  it('is told to stop when it prints more than its limit, and its log ends there', async () => {
    const { run, executor, folder } = rig()
    const action = commandAction('p:tests/1')
    const ending = run({ ...action, limits: { ...action.limits, logBytes: 4 } })
    const command = await executor.command(action.id)
    expect(command.print('1234')).toBe(true)
    expect(command.print('5')).toBe(false)
    command.end(exited(0))
    const { status, reason, attempts: ran } = await ending
    expect({ status, reason }).toEqual({ status: 'limit', reason: { kind: 'limit', limit: 'log' } })
    expect(ran[0]?.log.totalBytes).toBe(5)
    expect(folder.text('logs/p/tests/1/1.log')).toBe('1234')
  })

  it('leaves in the log why it could not be started', async () => {
    const { run, executor, folder } = rig()
    const ending = run(commandAction('p:tests/1'))
    ;(await executor.command('p:tests/1')).end(endedBy({ kind: 'not-started', message: 'tool: not found' }))
    await expect(ending).resolves.toMatchObject({ reason: { kind: 'not-started', command: 'tool' } })
    expect(folder.text('logs/p/tests/1/1.log')).toBe('tool: not found\n')
  })

  it('fails when an input has changed since the plan', async () => {
    const error = { code: 'ENOENT', path: 'packs/p/gone', message: 'no such file' }
    const { run, executor, events } = rig({ prepare: () => err(error) })
    await expect(run(commandAction('p:tests/1'))).resolves.toMatchObject({
      status: 'failed',
      reason: { kind: 'input-changed', path: 'packs/p/gone' },
      key: null,
      inputs: null,
    })
    expect(executor.started).toEqual([])
    expect(events).toEqual([])
  })

  it('does not start when the run has been interrupted', async () => {
    const { run, executor, controller } = rig()
    controller.abort()
    await expect(run(commandAction('p:tests/1'))).resolves.toMatchObject({ status: 'interrupted', reason: null })
    expect(executor.started).toEqual([])
  })

  it('is interrupted with the run', async () => {
    const { run, executor, controller } = rig()
    const ending = run(commandAction('p:tests/1', attempts(3)))
    await executor.command('p:tests/1')
    controller.abort()
    await expect(ending).resolves.toMatchObject({ status: 'interrupted', reason: null, exitCode: null })
    expect(executor.started).toHaveLength(1)
  })

  it('lets an exception of the executor through', async () => {
    const { run, executor } = rig()
    const ending = run(commandAction('p:tests/1', attempts(3)))
    const error = new Error('broken')
    ;(await executor.command('p:tests/1')).crash(error)
    await expect(ending).rejects.toBe(error)
  })
})

/** Runs a command whose attempts end and print as told; further attempts are an error. */
async function tries(
  action: Action,
  ends: readonly { readonly print?: string; readonly exitCode?: number; readonly timeout?: true }[],
  options: Partial<ActionRunnerInput> = {},
) {
  const { run, executor, clock, events } = rig(options)
  const ending = run(action)
  for (const [at, { print = '', exitCode = 1, timeout }] of ends.entries()) {
    const command = await executor.command(action.id, at + 1)
    command.print(print)
    command.end(timeout ? endedBy({ kind: 'limit', limit: 'timeout' }) : exited(exitCode))
  }
  const outcome = await ending
  return { outcome, sleeps: clock.sleeps, events, started: executor.started.length }
}

describe('retries', () => {
  const action = commandAction('p:tests/1', attempts(4, 5))

  it('ends with the first attempt that passes', async () => {
    const { outcome, started, sleeps, events } = await tries(action, [{}, { timeout: true }, { exitCode: 0 }])
    expect(outcome).toMatchObject({ status: 'passed', reason: null, exitCode: 0 })
    expect(outcome.attempts.map(({ number, status }) => [number, status])).toEqual([
      [1, 'failed'],
      [2, 'timed-out'],
      [3, 'passed'],
    ])
    expect(started).toBe(3)
    expect(sleeps).toEqual([500, 1_000])
    const waits = events.flatMap((event) => (event.type === 'attempt-finished' ? [event.retryInMs] : []))
    expect(waits).toEqual([500, 1_000, null])
  })

  it('ends with the last attempt, whose end is the outcome', async () => {
    const { outcome, sleeps } = await tries(action, [{}, {}, {}, { exitCode: 7 }])
    expect(outcome).toMatchObject({ status: 'failed', reason: { kind: 'exit' }, exitCode: 7 })
    expect(sleeps).toEqual([500, 1_000, 2_000])
  })

  it('are capped by the caller, and at 5 whoever asks for more; there is always one', async () => {
    expect((await tries(action, [{}, {}], { maxAttempts: 2 })).started).toBe(2)
    expect((await tries(action, [{}], { maxAttempts: 0 })).started).toBe(1)
    const greedy = commandAction('p:tests/1', attempts(100, 100))
    expect((await tries(greedy, [{}, {}, {}, {}, {}], { maxAttempts: 100 })).started).toBe(5)
  })

  it.each([
    ['a violation', exited(0, { undeclared: ['stray'] }), 'violated'],
    ['a limit', endedBy({ kind: 'limit', limit: 'memory' }), 'limit'],
    ['an interruption', endedBy({ kind: 'interrupted' }), 'interrupted'],
  ])('are not spent on %s', async (_, execution, status) => {
    const { run, executor } = rig()
    const ending = run(action)
    ;(await executor.command(action.id)).end(execution)
    await expect(ending).resolves.toMatchObject({ status })
    expect(executor.started).toHaveLength(1)
  })

  it('stop when the run is interrupted in the pause', async () => {
    const clock = fakeClock()
    const { run, executor, controller } = rig({ clock })
    const ending = run(action)
    ;(await executor.command(action.id)).end(exited(1))
    while (clock.sleeps.length === 0) await Promise.resolve()
    controller.abort()
    await expect(ending).resolves.toMatchObject({
      status: 'interrupted',
      exitCode: null,
      attempts: [{ status: 'failed' }],
    })
    expect(executor.started).toHaveLength(1)
  })
})

describe('the breaker', () => {
  it('trips when the same failure repeats while attempts remain', async () => {
    const ends = [{ print: 'pid 17: no such table\n' }, { print: 'pid 2042: no such table\n' }]
    const { outcome, events } = await tries(commandAction('p:tests/1', attempts(5)), ends)
    expect(outcome).toMatchObject({ status: 'breaker', reason: { kind: 'repeated-error', times: 2 }, exitCode: 1 })
    expect(outcome.attempts.map(({ status }) => status)).toEqual(['failed', 'failed'])
    expect(events.at(-1)).toMatchObject({ type: 'attempt-finished', retryInMs: null })
  })

  it('counts a failure that comes back after another one', async () => {
    const ends = [{ print: 'one' }, { print: 'other' }, { print: 'one' }]
    const { outcome } = await tries(commandAction('p:tests/1', attempts(5)), ends)
    expect(outcome).toMatchObject({ status: 'breaker', reason: { times: 2 } })
  })

  it('does not trip at the last attempt, nor on different failures', async () => {
    const last = await tries(commandAction('p:tests/1', attempts(2)), [{ print: 'one' }, { print: 'one' }])
    expect(last.outcome.status).toBe('failed')
    const ends = [{ print: 'one' }, { print: 'two' }, { print: 'one', exitCode: 2 }, { exitCode: 0 }]
    expect((await tries(commandAction('p:tests/1', attempts(4)), ends)).outcome.status).toBe('passed')
  })
})

describe('a gate', () => {
  it('is judged on its inputs without a command', async () => {
    const inputs = treeOf([entry('p/report.json')])
    const { run, executor, events } = rig({ prepare: (action) => ok(prepared(action, inputs)) })
    const action = gateAction('p', { required: ['p/report.json'] })
    await expect(run(action)).resolves.toMatchObject({
      id: 'p:gate/artifacts',
      status: 'passed',
      key: prepared(action, inputs).key,
      inputs,
      outputs: inputs,
      exitCode: null,
      attempts: [],
    })
    await expect(run(gateAction('p', { required: ['p/other'] }))).resolves.toMatchObject({
      status: 'failed',
      reason: { kind: 'artifacts', missing: ['p/other'], empty: [] },
    })
    expect(executor.started).toEqual([])
    expect(events).toEqual([])
  })

  it('for credentials reads the logs of the commands before it', async () => {
    const { run, executor, folder } = rig()
    const ending = run(commandAction('p:tests/1'))
    const command = await executor.command('p:tests/1')
    command.print(`first\n${GITHUB.text}\n`)
    command.end(exited(0))
    const passed = await ending
    const gate = gateAction('p', { id: 'p:gate/secrets', gate: 'secrets', logs: ['p:tests/1'] })
    await expect(run(gate, passed)).resolves.toMatchObject({
      id: 'p:gate/secrets',
      status: 'failed',
      reason: {
        kind: 'secrets',
        findings: [{ path: 'logs/p/tests/1/*.log', line: 2, rule: GITHUB.rule }],
        more: false,
      },
    })
    folder.write('logs/p/tests/1/1.log', 'clean')
    await expect(run(gate, passed)).resolves.toMatchObject({ status: 'passed', reason: null })
  })
})
