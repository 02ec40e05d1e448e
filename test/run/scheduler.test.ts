import { describe, expect, it } from 'vitest'
import { NO_BREAKERS } from '../../src/model/breakers.ts'
import { CrashError } from '../../src/run/crash.ts'
import { schedule, type ScheduleInput, type ScheduleResult } from '../../src/run/scheduler.ts'
import type { Action, ActionId } from '../../src/model/graph.ts'
import type { ActionOutcome } from '../../src/model/outcome.ts'
import { commandAction, gateAction, outcome } from '../support/actions.ts'
import { fakeClock } from '../support/fake-clock.ts'

/** `a`, `b<-a` … : an action and what it needs. */
function actionsOf(...texts: readonly string[]): readonly Action[] {
  return texts.map((text) => {
    const [id = '', needs] = text.split('<-')
    return commandAction(id, { needs: needs ? needs.split(',') : [] })
  })
}

interface Rig {
  readonly result: Promise<ScheduleResult>
  readonly started: ActionId[]
  readonly finished: ActionOutcome[]
  readonly controller: AbortController
  signalOf(id: ActionId): AbortSignal
  /** Ends a running action and lets the schedule go on. */
  end(id: ActionId, fields?: Partial<ActionOutcome>): Promise<void>
  fail(id: ActionId): Promise<void>
  crash(id: ActionId, error: Error): Promise<void>
}

function start(actions: readonly Action[], options: Partial<ScheduleInput> = {}): Rig {
  const started: ActionId[] = []
  const finished: ActionOutcome[] = []
  const controller = new AbortController()
  const running = new Map<ActionId, { resolve(o: ActionOutcome): void; reject(e: Error): void; signal: AbortSignal }>()
  const take = (id: ActionId) => {
    const command = running.get(id)
    if (!command) throw new Error(`${id} is not running`)
    return command
  }
  const result = schedule({
    actions,
    priority: new Map(),
    jobs: 8,
    failFast: false,
    breakers: NO_BREAKERS,
    clock: fakeClock(),
    startedAt: 1_000,
    signal: controller.signal,
    onFinished: (ended) => finished.push(ended),
    runAction: async (action, _outcomes, signal) => {
      started.push(action.id)
      return new Promise((resolve, reject) => running.set(action.id, { resolve, reject, signal }))
    },
    ...options,
  })
  const goOn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  result.catch(() => {})
  const end = async (id: ActionId, fields: Partial<ActionOutcome> = {}): Promise<void> => {
    take(id).resolve(outcome(id, fields))
    await goOn()
  }
  return {
    result,
    started,
    finished,
    controller,
    signalOf: (id) => take(id).signal,
    end,
    fail: async (id) => end(id, { status: 'failed', reason: { kind: 'exit' }, exitCode: 1 }),
    crash: async (id, error) => {
      take(id).reject(error)
      await goOn()
    },
  }
}

function statuses({ outcomes }: { readonly outcomes: readonly ActionOutcome[] }): Record<ActionId, string> {
  return Object.fromEntries(
    outcomes.map(({ id, status, reason }) => [id, reason?.kind === 'cause' ? `${status} by ${reason.action}` : status]),
  )
}

describe('order', () => {
  it('starts an action when all that it needs has passed, and reports in plan order', async () => {
    const rig = start(actionsOf('a', 'b', 'c<-a,b'))
    expect(rig.started).toEqual(['a', 'b'])
    await rig.end('b')
    expect(rig.started).toEqual(['a', 'b'])
    await rig.end('a')
    expect(rig.started).toEqual(['a', 'b', 'c'])
    await rig.end('c')
    const { outcomes, partial } = await rig.result
    expect(outcomes.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(rig.finished.map(({ id }) => id)).toEqual(['b', 'a', 'c'])
    expect(partial).toBe(false)
  })

  it('starts the greatest priority first, ties in plan order, and never more than the jobs', async () => {
    const priority = new Map([['b', 1], ['c', 5], ['d', 5]]) // prettier-ignore
    const rig = start(actionsOf('a', 'b', 'c', 'd'), { jobs: 2, priority })
    expect(rig.started).toEqual(['c', 'd'])
    await rig.end('d')
    expect(rig.started).toEqual(['c', 'd', 'b'])
    await rig.end('c')
    await rig.end('b')
    await rig.end('a')
    expect(statuses(await rig.result)).toEqual({ a: 'passed', b: 'passed', c: 'passed', d: 'passed' })
  })

  it('runs a gate beside the commands, because it takes no slot', async () => {
    const actions = [commandAction('x:tests/1'), commandAction('x:tests/2'), gateAction('y')]
    const rig = start(actions, { jobs: 1 })
    expect(rig.started).toEqual(['y:gate/artifacts', 'x:tests/1'])
    await rig.end('x:tests/1')
    await rig.end('x:tests/2')
    await rig.end('y:gate/artifacts')
    await rig.result
  })

  it('ends at once when there is nothing to do', async () => {
    await expect(start([]).result).resolves.toEqual({ outcomes: [], partial: false })
  })

  it('refuses a plan whose actions come before what they need, and less than one job', async () => {
    await expect(start(actionsOf('a<-b', 'b')).result).rejects.toThrow('a does not come after b')
    await expect(start(actionsOf('a'), { jobs: 0 }).result).rejects.toThrow(RangeError)
    await expect(start(actionsOf('a'), { jobs: 1.5 }).result).rejects.toThrow(RangeError)
  })
})

describe('failure', () => {
  it('skips what depends on it, with the root cause, and runs everything else', async () => {
    const rig = start(actionsOf('a', 'b', 'c<-a', 'd<-c', 'e<-b'))
    await rig.fail('a')
    await rig.end('b')
    await rig.end('e')
    const result = await rig.result
    expect(statuses(result)).toEqual({
      a: 'failed',
      b: 'passed',
      c: 'skipped by a',
      d: 'skipped by a',
      e: 'passed',
    })
    expect(result.partial).toBe(false)
    expect(result.outcomes[2]).toMatchObject({ key: null, inputs: null, exitCode: null, attempts: [] })
  })

  it('names the first cause in plan order, whichever need failed first and however they are listed', async () => {
    const rig = start(actionsOf('a', 'b', 'c<-b,a'))
    await rig.fail('b')
    expect(rig.finished.map(({ id }) => id)).toEqual(['b'])
    await rig.fail('a')
    expect(statuses(await rig.result)['c']).toBe('skipped by a')
  })

  it('skips a chain of 10,000 without overflowing the stack', async () => {
    const actions = Array.from({ length: 10_000 }, (_, at) =>
      commandAction(`p:steps/${at}`, { needs: at === 0 ? [] : [`p:steps/${at - 1}`] }),
    )
    const rig = start(actions)
    await rig.fail('p:steps/0')
    const { outcomes } = await rig.result
    expect(outcomes.filter(({ reason }) => reason?.kind === 'cause' && reason.action === 'p:steps/0')).toHaveLength(
      9_999,
    )
  })
})

describe('fail-fast', () => {
  it('lets what runs end and starts nothing new', async () => {
    const rig = start(actionsOf('a', 'b', 'c', 'd<-a'), { jobs: 2, failFast: true })
    await rig.fail('a')
    expect(rig.signalOf('b').aborted).toBe(false)
    await rig.end('b')
    const result = await rig.result
    expect(rig.started).toEqual(['a', 'b'])
    expect(statuses(result)).toEqual({ a: 'failed', b: 'passed', c: 'skipped by a', d: 'skipped by a' })
    expect(result.partial).toBe(true)
    expect(rig.finished).toHaveLength(4)
  })

  it('is not partial when nothing was held back that could have run', async () => {
    const rig = start(actionsOf('a', 'b<-a'), { failFast: true })
    await rig.fail('a')
    await expect(rig.result).resolves.toMatchObject({ partial: false })
  })
})

describe('abort', () => {
  it('starts nothing new and interrupts all that has not ended', async () => {
    const rig = start(actionsOf('a', 'b', 'c', 'd<-a'), { jobs: 2 })
    await rig.end('a')
    expect(rig.started).toEqual(['a', 'b', 'c'])
    rig.controller.abort('SIGINT')
    expect(rig.signalOf('b').aborted).toBe(true)
    await rig.end('b', { status: 'interrupted' })
    await rig.end('c')
    expect(statuses(await rig.result)).toEqual({ a: 'passed', b: 'interrupted', c: 'passed', d: 'interrupted' })
    expect(rig.started).toEqual(['a', 'b', 'c'])
  })

  it('starts nothing at all when it comes first', async () => {
    const rig = start(actionsOf('a', 'b<-a'), { signal: AbortSignal.abort() })
    expect(statuses(await rig.result)).toEqual({ a: 'interrupted', b: 'interrupted' })
    expect(rig.started).toEqual([])
    expect(rig.finished).toHaveLength(2)
  })
})

describe('crash', () => {
  it('stops the others, waits for them, and tells all outcomes with the error', async () => {
    const rig = start(actionsOf('a', 'b', 'c<-a', 'd'), { jobs: 2 })
    const error = new TypeError('a bug at /home/somebody')
    await rig.crash('a', error)
    expect(rig.signalOf('b').aborted).toBe(true)
    await rig.end('b', { status: 'interrupted' })
    const crash = await rig.result.catch((thrown: unknown) => thrown)
    if (!(crash instanceof CrashError)) throw new Error('expected a CrashError')
    expect(crash.cause).toBe(error)
    expect(crash.action).toBe('a')
    expect(statuses(crash)).toEqual({ a: 'failed', b: 'interrupted', c: 'interrupted', d: 'interrupted' })
    expect(crash.outcomes[0]?.reason).toEqual({ kind: 'internal', error: 'TypeError' })
    expect(rig.started).toEqual(['a', 'b'])
  })

  it('counts a passed action as failed when what listens to its end fails', async () => {
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' })
    const told: ActionId[] = []
    const onFinished = ({ id }: ActionOutcome): never => {
      told.push(id)
      throw full
    }
    const rig = start(actionsOf('a', 'b', 'c<-a'), { onFinished })
    await rig.end('a')
    await rig.end('b')
    const crash = await rig.result.catch((thrown: unknown) => thrown)
    expect(crash).toMatchObject({ cause: full, outcomes: [{ status: 'failed', reason: { error: 'ENOSPC' } }, {}, {}] })
    expect(told).toEqual(['a'])
  })

  it('does so when the listener fails on an action that never started', async () => {
    const onFinished = ({ status }: ActionOutcome): void => {
      if (status === 'interrupted') throw new Error('broken')
    }
    const rig = start(actionsOf('a', 'b'), { onFinished, signal: AbortSignal.abort() })
    await expect(rig.result).rejects.toMatchObject({ action: 'a', outcomes: [{ id: 'a' }, { id: 'b' }] })
  })
})

it('schedules 10,000 actions with 20,000 needs', async () => {
  const count = 10_000
  const actions = Array.from({ length: count }, (_, at) =>
    commandAction(`p:steps/${at}`, { needs: at < 2 ? [] : [`p:steps/${at - 1 - (at % 2)}`, `p:steps/${at >> 1}`] }),
  )
  let most = 0
  let now = 0
  const result = await schedule({
    actions,
    priority: new Map(actions.map(({ id }, at) => [id, count - at])),
    jobs: 4,
    failFast: false,
    breakers: NO_BREAKERS,
    clock: fakeClock(),
    startedAt: 0,
    signal: new AbortController().signal,
    onFinished: () => {},
    runAction: async ({ id }) => {
      most = Math.max(most, (now += 1))
      await Promise.resolve()
      now -= 1
      return outcome(id)
    },
  })
  expect(result.outcomes.every(({ status }) => status === 'passed')).toBe(true)
  expect(most).toBeLessThanOrEqual(4)
})
