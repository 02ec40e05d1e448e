import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exitCodeOf, type Ended } from '../../src/evidence/exit-code.ts'
import { packVerdicts, verdictOf, type Results } from '../../src/evidence/verdict.ts'
import { STATUSES, type ActionOutcome, type Status } from '../../src/model/outcome.ts'
import { commandAction, gateAction, outcome } from '../support/actions.ts'

const actions = [
  commandAction('p:steps/make'),
  commandAction('p:tests/1'),
  gateAction('p'),
  commandAction('q:lint/1'),
  gateAction('q'),
]

function results(statuses: Readonly<Record<string, Status>> = {}, rest: Partial<Results> = {}): Results {
  const outcomes = actions.map(({ id }) => outcome(id, { status: statuses[id] ?? 'passed' }))
  return { packs: ['p', 'q'], actions, outcomes, partial: false, interrupted: false, ...rest }
}

describe('a run', () => {
  it('passes when every action of every pack passed', () => {
    expect(verdictOf(results())).toBe('passed')
    expect([...packVerdicts(results())]).toEqual([
      ['p', 'passed'],
      ['q', 'passed'],
    ])
  })

  it.each([
    ['has no pack', results({}, { packs: [], actions: [], outcomes: [] })],
    ['has a pack without actions', results({}, { packs: ['p', 'q', 'r'] })],
    ['lacks an outcome', results({}, { outcomes: results().outcomes.slice(1) })],
    ['has no outcomes', results({}, { outcomes: [] })],
    ['was stopped early', results({}, { partial: true })],
    ['has no gate', results({}, { actions: actions.filter(({ kind }) => kind !== 'gate') })],
    [
      'has no acceptance',
      results({}, { actions: actions.filter(({ phase }) => phase === 'steps' || phase === 'gate') }),
    ],
    [
      'has a control in place of acceptance',
      results(
        {},
        {
          actions: [...actions.slice(0, 1), commandAction('p:controls/tests-1'), ...actions.slice(2)],
          outcomes: [...results().outcomes, outcome('p:controls/tests-1', { exitCode: 1 })],
        },
      ),
    ],
    ['has a failed action outside of its packs', results({ 'q:lint/1': 'failed' }, { packs: ['p'] })],
  ])('never passes when it %s', (_, given) => {
    expect(verdictOf(given)).toBe('failed')
  })

  it('is interrupted by a signal even if everything had passed, and by any interrupted action', () => {
    expect(verdictOf(results({}, { interrupted: true }))).toBe('interrupted')
    expect(verdictOf(results({ 'p:tests/1': 'failed', 'q:lint/1': 'interrupted' }))).toBe('interrupted')
  })

  it('passes for no statuses but all passed', () => {
    const status = fc.constantFrom(...STATUSES)
    const statuses = fc.record(Object.fromEntries(actions.map(({ id }) => [id, status])))
    fc.assert(
      fc.property(statuses, fc.boolean(), fc.boolean(), (given, partial, interrupted) => {
        const all = Object.values(given).every((one) => one === 'passed') && !partial && !interrupted
        const verdict = verdictOf(results(given, { partial, interrupted }))
        expect(verdict === 'passed').toBe(all)
      }),
    )
  })
})

describe('a pack', () => {
  it('is interrupted only if nothing in it went wrong by itself', () => {
    const verdict = (statuses: Readonly<Record<string, Status>>) => packVerdicts(results(statuses)).get('p')
    expect(verdict({ 'p:tests/1': 'interrupted', 'p:gate/artifacts': 'interrupted' })).toBe('interrupted')
    expect(verdict({ 'p:steps/make': 'violated', 'p:tests/1': 'interrupted' })).toBe('failed')
    expect(verdict({ 'p:gate/artifacts': 'skipped' })).toBe('failed')
    expect(verdict({ 'q:lint/1': 'failed' })).toBe('passed')
  })
})

describe('the exit code', () => {
  const code = (verdict: Ended['verdict'], statuses: readonly Status[] = [], signal: Ended['signal'] = null) => {
    const outcomes: ActionOutcome[] = statuses.map((status, at) => outcome(`p:tests/${at}`, { status }))
    return exitCodeOf({ verdict, outcomes, signal, signingProblem: null })
  }

  it('is 0 for a run that passed and nothing else', () => {
    expect(code('passed', ['passed', 'passed'])).toBe(0)
  })

  it.each(['failed', 'violated', 'skipped'] as const)('is 1 for an action that is %s', (status) => {
    expect(code('failed', ['passed', status])).toBe(1)
  })

  it.each(['timed-out', 'limit', 'breaker'] as const)('is 4 as soon as an action ended by %s', (status) => {
    expect(code('failed', ['failed', status, 'violated'])).toBe(4)
  })

  it('is 5 as soon as an action did not do the same twice, whatever else happened', () => {
    const reason = { kind: 'nondeterministic', paths: [] } as const
    const outcomes = [outcome('p:tests/1', { status: 'failed', reason }), outcome('p:tests/2', { status: 'timed-out' })]
    expect(exitCodeOf({ verdict: 'failed', outcomes, signal: null, signingProblem: null })).toBe(5)
    expect(exitCodeOf({ verdict: 'interrupted', outcomes, signal: 'SIGINT', signingProblem: null })).toBe(130)
  })

  it('is 1 for a failed run in which nothing ran', () => {
    expect(code('failed')).toBe(1)
  })

  it('is 3 for a refusal', () => {
    expect(code('refused')).toBe(3)
  })

  it('is that of the signal, whatever happened before', () => {
    expect(code('interrupted', ['limit'], 'SIGINT')).toBe(130)
    expect(code('interrupted', ['limit'], 'SIGTERM')).toBe(143)
    expect(code('interrupted', [], 'SIGHUP')).toBe(129)
    expect(code('passed', ['passed'], 'SIGINT')).toBe(130)
  })

  it('is 2 for a run that passed and is not signed although it should be, and says what is graver first', () => {
    const ended = { outcomes: [outcome('p:tests/1')], signal: null, signingProblem: 'the network is down' }
    expect(exitCodeOf({ ...ended, verdict: 'passed' })).toBe(2)
    expect(exitCodeOf({ ...ended, verdict: 'failed' })).toBe(1)
    expect(exitCodeOf({ ...ended, verdict: 'refused' })).toBe(3)
    expect(exitCodeOf({ ...ended, verdict: 'passed', outcomes: [] })).toBe(70)
  })

  it('is that of a bug where a verdict contradicts what is known', () => {
    expect(code('passed', ['passed', 'skipped'])).toBe(70)
    expect(code('passed')).toBe(70)
    expect(code('started')).toBe(70)
    expect(code('interrupted')).toBe(70)
  })
})
