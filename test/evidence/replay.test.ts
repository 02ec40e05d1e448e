import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createJournal } from '../../src/evidence/journal.ts'
import { buildManifest, manifestOutcome, planOf, refusedManifest } from '../../src/evidence/manifest.ts'
import { replayJournal } from '../../src/evidence/replay.ts'
import { manifestSchema, outcomeSchema } from '../../src/evidence/schema.ts'
import { canonicalJson } from '../../src/model/canonical.ts'
import type { RunEvent } from '../../src/model/event.ts'
import type { ActionOutcome } from '../../src/model/outcome.ts'
import { treeOf } from '../../src/model/tree.ts'
import { commandAction, entry, gateAction, outcome } from '../support/actions.ts'
import { memoryRunFolder } from '../support/memory-run-folder.ts'
import { packOf } from '../support/packs.ts'
import { REASONS } from '../support/reasons.ts'
import { UNFILTERED } from '../support/guarantees.ts'

const tool = { name: 'codex-orchestrator', version: '1.2.3' }
const plan = planOf(
  [packOf('p')],
  [commandAction('p:steps/make'), commandAction('p:tests/1', { needs: ['p:steps/make'] }), gateAction('p')],
)
const outputs = treeOf([entry('packs/p/out')])
const OUTCOMES: readonly ActionOutcome[] = [
  outcome('p:steps/make', { inputs: treeOf([entry('packs/p/in')]), outputs }),
  outcome('p:tests/1', { status: 'failed', reason: { kind: 'undeclared-writes', paths: ['x'], more: 2 }, exitCode: 0 }),
  outcome('p:gate/artifacts', { status: 'skipped', reason: { kind: 'cause', action: 'p:tests/1' }, key: null }),
]

const STARTED: RunEvent = {
  type: 'run-started',
  at: 1,
  run: 'r',
  executor: 'none',
  guarantees: UNFILTERED,
  jobs: 2,
  tool,
  plan,
}

function ended(one: ActionOutcome): readonly RunEvent[] {
  return [
    { type: 'action-started', at: 2, action: one.id, attempt: 1 },
    { type: 'action-finished', at: 3, outcome: one },
  ]
}

function journalOf(events: readonly RunEvent[]): string {
  const folder = memoryRunFolder()
  const journal = createJournal(folder)
  for (const event of events) journal(event)
  return folder.text('events.jsonl')
}

const MANIFEST = buildManifest({
  ...{ tool, guarantees: UNFILTERED, plan },
  ...{ outcomes: OUTCOMES.map(manifestOutcome), partial: true, interrupted: false },
})
const FINISHED: RunEvent = {
  ...{ type: 'run-finished', at: 9, verdict: 'failed', manifest: 'a'.repeat(64) },
  ...{ partial: true, interrupted: false },
}
const WHOLE = journalOf([STARTED, ...OUTCOMES.flatMap(ended), FINISHED])

describe('the manifest that follows from a journal', () => {
  it('is that of the run, whatever order its actions ended in', () => {
    const events = OUTCOMES.toReversed().flatMap(ended)
    for (const text of [WHOLE, journalOf([STARTED, ...events, FINISHED])]) {
      expect(replayJournal(text)).toEqual({
        ok: true,
        value: { manifest: MANIFEST, written: 'a'.repeat(64), torn: false },
      })
    }
    expect(manifestSchema.parse(MANIFEST)).toEqual(MANIFEST)
  })

  it('holds every reason for which an action may not pass', () => {
    for (const reason of Object.values(REASONS)) {
      const failed = outcome('p:tests/1', { status: 'failed', reason, exitCode: 1 })
      expect(outcomeSchema.parse(JSON.parse(JSON.stringify(manifestOutcome(failed))))).toEqual(manifestOutcome(failed))
    }
  })

  it('is that of a refused run', () => {
    const refusals = [{ code: 'no-sandbox', pack: null, field: '' }]
    const text = journalOf([{ type: 'run-refused', at: 1, run: 'r', tool, refusals }])
    const manifest = refusedManifest({ tool, guarantees: null }, refusals)
    expect(replayJournal(text)).toEqual({ ok: true, value: { manifest, written: null, torn: false } })
  })

  it('never passes what was not told to have ended, wherever the journal is cut off', () => {
    const passing = journalOf([
      STARTED,
      ...OUTCOMES.map(({ id }) => outcome(id)).flatMap(ended),
      { ...FINISHED, verdict: 'passed', partial: false },
    ])
    expect(replayJournal(passing)).toMatchObject({ value: { manifest: { verdict: 'passed' } } })
    const first = passing.indexOf('\n') + 1
    for (let length = first; length < passing.length; length++) {
      const cut = passing.slice(0, length)
      const replayed = replayJournal(cut)
      expect(replayed).toMatchObject({
        ok: true,
        value: { manifest: { verdict: 'interrupted' }, written: null, torn: !cut.endsWith('\n') },
      })
      const known = cut.split('\n').filter((line) => line.startsWith('{"at":3') && line.endsWith('}')).length
      const kept = replayed.ok ? replayed.value.manifest.actions.filter(({ status }) => status === 'passed').length : -1
      expect(kept).toBe(cut.endsWith('\n') ? known : Math.min(kept, known))
    }
    expect(replayJournal(passing.slice(0, first - 1))).toEqual({ ok: false, error: { line: 1, problem: 'incomplete' } })
  })
})

describe('a journal is not believed', () => {
  const [started = '', ...rest] = WHOLE.trimEnd().split('\n')
  const lines = (...all: readonly string[]): string => all.map((line) => `${line}\n`).join('')

  it.each([
    ['that is empty', '', { line: 1, problem: 'incomplete' }],
    ['that does not begin with a run', lines(...rest), { line: 1, problem: 'unexpected' }],
    ['that begins twice', lines(started, started), { line: 2, problem: 'unexpected' }],
    [
      'that plans an action twice',
      lines(canonicalJson({ ...STARTED, plan: { ...plan, actions: [...plan.actions, ...plan.actions] } })),
      { line: 1, problem: 'unexpected' },
    ],
    ['in which an action ends twice', lines(started, rest[1] ?? '', rest[1] ?? ''), { line: 3, problem: 'unexpected' }],
    ['that goes on after its end', lines(started, ...rest, rest[0] ?? ''), { line: 9, problem: 'unexpected' }],
    ['that is not JSON', lines(started, '{'), { line: 2, problem: 'not-json' }],
    ['that is not canonical', lines(started, ` ${rest[0]}`), { line: 2, problem: 'not-canonical' }],
    ['that holds a lone surrogate', lines(started, '{"type":"\\ud800"}'), { line: 2, problem: 'not-canonical' }],
    [
      'that tells of an action which was not planned',
      lines(started, (rest[1] ?? '').replaceAll('p:steps/make', 'p:steps/fake')),
      { line: 2, problem: 'unexpected' },
    ],
    [
      'with a status that there is not',
      lines(started, (rest[1] ?? '').replace('"status":"passed"', '"status":"fine"')),
      { line: 2, problem: 'unexpected' },
    ],
  ])('%s', (_, text, error) => {
    expect(replayJournal(text)).toEqual({ ok: false, error })
  })

  it('whatever it says, without a crash', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(WHOLE.length), fc.nat(5), (text, at, length) => {
        const edited = WHOLE.slice(0, at) + text + WHOLE.slice(at + length)
        expect(typeof replayJournal(edited).ok).toBe('boolean')
      }),
    )
  })
})
