import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planOf } from '../../src/evidence/manifest.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { RunEvent } from '../../src/model/event.ts'
import type { Graph } from '../../src/model/graph.ts'
import type { ActionOutcome, Attempt } from '../../src/model/outcome.ts'
import { runConsole, type Verbosity } from '../../src/report/console.ts'
import { cutMarkdown } from '../../src/report/markdown-cut.ts'
import { outputLines, workflowCommand } from '../../src/report/workflow-commands.ts'
import { commandAction, gateAction, outcome } from '../support/actions.ts'
import { ENFORCED } from '../support/guarantees.ts'
import { ALL_HOSTILE } from '../support/hostile.ts'
import { packOf } from '../support/packs.ts'
import { readAsRunner, readAssignments, type Read } from '../support/workflow-runner.ts'

const PLACE = { file: 'packs/web/task.yml', start: { line: 12, column: 5 }, end: { line: 12, column: 9 } }
const GRAPH: Graph = {
  packs: [packOf('web')],
  actions: [
    commandAction('web:steps/build', { place: PLACE, text: 'node build.mjs' }),
    commandAction('web:tests/1', { place: PLACE, text: 'node test.mjs' }),
    { ...gateAction('web'), id: 'web:gate/secrets', gate: 'secrets' },
  ],
  edges: [],
}

function attemptOf(id: string): Attempt {
  const log = { path: `logs/${id}`, totalBytes: 12, digest: null }
  return { number: 1, startedAt: 0, durationMs: 1200, status: 'passed', exitCode: 0, log, connections: [] }
}

function ended(id: string, fields: Partial<ActionOutcome> = {}): RunEvent {
  const attempts = id.includes('gate/') ? [] : [attemptOf(id)]
  return { type: 'action-finished', at: 5, outcome: outcome(id, { attempts, ...fields }) }
}

interface Shown {
  readonly graph?: Graph
  readonly log?: string
  readonly verbosity?: Verbosity
  readonly repositoryPath?: (path: string) => string
}

function show(events: readonly RunEvent[], { graph = GRAPH, log = 'all is well\n', ...options }: Shown = {}): Read {
  let text = ''
  const { listen } = runConsole({
    ...{ graph, live: false, verbosity: 'normal', github: true, color: true, unicode: true },
    out: () => {},
    err: (more) => (text += more),
    size: () => ({ columns: 80, rows: 24 }),
    now: () => 0,
    readLog: () => new TextEncoder().encode(log),
    runPath: (run) => `.codex/runs/${run}`,
    ...options,
  })
  const tool = { name: 'codex', version: '1' }
  const plan = planOf(graph.packs, graph.actions)
  listen({ type: 'run-started', at: 0, run: 'r1', executor: 'bubblewrap', guarantees: ENFORCED, jobs: 2, tool, plan })
  for (const event of events) listen(event)
  const manifest = 'ab'.repeat(32)
  listen({ type: 'run-finished', at: 9, verdict: 'failed', manifest, partial: false, interrupted: false })
  return readAsRunner(text)
}

const FAILED: Partial<ActionOutcome> = { status: 'failed', reason: { kind: 'exit' }, exitCode: 3 }
const SKIPPED: Partial<ActionOutcome> = {
  status: 'skipped',
  reason: { kind: 'cause', action: 'web:tests/1' },
  exitCode: null,
}
const PASSING = ['web:steps/build', 'web:tests/1', 'web:gate/secrets'].map((id) => ended(id))
const FAILING = [ended('web:steps/build'), ended('web:tests/1', FAILED), ended('web:gate/secrets', SKIPPED)]

describe('a run in a workflow of GitHub', () => {
  it('folds each action that has passed, with its command and log', () => {
    const { commands, lines } = show(PASSING)
    const names = commands.map(({ name }) => name)
    expect(names).toEqual(['group', 'endgroup', 'group', 'endgroup'])
    expect(commands[0]?.data).toBe('✓ web:steps/build')
    const inside = lines.filter(({ groups }) => groups[0] === '✓ web:steps/build').map(({ text }) => text)
    expect(inside).toContain('  packs/web/task.yml:12:5')
    expect(inside).toContain('  $ node build.mjs')
    expect(inside.join('\n')).toContain('all is well')
    expect(lines.filter(({ groups }) => groups.length > 1)).toEqual([])
  })

  it('leaves failures open and annotates the line that declares them', () => {
    const { commands, lines } = show(FAILING, { log: 'boom\n' })
    expect(commands.find(({ name }) => name === 'error')).toEqual({
      name: 'error',
      properties: {
        file: 'packs/web/task.yml',
        ...{ line: '12', endLine: '12', col: '5', endColumn: '9' },
        title: 'web:tests/1 failed (exit code 3)',
      },
      data: 'It exited with code 3.\n1 action was skipped because of it.',
    })
    const boom = lines.filter(({ text }) => text.includes('boom'))
    expect(boom.map(({ groups }) => groups)).toEqual([[]])
  })

  it('does not put a log where everybody reads it that no gate has looked through', () => {
    const { lines } = show(FAILING, { log: 'a-credential\n' })
    const folded = lines.filter(({ groups }) => groups.length > 0).map(({ text }) => text)
    expect(folded.join('\n')).not.toContain('a-credential')
    expect(folded.join('\n')).toContain('(not shown, because the gate for credentials did not pass its pack')
  })

  it('names files from the root of the repository', () => {
    const { commands } = show(FAILING, { repositoryPath: (path) => `sub/${path}` })
    expect(commands.find(({ name }) => name === 'error')?.properties['file']).toBe('sub/packs/web/task.yml')
  })

  it('folds nothing with -q, and annotates all the same', () => {
    expect(show(FAILING, { verbosity: 'quiet' }).commands.map(({ name }) => name)).toEqual(['error'])
  })

  it('annotates no more than GitHub shows', () => {
    const actions = Array.from({ length: 30 }, (_, n) => commandAction(`web:tests/${n + 1}`, { place: PLACE }))
    const graph = { ...GRAPH, actions }
    const { commands } = show(
      actions.map(({ id }) => ended(id, FAILED)),
      { graph },
    )
    expect(commands).toHaveLength(10)
  })

  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...ALL_HOSTILE),
    fc
      .array(
        fc.constantFrom('::error::', '::endgroup::', '\n', '\r', '\v', '\uFEFF', ' ', '%0A', ':', ',', '##[group]'),
      )
      .map((parts) => parts.join('')),
  )

  it('obeys nothing that a pack has named or printed', () => {
    fc.assert(
      fc.property(hostile, hostile, fc.boolean(), (name, log, passes) => {
        const [build, test, gate] = GRAPH.actions
        const place = { ...PLACE, file: name }
        const actions = [build, test].flatMap((action) =>
          action?.kind === 'command' ? [{ ...action, text: name, place }] : [],
        )
        const graph: Graph = { ...GRAPH, actions: [...actions, ...(gate ? [gate] : [])] }
        const { commands } = show(passes ? PASSING : FAILING, { graph, log })
        const expected = passes ? ['group', 'endgroup', 'group', 'endgroup'] : ['group', 'endgroup', 'error']
        expect(commands.map((command) => command.name)).toEqual(expected)
        const errors = commands.filter((command) => command.name === 'error')
        for (const { properties } of errors) expect(Object.keys(properties).toSorted()).toEqual(PROPERTIES)
      }),
    )
  })
})

const PROPERTIES = ['col', 'endColumn', 'endLine', 'file', 'line', 'title']

describe('outputs of a step', () => {
  it('are read as they were written, whatever is in them', () => {
    const value = fc
      .array(fc.constantFrom('a', '\n', '=', '<<', 'EOF', `codex_${sha256('')}`))
      .map((all) => all.join(''))
    fc.assert(
      fc.property(value, value, (verdict, dir) => {
        expect(readAssignments(outputLines({ verdict, 'run-dir': dir }, sha256))).toEqual({ verdict, 'run-dir': dir })
      }),
    )
  })

  it('have messages of several lines', () => {
    const text = workflowCommand('error', { title: 'a, b: 100%' }, ['one %0A', 'two'])
    expect(readAsRunner(text).commands).toEqual([
      { name: 'error', properties: { title: 'a, b: 100%' }, data: 'one %0A\ntwo' },
    ])
  })
})

describe('a report that is longer than there is room for', () => {
  const text = '# one\n\ntwo\n\n````text\nthree\n\n```\nfour\n````\n\nfive\n'

  it('ends behind a whole block, and says so', () => {
    const bytes = Buffer.byteLength(text)
    expect(cutMarkdown(text, bytes)).toBe(text)
    const note = '\n*There is more than fits here: `report.html` shows it.*\n'
    expect(cutMarkdown(`${text}${'x'.repeat(200)}`, bytes + note.length)).toBe(
      '# one\n\ntwo\n\n````text\nthree\n\n```\nfour\n````\n' + note,
    )
    expect(cutMarkdown(`${text}${'x'.repeat(200)}`, 30 + note.length)).toBe(`# one\n\ntwo\n${note}`)
    expect(cutMarkdown(`${text}${'x'.repeat(200)}`, 10)).toBe('')
  })

  it('never has more bytes than there is room for', () => {
    const parts = fc.array(fc.constantFrom('ä', '\n', '\n\n', '```', '````text\n', 'x'), { maxLength: 60 })
    fc.assert(
      fc.property(parts, fc.nat(200), (all, bytes) => {
        expect(Buffer.byteLength(cutMarkdown(all.join(''), bytes))).toBeLessThanOrEqual(bytes)
      }),
    )
  })
})
