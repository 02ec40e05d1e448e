import { describe, expect, it } from 'vitest'
import { compareRuns } from '../../src/evidence/compare/runs.ts'
import type { Cause, Subject } from '../../src/model/difference.ts'
import { sha256 } from '../../src/model/digest.ts'
import { renderVersions } from '../../src/report/bytes-diff.ts'
import { wordChange } from '../../src/report/change-words.ts'
import { renderDifference, type DifferenceOptions } from '../../src/report/difference.ts'
import { renderDifferenceJson } from '../../src/report/difference-json.ts'
import { styleOf } from '../../src/report/style.ts'
import { wordSubject } from '../../src/report/subject-words.ts'
import { packOf } from '../support/packs.ts'
import { viewOf, type World } from '../support/run-views.ts'

const NAMES = { from: 'the first run', to: 'the second run' }
const PLAIN: DifferenceOptions = { color: false, unicode: true, verbose: false, names: NAMES, versions: () => null }
const bytes = (text: string): Uint8Array => Buffer.from(text)

const BEFORE: World = {
  files: { 'packs/p/in.txt': 'a', 'packs/p/task.yml': '1' },
  packs: [{ id: 'p', definition: '1' }],
  definitions: { p: packOf('p', { steps: [{ id: 'build' }], tests: [{}, {}] }) },
  actions: [
    { id: 'p:steps/build', reads: ['packs/p/in.txt'], outputs: ['packs/p/out'] },
    { id: 'p:tests/1', from: ['p:steps/build'], command: ['sh', '-ec', 'grep a out'] },
    { id: 'p:tests/2', reads: ['packs/p/task.yml'], makes: 'one', outputs: ['packs/p/log'] },
    { id: 'p:tests/3', reads: [], makes: 'one', outputs: ['packs/p/dice'] },
    { id: 'p:tests/4', from: ['p:tests/3'] },
  ],
}
const AFTER: World = {
  ...BEFORE,
  files: { 'packs/p/in.txt': 'b', 'packs/p/task.yml': '2' },
  packs: [{ id: 'p', definition: '2' }],
  tool: '1.1.0',
  verdict: 'failed',
  actions: BEFORE.actions.map((action) => {
    if (action.id === 'p:tests/3') return { ...action, makes: 'two' }
    if (action.id === 'p:tests/2') return { ...action, command: ['sh', '-ec', 'grep \u001B[2J'] }
    if (action.id === 'p:tests/1') return { ...action, status: 'failed', exitCode: 1, reason: { kind: 'exit' } }
    return action
  }),
}

const runs = { from: { name: 'run-1', view: viewOf(BEFORE) }, to: { name: 'run-2', view: viewOf(AFTER) } }
const difference = compareRuns(runs.from.view, runs.to.view)
const versions = ({ subject }: Cause) =>
  subject.kind === 'file' ? { from: bytes('one\ntwo\n'), to: bytes('one\n2\u202E\n') } : null

describe('why two runs differ', () => {
  it('is told as causes, with what they did', async () => {
    const text = renderDifference(difference, runs, { ...PLAIN, versions })
    await expect(text).toMatchFileSnapshot('../golden/report/difference.txt')
  })

  it('is the same for programs', async () => {
    const text = renderDifferenceJson({ difference, runs, exitCode: 1, damaged: [] })
    await expect(text).toMatchFileSnapshot('../golden/report/difference.json')
  })

  it('names all actions with -v', () => {
    const from = viewOf({
      files: { f: 'a' },
      actions: Array.from({ length: 9 }, (_, n) => ({ id: `p:tests/${n}`, reads: ['f'] })),
    })
    const to = viewOf({
      files: { f: 'b' },
      actions: Array.from({ length: 9 }, (_, n) => ({ id: `p:tests/${n}`, reads: ['f'] })),
    })
    const named = { from: { name: '1', view: from }, to: { name: '2', view: to } }
    const found = compareRuns(from, to)
    expect(renderDifference(found, named, PLAIN)).toContain(
      'in 9 actions: p:tests/0, p:tests/1, p:tests/2 and 6 more\n',
    )
    expect(renderDifference(found, named, { ...PLAIN, verbose: true })).toContain('p:tests/7, p:tests/8\n')
  })
})

describe('a cause in words', () => {
  const [one, other] = [sha256('1'), sha256('2')]
  const passed = { status: 'passed', exitCode: 0, reason: null } as const
  it.each<readonly [Subject, string]>([
    [
      { kind: 'file', path: 'a', renamed: null, from: null, to: one },
      '`a` is an input in the second run only (sha256:6b86b273ff34).',
    ],
    [
      { kind: 'file', path: 'a', renamed: null, from: one, to: null },
      '`a` is an input in the first run only (sha256:6b86b273ff34).',
    ],
    [{ kind: 'file', path: 'a\n', renamed: 'b', from: one, to: one }, '`b` is called `a\\n` now, with the same bytes.'],
    [{ kind: 'mode', path: 'a', from: true, to: false }, '`a` is executable no more.'],
    [{ kind: 'moved', pack: 'p', from: 'a', to: 'b' }, 'The pack `p` was moved from `a` to `b`.'],
    [{ kind: 'variable', name: 'A', from: null, to: 'x\u001B' }, 'The variable `A` changed: not set -> `x\\e`.'],
    [
      { kind: 'tool', name: 'node', from: { version: '20', digest: one }, to: { version: '20', digest: other } },
      'The tool `node` changed: 20 (sha256:6b86b273ff34) -> 20 (sha256:d4735e3a265e).',
    ],
    [
      { kind: 'mount', path: 'nm', from: one, to: other },
      'What identifies `/nm` changed: sha256:6b86b273ff34 -> sha256:d4735e3a265e.',
    ],
    [
      { kind: 'refusals', from: [], to: [{ code: 'not-granted', pack: 'p', field: 'constraints.network' }] },
      'The second run was refused (`not-granted p constraints.network`).',
    ],
    [{ kind: 'stopped', run: 'from', how: 'fail-fast' }, 'The first run stopped at its first failure.'],
    [
      {
        kind: 'nondeterminism',
        action: 'p:tests/1',
        outputs: [],
        from: passed,
        to: { status: 'timed-out', exitCode: null, reason: { kind: 'limit', limit: 'timeout' } },
      },
      'NOT DETERMINISTIC: `p:tests/1` has one key and ended in two ways: passed -> timed out.',
    ],
  ])('%j', (subject, words) => {
    expect(wordSubject(subject, NAMES)).toBe(words)
  })

  it('has its values in the terms of task.yml', () => {
    expect(wordChange({ kind: 'limit', name: 'timeoutMs', from: 300_000, to: 1500 }, NAMES)).toBe(
      'limit timeout: 5m -> 1500ms',
    )
    expect(wordChange({ kind: 'limit', name: 'memoryBytes', from: 2 ** 30, to: null }, NAMES)).toBe(
      'limit memory: 1GiB -> none',
    )
    expect(wordChange({ kind: 'command', from: ['a', 'b c'], to: ['sh', '-ec', 'x'] }, NAMES)).toBe(
      'command: `a b c` -> `x`',
    )
    expect(wordChange({ kind: 'needs', added: ['x'], removed: [] }, NAMES)).toBe('needs: added `x`')
  })
})

describe('two versions of a file', () => {
  const style = styleOf({ color: false, unicode: true })
  const show = (from: string | Uint8Array, to: string | Uint8Array, limit = 40): readonly string[] =>
    renderVersions({ from: Buffer.from(from as string), to: Buffer.from(to as string) }, { limit, style })

  it('are shown as the lines that differ', () => {
    expect(show('a\nb\n', 'a\nc')).toEqual(['@@ -1,2 +1,2 @@', ' a', '-b', '+c', '\\ No newline at end of file'])
  })

  it('are cut where there are more lines than asked for', () => {
    const lines = show('', 'x\n'.repeat(50), 10)
    expect(lines).toHaveLength(11)
    expect(lines.at(-1)).toBe('… 41 more lines; -v shows them')
  })

  it('are told by the first byte where they are no text, too large or too different', () => {
    expect(show('a\0b', 'a\0c')).toEqual(['3 B -> 3 B; the first difference is at byte 2: 0x62 -> 0x63'])
    expect(show(Buffer.from([0xff]), Buffer.from([0xff, 1]))).toEqual([
      '1 B -> 2 B; the first difference is at byte 1: its end -> 0x01',
    ])
    const many = (word: string): string => Array.from({ length: 3000 }, (_, line) => `${word}${line}\n`).join('')
    expect(show(many('a'), many('b'))[0]).toMatch(/the first difference is at byte 0/)
  })
})
