import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NO_BREAKERS, type RunBreakers } from '../../src/model/breakers.ts'
import type { Action, ActionId } from '../../src/model/graph.ts'
import type { ActionOutcome, Attempt, Status } from '../../src/model/outcome.ts'
import { createFailureBound } from '../../src/run/failure-bound.ts'
import { schedule, type ScheduleInput } from '../../src/run/scheduler.ts'
import { commandAction, gateAction, outcome } from '../support/actions.ts'
import { fakeClock, type FakeClock } from '../support/fake-clock.ts'

const ATTEMPT: Attempt = {
  number: 1,
  startedAt: 0,
  durationMs: 1,
  status: 'passed',
  exitCode: 0,
  log: { path: null, totalBytes: 0, digest: null },
  connections: [],
}

/** `a`, `b<-a` … : an action and what it needs. */
function actionsOf(...texts: readonly string[]): readonly Action[] {
  return texts.map((text) => {
    const [id = '', needs] = text.split('<-')
    return commandAction(id, { needs: needs ? needs.split(',') : [] })
  })
}

interface Rig {
  readonly result: Promise<readonly string[]>
  readonly outcomes: Promise<readonly ActionOutcome[]>
  readonly started: ActionId[]
  /** In the order in which they were told. */
  readonly told: ActionId[]
  readonly clock: FakeClock
  readonly controller: AbortController
  isStopped(id: ActionId): boolean
  end(id: ActionId, status?: Status): Promise<void>
}

/** What is aborted ends as interrupted. */
function start(actions: readonly Action[], breakers: Partial<RunBreakers>, options: Partial<ScheduleInput> = {}): Rig {
  const started: ActionId[] = []
  const told: ActionId[] = []
  const clock = fakeClock()
  const controller = new AbortController()
  const running = new Map<ActionId, { resolve(o: ActionOutcome): void; signal: AbortSignal }>()
  const result = schedule({
    actions,
    priority: new Map(),
    jobs: 8,
    failFast: false,
    breakers: { ...NO_BREAKERS, ...breakers },
    clock,
    startedAt: clock.now(),
    signal: controller.signal,
    onFinished: ({ id }) => told.push(id),
    runAction: async (action, _outcomes, signal) => {
      started.push(action.id)
      return new Promise((resolve) => {
        running.set(action.id, { resolve, signal })
        signal.addEventListener('abort', () =>
          resolve(outcome(action.id, { status: 'interrupted', attempts: [ATTEMPT] })),
        )
      })
    },
    ...options,
  })
  return {
    result: result.then(({ outcomes }) => outcomes.map(shown)),
    outcomes: result.then(({ outcomes }) => outcomes),
    started,
    told,
    clock,
    controller,
    isStopped: (id) => running.get(id)?.signal.aborted ?? false,
    end: async (id, status = 'passed') => {
      running.get(id)?.resolve(outcome(id, { status, attempts: [ATTEMPT] }))
      await goOn()
    },
  }
}

async function goOn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function shown({ id, status, reason }: ActionOutcome): string {
  if (reason?.kind === 'cause') return `${id} ${status} by ${reason.action}`
  if (reason?.kind !== 'run-breaker') return `${id} ${status}`
  return `${id} ${status} ${reason.breaker} ${reason.limit}${'action' in reason ? ` at ${reason.action}` : ''}`
}

describe('the breaker of failures', () => {
  it('lets as many fail as it says, and stops what lies behind the last of them', async () => {
    const rig = start(actionsOf('a', 'b', 'c', 'd<-a', 'e<-b', 'f<-c'), { failures: 2 })
    await rig.end('a', 'failed')
    expect(rig.isStopped('c')).toBe(false)
    await rig.end('b', 'timed-out')
    expect(rig.isStopped('c')).toBe(true)
    expect(await rig.result).toEqual([
      'a failed',
      'b timed-out',
      'c breaker failures 2 at b',
      'd skipped by a',
      'e skipped by b',
      'f breaker failures 2 at b',
    ])
    expect(rig.started).toEqual(['a', 'b', 'c'])
  })

  it.each(['failed', 'timed-out', 'limit', 'violated', 'breaker'] as const)(
    'counts what ended as %s',
    async (status) => {
      const rig = start(actionsOf('a', 'b'), { failures: 1 }, { jobs: 1 })
      await rig.end('a', status)
      expect(await rig.result).toEqual([`a ${status}`, 'b breaker failures 1 at a'])
    },
  )

  it('does not count what was skipped', async () => {
    const rig = start(actionsOf('a', 'b<-a', 'c<-a', 'd', 'e<-d'), { failures: 2 })
    await rig.end('a', 'failed')
    await rig.end('d')
    await rig.end('e')
    expect(await rig.result).toEqual(['a failed', 'b skipped by a', 'c skipped by a', 'd passed', 'e passed'])
  })

  it('takes back what has passed behind a failure that comes later in time but earlier in the plan', async () => {
    const rig = start(actionsOf('a', 'b', 'c<-b', 'd'), { failures: 1 })
    await rig.end('b')
    await rig.end('c')
    await rig.end('d', 'failed')
    expect(rig.told).toEqual([])
    expect(rig.isStopped('a')).toBe(false)
    await rig.end('a', 'failed')
    const outcomes = await rig.outcomes
    const at = 'breaker failures 1 at a'
    expect(outcomes.map(shown)).toEqual(['a failed', `b ${at}`, `c ${at}`, `d ${at}`])
    expect(outcomes[1]).toMatchObject({ exitCode: null, key: null, inputs: null, outputs: { entries: [] } })
    expect(outcomes[1]?.attempts).toEqual([ATTEMPT])
    expect(rig.told).toEqual(['a', 'b', 'c', 'd'])
  })

  it('keeps what comes before a failure, though it ends after it', async () => {
    const rig = start(actionsOf('a', 'b', 'c', 'd<-a'), { failures: 1 })
    await rig.end('c', 'failed')
    expect(rig.told).toEqual([])
    await rig.end('b')
    await rig.end('a')
    expect(await rig.result).toEqual(['a passed', 'b passed', 'c failed', 'd breaker failures 1 at c'])
    expect(rig.started).not.toContain('d')
  })

  it('tells outcomes in plan order, each as soon as no failure before it is possible', async () => {
    const rig = start(actionsOf('a', 'b', 'c'), { failures: 3 })
    await rig.end('b')
    expect(rig.told).toEqual([])
    await rig.end('a')
    expect(rig.told).toEqual(['a', 'b'])
    await rig.end('c')
    expect(rig.told).toEqual(['a', 'b', 'c'])
    await rig.result
  })

  it('does not start what lies behind, commands and gates alike', async () => {
    const actions = [...actionsOf('a', 'b'), gateAction('g', { needs: ['b'] }), ...actionsOf('c')]
    const rig = start(actions, { failures: 1 }, { jobs: 2 })
    await rig.end('a', 'failed')
    expect(await rig.result).toHaveLength(4)
    expect(rig.started).toEqual(['a', 'b'])
  })

  it('says interrupted of what a signal has stopped before it, and keeps what lies behind stopped', async () => {
    const rig = start(actionsOf('a', 'b', 'c'), { failures: 1 })
    await rig.end('b', 'failed')
    rig.controller.abort()
    expect(await rig.result).toEqual(['a interrupted', 'b failed', 'c breaker failures 1 at b'])
  })

  it('says of a listener that fails which outcome it was told', async () => {
    const onFinished = ({ id }: ActionOutcome): void => {
      if (id === 'b') throw new Error('broken')
    }
    const rig = start(actionsOf('a', 'b', 'c'), { failures: 2 }, { onFinished })
    rig.outcomes.catch(() => {})
    rig.result.catch(() => {})
    await rig.end('b')
    await rig.end('a')
    await expect(rig.outcomes).rejects.toMatchObject({ action: 'b', outcomes: [{ id: 'a', status: 'passed' }, {}, {}] })
  })
})

describe('the breaker of time', () => {
  it('stops what runs and starts nothing new; what has ended stays', async () => {
    const rig = start(actionsOf('a', 'b', 'c', 'd<-b', 'e<-a'), { timeMs: 500 }, { jobs: 2 })
    await rig.end('a', 'failed')
    rig.clock.advance(499)
    await goOn()
    expect(rig.isStopped('b')).toBe(false)
    rig.clock.advance(1)
    const outcomes = await rig.outcomes
    expect(outcomes.map(shown)).toEqual([
      'a failed',
      'b breaker time 500',
      'c breaker time 500',
      'd breaker time 500',
      'e skipped by a',
    ])
    expect(outcomes[1]?.attempts).toEqual([ATTEMPT])
    expect(rig.started).toEqual(['a', 'b', 'c'])
  })

  it('counts from the beginning of the run', async () => {
    const rig = start(actionsOf('a'), { timeMs: 500 }, { startedAt: 400 })
    expect(await rig.result).toEqual(['a breaker time 500'])
    expect(rig.started).toEqual([])
  })

  it('does nothing to a run that ends before, and lets go of the clock', async () => {
    const rig = start(actionsOf('a'), { timeMs: 500 })
    expect(rig.clock.sleeps).toEqual([500])
    await rig.end('a')
    expect(await rig.result).toEqual(['a passed'])
    rig.clock.advance(1_000)
    expect(await rig.result).toEqual(['a passed'])
  })

  it('comes after a signal that was first', async () => {
    const rig = start(actionsOf('a'), { timeMs: 500 })
    rig.controller.abort()
    rig.clock.advance(500)
    expect(await rig.result).toEqual(['a interrupted'])
  })

  it('leaves to the other what lies behind its failures', async () => {
    const rig = start(actionsOf('a', 'b', 'c'), { timeMs: 500, failures: 1 })
    await rig.end('b', 'failed')
    rig.clock.advance(500)
    expect(await rig.result).toEqual(['a breaker time 500', 'b failed', 'c breaker failures 1 at b'])
  })
})

interface Node {
  readonly status: Status
  readonly gate: boolean
  readonly needs: readonly number[]
}

const nodes = fc.array(
  fc.record({
    status: fc.constantFrom<Status>(
      'passed',
      'passed',
      'passed',
      'failed',
      'timed-out',
      'limit',
      'violated',
      'breaker',
    ),
    gate: fc.boolean(),
    needs: fc.array(fc.nat(), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 16 },
)

function planOf(list: readonly Node[]): readonly Action[] {
  const actions: Action[] = []
  for (const [at, { gate, needs }] of list.entries()) {
    const picked = at === 0 ? [] : [...new Set(needs.map((need) => actions[need % at]?.id ?? ''))]
    const id = `p${at}:tests/1`
    actions.push(gate ? { ...gateAction(`p${at}`), id, needs: picked } : commandAction(id, { needs: picked }))
  }
  return actions
}

/** What must come out, read off the plan one action after the other as if each ran alone. */
function expected(list: readonly Node[], actions: readonly Action[], most: number): readonly string[] {
  const known = new Map<ActionId, string>()
  let failures = 0
  let last: ActionId | null = null
  for (const [at, { id, needs }] of actions.entries()) {
    const bad = actions.find((need) => needs.includes(need.id) && known.get(need.id) !== 'passed')?.id
    const cause = bad === undefined ? null : (known.get(bad) ?? '')
    if (cause?.startsWith('skipped') || cause?.includes('failures')) known.set(id, cause)
    else if (cause !== null) known.set(id, `skipped by ${bad}`)
    else if (last !== null) known.set(id, `breaker failures ${most} at ${last}`)
    else {
      const status = list[at]?.status ?? 'passed'
      known.set(id, status)
      if (status !== 'passed' && ++failures === most) last = id
    }
  }
  return actions.map(({ id }) => `${id} ${known.get(id)}`)
}

async function runOnce(
  list: readonly Node[],
  most: number,
  world: { scheduler: fc.Scheduler; jobs: number; seed: number },
) {
  const actions = planOf(list)
  const told: ActionOutcome[] = []
  let [running, greatest] = [0, 0]
  const { outcomes } = await world.scheduler.waitFor(
    schedule({
      actions,
      priority: new Map(actions.map(({ id }, at) => [id, (at * world.seed) % 7])),
      jobs: world.jobs,
      failFast: false,
      breakers: { failures: most, timeMs: null },
      clock: fakeClock(),
      startedAt: 0,
      signal: new AbortController().signal,
      onFinished: (ended) => told.push(ended),
      runAction: async (action, _known, signal) => {
        const slots = action.kind === 'command' ? 1 : 0
        greatest = Math.max(greatest, (running += slots))
        await world.scheduler.schedule(Promise.resolve(), action.id)
        running -= slots
        const status = list[actions.indexOf(action)]?.status ?? 'passed'
        // An action that is told to stop may have ended just before, or not.
        return outcome(action.id, { status: signal.aborted && action.id.length % 2 === 0 ? 'interrupted' : status })
      },
    }),
  )
  return { outcomes, told, greatest }
}

describe('over all graphs, failures, jobs and orders of ending', () => {
  it('the outcomes are those of the plan alone, and each is told once, in plan order', async () => {
    await fc.assert(
      fc.asyncProperty(
        nodes,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(20),
        fc.scheduler(),
        async (list, most, jobs, seed, scheduler) => {
          const { outcomes, told, greatest } = await runOnce(list, most, { scheduler, jobs, seed })
          expect(outcomes.map(shown)).toEqual(expected(list, planOf(list), most))
          expect(told).toEqual(outcomes)
          expect(greatest).toBeLessThanOrEqual(jobs)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('the bound is the place of the last failure that counts, in whichever order they come', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(50)), fc.integer({ min: 1, max: 6 }), (places, most) => {
        const bound = createFailureBound(most)
        let before = Infinity
        for (const place of places) {
          const fell = bound.count(place)
          expect(fell).toBe(bound.place < before)
          before = bound.place
        }
        expect(bound.place).toBe(places.toSorted((a, b) => a - b)[most - 1] ?? Infinity)
      }),
    )
  })

  it('without a breaker nothing is ever out of bounds', () => {
    const bound = createFailureBound(null)
    expect([1, 2, 3].map((place) => bound.count(place))).toEqual([false, false, false])
    expect(bound.place).toBe(Infinity)
  })
})
