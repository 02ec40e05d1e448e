import { describe, expect, it } from 'vitest'
import { NO_BREAKERS } from '../../src/model/breakers.ts'
import type { RunEvent } from '../../src/model/event.ts'
import type { Action, ActionId } from '../../src/model/graph.ts'
import type { ActionOutcome } from '../../src/model/outcome.ts'
import { sha256 } from '../../src/model/digest.ts'
import { ok } from '../../src/model/result.ts'
import { treeOf } from '../../src/model/tree.ts'
import { rehearse } from '../../src/run/rehearsal.ts'
import { createActionRunner } from '../../src/run/runner.ts'
import { schedule } from '../../src/run/scheduler.ts'
import { commandAction, entry, gateAction, prepared } from '../support/actions.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { exited, fakeExecutor, type FakeCommand } from '../support/fake-executor.ts'
import { memoryRunFolder } from '../support/memory-run-folder.ts'
import { memoryStore } from '../support/memory-store.ts'

const INPUTS = treeOf([entry('a'), entry('b'), entry('c')])
const ACTIONS: readonly Action[] = [
  commandAction('p:steps/a'),
  commandAction('p:steps/b'),
  commandAction('p:steps/c'),
  commandAction('p:tests/1', { needs: ['p:steps/a', 'p:steps/b', 'p:steps/c'] }),
  gateAction('p', { needs: ['p:tests/1'] }),
]

type Act = (command: FakeCommand, time: number) => void

interface Seen {
  readonly outcomes: readonly ActionOutcome[]
  readonly events: readonly RunEvent[]
  readonly started: readonly ActionId[]
  readonly inputs: readonly (readonly string[])[]
  readonly most: readonly number[]
  readonly folder: ReturnType<typeof memoryRunFolder>
  readonly sleeps: readonly number[]
}

/** `act` says what a command does at its first and its second time. */
async function rehearsed(act: Act, { jobs = 4, abortAt = '' } = {}) {
  const times = new Map<ActionId, number>()
  const most = [0, 0]
  const store = memoryStore({})
  const controller = new AbortController()
  const executor = fakeExecutor((command) => {
    const time = (times.get(command.id) ?? 0) + 1
    times.set(command.id, time)
    most[time - 1] = Math.max(most[time - 1] ?? 0, executor.running.size)
    if (command.id === abortAt) controller.abort('SIGINT')
    else queueMicrotask(() => act(command, time))
  })
  const folder = memoryRunFolder()
  const clock = fakeClock({ skipSleeps: true })
  const events: RunEvent[] = []
  const runner = {
    ...{ executor, clock, store, folder, callerEnv: {}, maxAttempts: null },
    prepare: (action: Action) => ok(prepared(action, INPUTS)),
    emit: (event: RunEvent) => void events.push(event),
    ignores: () => false,
    loadPatches: async () => import('../../src/change/write.ts'),
  }
  const { signal } = controller
  const common = { actions: ACTIONS, breakers: NO_BREAKERS, startedAt: clock.now(), signal, jobs }
  const rehearsal = await rehearse({ ...common, runner })
  return { rehearsal, runner, common, events, executor, most, folder, clock }
}

/** Runs all actions twice as a checked run does. */
async function checked(act: Act, options: { readonly jobs?: number; readonly abortAt?: string } = {}): Promise<Seen> {
  const { rehearsal, runner, common, events, executor, most, folder, clock } = await rehearsed(act, options)
  const { outcomes } = await schedule({
    ...common,
    ...{ clock, failFast: false, priority: new Map() },
    runAction: rehearsal.compared(createActionRunner(runner)),
    onFinished: () => {},
  })
  const requests = executor.started.map(({ request }) => request.inputs.entries.map(({ path }) => path))
  const started = executor.started.map(({ id }) => id)
  return { outcomes, events, started, inputs: requests, most, folder, sleeps: clock.sleeps }
}

const passes: Act = (command) => command.end(exited())

const statuses = ({ outcomes }: Seen): string[] => outcomes.map(({ status }) => status)

describe('a rehearsal', () => {
  it('runs every action once more, before, in another order, number and order of inputs, and at another time', async () => {
    const { started, inputs, most, events, sleeps } = await checked(passes)
    const [a, b, c] = ['p:steps/a', 'p:steps/b', 'p:steps/c']
    expect(started).toEqual([c, b, a, 'p:tests/1', a, b, c, 'p:tests/1'])
    expect(most).toEqual([2, 3])
    expect(inputs.map((paths) => paths.join(''))).toEqual(['cba', 'cba', 'cba', 'cba', 'abc', 'abc', 'abc', 'abc'])
    expect(sleeps).toEqual([1_000])
    expect(events.slice(0, 2)).toMatchObject([
      { type: 'rehearsal-started', jobs: 2 },
      { type: 'action-rehearsed', action: c, status: 'passed' },
    ])
    expect(events.filter(({ type }) => type === 'action-started')).toHaveLength(4)
  })

  it('runs two at once where the run itself runs one', async () => {
    expect((await checked(passes, { jobs: 1 })).most).toEqual([2, 1])
  })

  it('lets what does the same pass, and keeps its logs aside', async () => {
    const seen = await checked((command, time) => {
      command.print(`time ${time}\n`)
      command.end(exited(0, { outputs: treeOf([entry('o', command.id)]) }))
    })
    expect(statuses(seen)).toEqual(['passed', 'passed', 'passed', 'passed', 'passed'])
    expect(seen.folder.text('check/logs/p/steps/a/1.log')).toBe('time 1\n')
    expect(seen.folder.text('logs/p/steps/a/1.log')).toBe('time 2\n')
    expect(seen.events.some(({ type }) => type === 'action-differed')).toBe(false)
  })

  it('fails what ends otherwise, tells where the other log is, and skips what depends on it', async () => {
    const seen = await checked((command, time) => {
      command.print('x')
      command.end(exited(command.id === 'p:steps/b' && time === 1 ? 3 : 0))
    })
    expect(statuses(seen)).toEqual(['passed', 'failed', 'passed', 'skipped', 'skipped'])
    expect(seen.outcomes[1]).toMatchObject({ exitCode: 0, reason: { kind: 'nondeterministic', paths: [] } })
    expect(seen.events.filter(({ type }) => type === 'action-differed')).toMatchObject([
      {
        action: 'p:steps/b',
        difference: {
          endings: [{ status: 'failed', exitCode: 3 }, { status: 'passed' }],
          log: 'check/logs/p/steps/b/1.log',
        },
      },
    ])
  })

  it('leaves what fails in the same way as it is', async () => {
    const seen = await checked((command) => command.end(exited(command.id === 'p:steps/b' ? 3 : 0)))
    expect(statuses(seen)).toEqual(['passed', 'failed', 'passed', 'skipped', 'skipped'])
    expect(seen.outcomes[1]).toMatchObject({ reason: { kind: 'exit' }, exitCode: 3 })
  })

  it('interrupts the run when it is interrupted itself', async () => {
    const seen = await checked(passes, { abortAt: 'p:steps/c' })
    expect(new Set(statuses(seen))).toEqual(new Set(['interrupted']))
    expect(seen.started).toEqual(['p:steps/c', 'p:steps/b'])
  })
})

describe('a crash in a rehearsal', () => {
  it('is one of the run, in which nothing has ended', async () => {
    const crash = rehearsed((command) => {
      if (command.id === 'p:tests/1') command.crash(new Error('host'))
      else command.end(exited())
    })
    await expect(crash).rejects.toMatchObject({
      name: 'CrashError',
      action: 'p:tests/1',
      outcomes: [
        { id: 'p:steps/a', status: 'interrupted' },
        { id: 'p:steps/b', status: 'interrupted' },
        { id: 'p:steps/c', status: 'interrupted' },
        { id: 'p:tests/1', status: 'failed', reason: { kind: 'internal' } },
        { id: 'p:gate/artifacts', status: 'interrupted' },
      ],
    })
  })

  it('is none where commands only fail, and its logs are recorded', async () => {
    const { rehearsal } = await rehearsed((command) => {
      command.print('x')
      command.end(exited(command.id === 'p:steps/a' ? 1 : 0))
    })
    const logs = ['a', 'b', 'c'].map((id) => ({ path: `check/logs/p/steps/${id}/1.log`, digest: sha256('x') }))
    expect(rehearsal.record()).toEqual({ jobs: 2, logs, differences: [] })
  })
})
