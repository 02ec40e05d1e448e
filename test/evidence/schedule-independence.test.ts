import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildManifest, manifestBytes, manifestOutcome, planOf } from '../../src/evidence/manifest.ts'
import { NO_BREAKERS, type RunBreakers } from '../../src/model/breakers.ts'
import type { Manifest } from '../../src/model/manifest.ts'
import type { Action, ActionId } from '../../src/model/graph.ts'
import type { ActionOutcome } from '../../src/model/outcome.ts'
import { ok } from '../../src/model/result.ts'
import { treeOf } from '../../src/model/tree.ts'
import { createActionRunner } from '../../src/run/runner.ts'
import { schedule } from '../../src/run/scheduler.ts'
import { commandAction, entry, gateAction, prepared } from '../support/actions.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { endedBy, exited, fakeExecutor, type FakeCommand } from '../support/fake-executor.ts'
import { memoryRunFolder } from '../support/memory-run-folder.ts'
import { memoryStore } from '../support/memory-store.ts'
import { packOf } from '../support/packs.ts'

const BEHAVIOURS = [
  'pass',
  'pass',
  'pass',
  'pass',
  'exit',
  'missing',
  'stray',
  'timeout',
  'talk',
  'flaky',
  'same',
] as const
type Behaviour = (typeof BEHAVIOURS)[number]

const PACKS = ['p', 'q', 'r']

interface Work {
  readonly actions: readonly Action[]
  readonly behaviours: ReadonlyMap<ActionId, Behaviour>
}

interface Node {
  readonly pack: string
  readonly phase: 'steps' | 'tests'
  readonly behaviour: Behaviour
  /** Each picks one of the actions before. */
  readonly needs: readonly number[]
}

const nodes = fc.array(
  fc.record({
    pack: fc.constantFrom(...PACKS),
    phase: fc.constantFrom('steps' as const, 'tests' as const),
    behaviour: fc.constantFrom(...BEHAVIOURS),
    needs: fc.array(fc.nat(), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 14 },
)

/** Commands that need random earlier actions, and behind the last of each pack its gate, which later ones may need as well. */
const work = nodes.map((list: readonly Node[]): Work => {
  const actions: Action[] = []
  const behaviours = new Map<ActionId, Behaviour>()
  for (const [at, { pack, phase, behaviour, needs }] of list.entries()) {
    const picked = new Set(actions.length === 0 ? [] : needs.map((need) => actions[need % actions.length]?.id ?? ''))
    const action = commandAction(`${pack}:${phase}/${at}`, {
      needs: [...picked],
      outputs: [`packs/${pack}/${at}`],
      retries: { attempts: 3, repeatErrorLimit: 2 },
    })
    behaviours.set(action.id, behaviour)
    actions.push(action)
    if (list.slice(at + 1).some((later) => later.pack === pack)) continue
    const own = actions.filter((one) => one.pack === pack)
    actions.push(gateAction(pack, { needs: own.map(({ id }) => id), required: own.flatMap(outputsOf) }))
  }
  return { actions, behaviours }
})

function outputsOf(action: Action): readonly string[] {
  return action.kind === 'command' ? action.outputs : []
}

/** How an attempt ends follows from the action and from how often it was tried, from nothing else. */
function finish(command: FakeCommand, behaviour: Behaviour, attempt: number): void {
  const outputs = treeOf(command.request.outputs.map((path) => entry(path, `${command.id} made this`)))
  switch (behaviour) {
    case 'pass':
      return command.end(exited(0, { outputs }))
    case 'exit':
      command.print(`try ${'again '.repeat(attempt)}`)
      return command.end(exited(3, { outputs }))
    case 'missing':
      return command.end(exited(0, { missing: command.request.outputs }))
    case 'stray':
      return command.end(exited(0, { outputs, undeclared: ['z', 'a'] }))
    case 'timeout':
      return command.end(endedBy({ kind: 'limit', limit: 'timeout' }))
    case 'talk':
      command.print('x'.repeat(2_000))
      return command.end(exited(0, { outputs }))
    case 'flaky':
      return command.end(attempt === 1 ? exited(1) : exited(0, { outputs }))
    case 'same':
      command.print(`pid ${attempt * 7}: no`)
      return command.end(exited(1))
  }
}

interface RunOptions {
  readonly scheduler: fc.Scheduler
  readonly jobs: number
  readonly failFast?: boolean
  readonly breakers?: RunBreakers
  /** A signal comes at any time, decided by the scheduler. */
  readonly abort?: boolean
}

interface Ran {
  readonly outcomes: readonly ActionOutcome[]
  readonly manifest: Manifest
  readonly finished: readonly ActionId[]
  readonly aborted: boolean
}

/** The scheduler decides in which order commands end. What must never happen is checked while it runs. */
async function run({ actions, behaviours }: Work, options: RunOptions): Promise<Ran> {
  const { scheduler, jobs, failFast = false, breakers = NO_BREAKERS, abort = false } = options
  const passed = new Set<ActionId>()
  const finished: ActionId[] = []
  const tries = new Map<ActionId, number>()
  const controller = new AbortController()
  const needsOf = new Map(actions.map(({ id, needs }) => [id, needs]))
  const problems: string[] = []
  const executor = fakeExecutor((command) => {
    const { id } = command
    if (executor.running.size > jobs) problems.push(`${executor.running.size} commands at once`)
    if (!needsOf.get(id)?.every((need) => passed.has(need))) problems.push(`${id} started too early`)
    if (command.request.signal.aborted) problems.push(`${id} started after the signal`)
    const attempt = (tries.get(id) ?? 0) + 1
    tries.set(id, attempt)
    void scheduler.schedule(Promise.resolve(), id).then(() => finish(command, behaviours.get(id) ?? 'pass', attempt))
  })
  if (abort) void scheduler.schedule(Promise.resolve(), 'signal').then(() => controller.abort())
  const clock = fakeClock({ skipSleeps: true })
  const emit = (): void => clock.advance(1)
  const runOne = createActionRunner({
    executor,
    clock,
    store: memoryStore({}),
    folder: memoryRunFolder(),
    emit,
    ignores: () => false,
    loadPatches: async () => import('../../src/change/write.ts'),
    callerEnv: {},
    maxAttempts: null,
    prepare: (action, outcomes) => {
      const made = action.needs.flatMap((need) => outcomes.get(need)?.outputs.entries ?? [])
      return ok(prepared(action, treeOf(made)))
    },
  })
  const { outcomes, partial } = await scheduler.waitFor(
    schedule({
      actions,
      priority: new Map(actions.map(({ id }, at) => [id, (at * 7) % 5])),
      jobs,
      failFast,
      breakers,
      clock,
      startedAt: clock.now(),
      signal: controller.signal,
      runAction: async (action, known, signal) => {
        const outcome = await runOne(action, known, signal)
        if (outcome.status === 'passed') passed.add(action.id)
        return outcome
      },
      onFinished: ({ id }) => finished.push(id),
    }),
  )
  expect(problems).toEqual([])
  const interrupted = controller.signal.aborted
  const packs = PACKS.filter((pack) => actions.some((action) => action.pack === pack)).map((pack) => packOf(pack))
  const tool = { name: 'codex', version: '1' }
  const manifest = buildManifest({
    tool,
    guarantees: null,
    plan: planOf(packs, actions),
    outcomes: outcomes.map(manifestOutcome),
    partial,
    interrupted,
  })
  return { outcomes, manifest, finished, aborted: interrupted }
}

/** What every outcome must be, read off the behaviours one action after the other. */
function expected({ actions, behaviours }: Work): ReadonlyMap<ActionId, string> {
  const STATUS: Record<Behaviour, string> = {
    pass: 'passed',
    exit: 'failed',
    missing: 'breaker',
    stray: 'violated',
    timeout: 'breaker',
    talk: 'limit',
    flaky: 'passed',
    same: 'breaker',
  }
  const known = new Map<ActionId, string>()
  const place = new Map(actions.map(({ id }, at) => [id, at]))
  for (const { id, needs } of actions) {
    const bad = needs
      .filter((need) => known.get(need) !== 'passed')
      .toSorted((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0))[0]
    const cause = bad === undefined ? undefined : known.get(bad)
    if (bad === undefined) known.set(id, STATUS[behaviours.get(id) ?? 'pass'])
    else known.set(id, cause?.startsWith('skipped') ? cause : `skipped by ${bad}`)
  }
  return known
}

function told(outcomes: readonly ActionOutcome[]): ReadonlyMap<ActionId, string> {
  return new Map(
    outcomes.map(({ id, status, reason }) => [id, reason?.kind === 'cause' ? `${status} by ${reason.action}` : status]),
  )
}

function causesOf(outcomes: readonly ActionOutcome[]): ActionId[] {
  return outcomes.flatMap(({ reason }) => (reason?.kind === 'cause' ? [reason.action] : []))
}

const jobs = fc.integer({ min: 1, max: 8 })
const most = fc.integer({ min: 1, max: 4 })

describe('over all graphs, failures, jobs and orders of ending', () => {
  it('the outcomes are those that the actions alone decide, and the manifest is the same byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(work, jobs, fc.scheduler(), fc.scheduler(), async (given, many, one, other) => {
        const alone = await run(given, { scheduler: one, jobs: 1 })
        const together = await run(given, { scheduler: other, jobs: many })
        expect(told(together.outcomes)).toEqual(expected(given))
        expect(manifestBytes(together.manifest)).toBe(manifestBytes(alone.manifest))
        expect(together.outcomes.map(withoutTimes)).toEqual(alone.outcomes.map(withoutTimes))
        expect(together.manifest.verdict === 'passed').toBe(
          together.outcomes.every(({ status }) => status === 'passed') && allAccepted(given),
        )
        expect(new Set(together.finished).size).toBe(given.actions.length)
        expect(together.finished).toHaveLength(given.actions.length)
      }),
      { numRuns: 150 },
    )
  })

  it('a breaker that counts failures ends each run at the same place, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(work, jobs, most, fc.scheduler(), fc.scheduler(), async (given, many, failures, one, other) => {
        const breakers = { failures, timeMs: null }
        const alone = await run(given, { scheduler: one, jobs: 1, breakers })
        const together = await run(given, { scheduler: other, jobs: many, breakers })
        expect(manifestBytes(together.manifest)).toBe(manifestBytes(alone.manifest))
        expect(together.finished).toEqual(given.actions.map(({ id }) => id))
        const truth = expected(given)
        const behind = together.outcomes.findIndex(({ reason }) => reason?.kind === 'run-breaker')
        const before = behind === -1 ? together.outcomes : together.outcomes.slice(0, behind)
        expect([...told(before)]).toEqual([...truth].slice(0, before.length))
        const failed = before.filter(({ status }) => status !== 'passed' && status !== 'skipped')
        expect(failed.length).toBeLessThanOrEqual(failures)
        expect(behind === -1 || failed.length === failures).toBe(true)
        expect(together.outcomes.slice(before.length).every(({ status }) => status !== 'passed')).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('fail-fast never passes what it cut short, and never turns a failure into a pass', async () => {
    await fc.assert(
      fc.asyncProperty(work, jobs, fc.scheduler(), async (given, many, scheduler) => {
        const { outcomes, manifest } = await run(given, { scheduler, jobs: many, failFast: true })
        const truth = expected(given)
        const ran = outcomes.filter(({ status }) => status !== 'skipped')
        expect(ran.map(({ id, status }) => [id, status])).toEqual(ran.map(({ id }) => [id, truth.get(id)]))
        const failures = ran.filter(({ status }) => status !== 'passed').map(({ id }) => id)
        expect(failures).toEqual(expect.arrayContaining(causesOf(outcomes)))
        const whole = [...truth.values()].every((status) => status === 'passed') && allAccepted(given)
        expect(manifest.verdict).toBe(whole ? 'passed' : 'failed')
        const same = [...truth].every(([id, status]) => told(outcomes).get(id) === status)
        expect(manifest.partial ? failures.length > 0 : same).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('an interrupted run never passes, and leaves no action without an outcome', async () => {
    await fc.assert(
      fc.asyncProperty(work, jobs, fc.scheduler(), async (given, many, scheduler) => {
        const { outcomes, manifest, aborted, finished } = await run(given, { scheduler, jobs: many, abort: true })
        expect(outcomes.map(({ id }) => id)).toEqual(given.actions.map(({ id }) => id))
        expect(finished).toHaveLength(given.actions.length)
        const ended = outcomes.filter(({ status }) => status !== 'interrupted')
        expect(manifest.verdict === 'interrupted').toBe(aborted)
        expect(aborted || ended.length === outcomes.length).toBe(true)
        const truth = expected(given)
        expect(ended.map(({ id, status }) => [id, status])).toEqual(
          ended.map(({ id }) => [id, truth.get(id)?.split(' ')[0]]),
        )
      }),
      { numRuns: 150 },
    )
  })
})

/** Whether every pack has a command that accepts it. */
function allAccepted({ actions }: Work): boolean {
  const accepted = new Set(actions.filter(({ phase }) => phase === 'tests').map(({ pack }) => pack))
  return actions.every(({ pack }) => accepted.has(pack))
}

function withoutTimes({ attempts, ...outcome }: ActionOutcome): object {
  return {
    ...outcome,
    attempts: attempts.map(({ number, status, exitCode, log }) => ({ number, status, exitCode, log })),
  }
}
