import { describe, expect, it } from 'vitest'
import type { ActionOutcome } from '../../src/model/outcome.ts'
import { treeOf } from '../../src/model/tree.ts'
import { compareOutcomes } from '../../src/run/compare.ts'
import { outcome } from '../support/actions.ts'
import { memoryStore, type MemoryFile } from '../support/memory-store.ts'

const store = memoryStore({})

function made(
  files: Readonly<Record<string, string | MemoryFile>>,
  fields: Partial<ActionOutcome> = {},
): ActionOutcome {
  const outputs = treeOf(Object.entries(files).map(([path, file]) => store.keep(path, file)))
  return outcome('p:steps/a', { outputs, ...fields })
}

describe('two outcomes of one key', () => {
  it('are the same where their outputs are, whatever their attempts', () => {
    const attempt = { number: 1, startedAt: 0, durationMs: 1, status: 'failed', exitCode: 1, connections: [] } as const
    const log = { path: null, totalBytes: 0, digest: null }
    const retried = made({ x: '1' }, { attempts: [{ ...attempt, log }] })
    expect(compareOutcomes(made({ x: '1' }), retried, store)).toBeNull()
  })

  it('differ in bytes, modes and in what was written at all, sorted by path', () => {
    const earlier = made({ b: 'one\ntwo 1\n', 'only-first': '', run: 'x', same: 's' })
    const later = made({ a: 'new', b: 'one\ntwo 2\n', run: { text: 'x', executable: true }, same: 's' })
    expect(compareOutcomes(earlier, later, store)).toEqual({
      action: 'p:steps/a',
      endings: null,
      log: null,
      files: [
        { kind: 'presence', path: 'a', there: 'later' },
        { kind: 'content', path: 'b', offset: 8, line: 2, bytes: [0x31, 0x32], causes: ['random'] },
        { kind: 'presence', path: 'only-first', there: 'earlier' },
        { kind: 'mode', path: 'run', executable: [false, true] },
      ],
    })
  })

  it('are told of where the difference lies beyond what is looked at for its cause', () => {
    const long = 'x'.repeat(5_000)
    const files = compareOutcomes(made({ f: `${long}\n04:13:01` }), made({ f: `${long}\n04:13:02` }), store)?.files
    expect(files).toMatchObject([{ offset: 5_008, line: 2, causes: ['time'] }])
  })

  it.each<[string, Partial<ActionOutcome>, Partial<ActionOutcome>]>([
    ['the status', {}, { status: 'failed', reason: { kind: 'exit' }, exitCode: 1 }],
    ['the exit code', { status: 'failed', reason: { kind: 'exit' }, exitCode: 1 }, { status: 'failed', reason: { kind: 'exit' }, exitCode: 2 }], // prettier-ignore
    ['the reason', { status: 'violated', reason: { kind: 'undeclared-writes', paths: ['a'] } }, { status: 'violated', reason: { kind: 'undeclared-writes', paths: ['b'] } }], // prettier-ignore
  ])('differ in %s', (_, first, second) => {
    const [earlier, later] = [made({}, first), made({}, second)]
    const judged = ({ status, reason, exitCode }: ActionOutcome) => ({ status, reason, exitCode })
    const expected = { action: 'p:steps/a', endings: [judged(earlier), judged(later)], log: null, files: [] }
    expect(compareOutcomes(earlier, later, store)).toEqual(expected)
  })

  it.each<[string, Partial<ActionOutcome>]>([
    ['was skipped', { status: 'skipped', reason: { kind: 'cause', action: 'p:steps/b' } }],
    ['was interrupted', { status: 'interrupted' }],
    ['was stopped with the run', { status: 'breaker', reason: { kind: 'run-breaker', breaker: 'time', limit: 1 } }],
    ['had another key', { key: 'f'.repeat(64) }],
  ])('can not be compared where one %s', (_, fields) => {
    expect(compareOutcomes(made({ x: '1' }, fields), made({ x: '2' }), store)).toBeNull()
    expect(compareOutcomes(made({ x: '1' }), made({ x: '2' }, fields), store)).toBeNull()
  })
})
