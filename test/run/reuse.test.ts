import { describe, expect, it } from 'vitest'
import type { CacheEntry } from '../../src/model/cache-entry.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { RunEvent } from '../../src/model/event.ts'
import type { CommandAction } from '../../src/model/graph.ts'
import type { ActionOutcome } from '../../src/model/outcome.ts'
import { ASPECTS, type Guarantees } from '../../src/model/plan.ts'
import type { Execution } from '../../src/model/ports.ts'
import { ok } from '../../src/model/result.ts'
import { treeOf } from '../../src/model/tree.ts'
import { createReuse } from '../../src/run/reuse.ts'
import { createActionRunner } from '../../src/run/runner.ts'
import { commandAction, entry, gateAction, prepared } from '../support/actions.ts'
import { GITHUB } from '../support/credentials.ts'
import { fakeCache, type FakeCache } from '../support/fake-cache.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { endedBy, exited, fakeExecutor } from '../support/fake-executor.ts'
import { memoryRunFolder, type MemoryRunFolder } from '../support/memory-run-folder.ts'
import { memoryStore } from '../support/memory-store.ts'

const TOOL = { name: 'codex', version: '1.2.3' }
const ENFORCED = Object.fromEntries(ASPECTS.map((aspect) => [aspect, 'enforced'])) as Guarantees

interface Ran {
  readonly outcome: ActionOutcome
  /** Whether the command itself was started. */
  readonly started: boolean
  readonly folder: MemoryRunFolder
  readonly warnings: readonly string[]
  readonly events: readonly RunEvent[]
  readonly gate: (action: ReturnType<typeof gateAction>) => Promise<ActionOutcome>
}

interface Ways {
  /** What the command prints, and how each of its attempts ends. */
  readonly print?: string
  readonly ends?: readonly Execution[]
  readonly guarantees?: Guarantees
  /** Undeclared files that the command leaves, all of which git ignores. */
  readonly ignored?: readonly string[]
  readonly callerEnv?: Readonly<Record<string, string>>
}

/** One run with one command. */
async function run(cache: FakeCache, action: CommandAction, ways: Ways = {}): Promise<Ran> {
  const { print = '', ends = [exited(0)], guarantees = ENFORCED, ignored = [], callerEnv = {} } = ways
  const folder = memoryRunFolder()
  const clock = fakeClock({ skipSleeps: true })
  const events: RunEvent[] = []
  const emit = (event: RunEvent): void => void events.push(event)
  let attempt = 0
  const executor = fakeExecutor((command) => {
    if (print !== '') command.print(print)
    for (const path of ignored) command.request.ignores(path)
    command.end(ends[attempt++] ?? exited(70))
  })
  const reuse = createReuse({ cache, tool: TOOL, executor: { guarantees }, folder, clock, emit })
  const runAction = createActionRunner({
    ...{ executor, clock, folder, emit, reuse, callerEnv, maxAttempts: null },
    store: memoryStore({}),
    prepare: (each) => ok(prepared(each)),
    ignores: (path) => ignored.includes(path),
    loadPatches: async () => import('../../src/change/write.ts'),
  })
  const { signal } = new AbortController()
  const outcome = await runAction(action, new Map(), signal)
  return {
    outcome,
    folder,
    events,
    started: executor.started.length > 0,
    warnings: events.flatMap((event) => (event.type === 'warning' ? [event.diagnostic.code] : [])),
    gate: async (gate) => runAction(gate, new Map([[outcome.id, outcome]]), signal),
  }
}

const ACTION = commandAction('p:steps/make', { outputs: ['p/out/'] })
const OUTPUTS = treeOf([entry('p/out/b'), { ...entry('p/out/a'), executable: true }])
const PASSED = exited(0, { outputs: OUTPUTS })

describe('an action that passed', () => {
  it('is reused with all that it left: its outputs, its log, and nothing of its command', async () => {
    const cache = fakeCache()
    const cold = await run(cache, ACTION, { print: 'made\n', ends: [PASSED] })
    const warm = await run(cache, ACTION)
    expect([cold.started, warm.started]).toEqual([true, false])
    expect(cold.outcome.reused).toBeUndefined()
    expect(warm.outcome).toMatchObject({ reused: `/cache/${warm.outcome.key}`, outputs: OUTPUTS })
    const { attempts: _, ...same } = cold.outcome
    expect(warm.outcome).toMatchObject(same)
    expect(warm.folder.text('logs/p/steps/make/1.log')).toBe('made\n')
    expect(warm.folder.open).toEqual(new Set())
    expect(warm.outcome.attempts.map(({ log }) => log)).toEqual(cold.outcome.attempts.map(({ log }) => log))
    expect(warm.events).toEqual([])
  })

  it('leaves no log if it printed nothing', async () => {
    const cache = fakeCache()
    await run(cache, ACTION, { ends: [PASSED] })
    const warm = await run(cache, ACTION)
    expect(warm.outcome.attempts[0]?.log).toEqual({ path: null, totalBytes: 0, digest: null })
    expect(warm.folder.files.size).toBe(0)
  })

  it('is looked through for credentials again', async () => {
    const cache = fakeCache()
    await run(cache, ACTION, { ends: [PASSED], print: `${GITHUB.text}\n` })
    const warm = await run(cache, ACTION)
    expect(warm.started).toBe(false)
    const gate = gateAction('p', { id: 'p:gate/secrets', gate: 'secrets', logs: [ACTION.id] })
    await expect(warm.gate(gate)).resolves.toMatchObject({ status: 'failed', reason: { kind: 'secrets' } })
  })
})

describe('a negative control', () => {
  const control = commandAction('p:controls/tests-1', {
    outputs: ['p/out/'],
    control: { of: 'p:tests/1', replace: [] },
  })
  const { key } = prepared(control)

  it('that failed as it must is reused, with its exit code', async () => {
    const cache = fakeCache()
    const cold = await run(cache, control, { print: 'refused\n', ends: [exited(3)] })
    const warm = await run(cache, control)
    expect([cold.started, warm.started]).toEqual([true, false])
    expect(warm.outcome).toMatchObject({ status: 'passed', exitCode: 3, outputs: treeOf([]) })
  })

  it('that did not is not kept', async () => {
    const cache = fakeCache()
    await run(cache, control, { ends: [exited(0)] })
    await run(cache, control, { ends: [exited(127)] })
    expect(cache.entries.size).toBe(0)
  })

  it.each<[string, Partial<CacheEntry>]>([
    ['passed', { exitCode: 0 }],
    ['could not be run', { exitCode: 127 }],
    ['left something', { exitCode: 1, outputs: [entry('p/out/x')] }],
  ])('is not taken from an entry whose command %s', async (_, fields) => {
    const cache = fakeCache()
    cache.entries.set(key, { key, tool: 'codex 1.2.3', exitCode: 1, outputs: [], log: null, ...fields })
    const { started, warnings } = await run(cache, control, { ends: [exited(1)] })
    expect([started, warnings]).toEqual([true, ['cache-entry-dropped']])
  })
})

describe('never kept is', () => {
  const secret = { network: [], secrets: ['TOKEN'], cloud: false }
  const network = { network: ['a.example:443'], secrets: [], cloud: false }
  const cloud = { network: [], secrets: [], cloud: true }
  const twice = { retries: { attempts: 2, repeatErrorLimit: 2 } }

  it.each<[string, Partial<CommandAction>, Ways]>([
    ['what failed', {}, { ends: [exited(1)] }],
    ['what took too long', {}, { ends: [endedBy({ kind: 'limit', limit: 'timeout' })] }],
    ['what passed a limit', {}, { ends: [endedBy({ kind: 'limit', limit: 'memory' })] }],
    ['what was interrupted', {}, { ends: [endedBy({ kind: 'interrupted' })] }],
    ['what broke the rules', {}, { ends: [exited(0, { undeclared: ['p/x'] })] }],
    ['what wrote files that are dropped because git ignores them', {}, { ends: [PASSED], ignored: ['p/cache/x'] }],
    ['what failed at first', twice, { ends: [exited(1), PASSED] }],
    ['what had a secret', { capabilities: secret }, { ends: [PASSED], callerEnv: { TOKEN: 'hidden' } }],
    ['what had a network', { capabilities: network }, { ends: [PASSED] }],
    ['what could change a cloud', { capabilities: cloud }, { ends: [PASSED] }],
  ])('%s', async (_, fields, ways) => {
    const cache = fakeCache()
    await run(cache, { ...ACTION, ...fields }, ways)
    expect(cache.entries.size).toBe(0)
  })

  it.each(ASPECTS)('what ran without a guarantee for its %s', async (aspect) => {
    const cache = fakeCache()
    const guarantees: Guarantees = { ...ENFORCED, [aspect]: 'none' }
    const { warnings } = await run(cache, ACTION, { ends: [PASSED], guarantees })
    expect(cache.entries.size).toBe(0)
    expect(cache.asked).toEqual([])
    expect(warnings).toEqual(['cache-unused'])
  })
})

describe('never reused is', () => {
  it('an outcome for an action that has a grant', async () => {
    const cache = fakeCache()
    await run(cache, ACTION, { ends: [PASSED] })
    const capabilities = { network: ['a.example:443'], secrets: [], cloud: false }
    const { started } = await run(cache, { ...ACTION, capabilities }, { ends: [PASSED] })
    expect(started).toBe(true)
    expect(cache.asked).toHaveLength(1)
  })

  const key = prepared(ACTION).key
  const good: CacheEntry = { key, tool: 'codex 1.2.3', exitCode: 0, outputs: OUTPUTS.entries, log: null }

  it.each<[string, Partial<CacheEntry>]>([
    ['another exit code', { exitCode: 1 }],
    ['an output that is not declared', { outputs: [...OUTPUTS.entries, entry('p/other')] }],
    ['an input among the outputs', { outputs: [entry('p/src/a')] }],
    ['no output where one is declared', { outputs: [] }],
    ['more output than the limit', { outputs: [{ ...entry('p/out/a'), size: ACTION.limits.outputBytes + 1 }] }],
    ['more log than the limit', { log: { digest: sha256(''), size: ACTION.limits.logBytes + 1 } }],
  ])('an entry with %s', async (_, fields) => {
    const cache = fakeCache()
    cache.entries.set(key, { ...good, ...fields })
    const { started, outcome, warnings } = await run(cache, ACTION, { ends: [PASSED] })
    expect(started).toBe(true)
    expect(outcome.reused).toBeUndefined()
    expect(outcome.outputs).toEqual(OUTPUTS)
    expect(warnings).toEqual(['cache-entry-dropped'])
    expect(cache.entries.get(key)).toEqual(good)
  })
})

describe('a cache that can keep nothing more', () => {
  it('is told of once, and read on', async () => {
    const cache = fakeCache()
    cache.refuseWith({ code: 'ENOSPC', path: '/cache', message: 'no space left on device' })
    const events: RunEvent[] = []
    const reuse = createReuse({
      ...{ cache, tool: TOOL, executor: { guarantees: ENFORCED } },
      ...{ folder: memoryRunFolder(), clock: fakeClock(), emit: (event: RunEvent) => void events.push(event) },
    })
    const log = { path: null, totalBytes: 0, digest: null }
    const attempt = {
      number: 1,
      startedAt: 0,
      durationMs: 1,
      status: 'passed',
      exitCode: 0,
      log,
      connections: [],
    } as const
    const ending = { status: 'passed', reason: null, exitCode: 0, outputs: OUTPUTS, attempts: [attempt] } as const
    for (const id of ['p:steps/a', 'p:steps/b']) {
      await expect(reuse?.take(prepared(commandAction(id)))).resolves.toBeNull()
      reuse?.keep(prepared(commandAction(id)), ending, true)
    }
    expect(events).toMatchObject([
      {
        type: 'warning',
        diagnostic: { code: 'cache-not-stored', severity: 'warning', facts: { action: 'p:steps/a' } },
      },
    ])
    expect(cache.asked).toHaveLength(2)
  })
})
