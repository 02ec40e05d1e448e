import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diagnostic } from '../../src/model/diagnostic.ts'
import type { Graph } from '../../src/model/graph.ts'
import type { PlannedAction } from '../../src/model/plan.ts'
import { locationOf, sourceText } from '../../src/model/source.ts'
import { runConsole } from '../../src/report/console.ts'
import { renderDiagnostics } from '../../src/report/diagnostics.ts'
import { renderDoctor } from '../../src/report/doctor.ts'
import { renderDot } from '../../src/report/dot.ts'
import { printJson } from '../../src/report/json.ts'
import { renderList } from '../../src/report/list.ts'
import { renderMermaid } from '../../src/report/mermaid.ts'
import { renderPlan } from '../../src/report/plan.ts'
import { escapeLines, escapeText, guardWorkflowCommands } from '../../src/report/style.ts'
import { renderTree } from '../../src/report/tree.ts'
import { commandAction, outcome } from '../support/actions.ts'
import { packOf } from '../support/packs.ts'
import { readAsRunner } from '../support/workflow-runner.ts'

/** Strings in which what must never reach a screen is frequent. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u001B[31m',
        '\u001B]0;x\u0007',
        '\u009B2J',
        '\u202E',
        '\u2066',
        '\u200B',
        '\uFEFF',
        '\u2028',
        '\u{E0041}',
      ),
      fc.constantFrom(
        '\r',
        '\n',
        '\t',
        '\v',
        '\u0085',
        '\u007F',
        '\uD800',
        '::',
        '##[',
        '"',
        '`',
        ' ',
        'é',
        '名',
        '\u{1F600}',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))

// Said once more and in another way than the code says it: ranges of Unicode instead of its properties.
const FORBIDDEN =
  /[\0-\x09\x0B-\x1F\x7F-\x9F\xAD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uD800-\uDFFF\uFFF9-\uFFFB\u{E0000}-\u{E0FFF}]/u

/** What is left of a text of ours without our own colours. */
function withoutOurColours(text: string): string {
  return text.replace(/\u001B\[(?:0|1|2|22|31|32|33|36|39)m/g, '')
}

/** … and without the sequences by which the block at the bottom is redrawn. */
function withoutOurMovements(text: string): string {
  return text.replace(/\u001B\[\?2026[hl]|\r\u001B\[\d+A\u001B\[J/g, '')
}

function graphOf(text: string): Graph {
  const id = `${text}:steps/${text}`
  const action = commandAction(id, { pack: text, text })
  const pack = packOf(text, { needs: [text] })
  const definition = { ...pack.definition, title: text, domain: text }
  return { packs: [{ ...pack, definition }], actions: [action], edges: [{ from: id, to: id, kind: 'needs' }] }
}

function consoleText(text: string, options: { color: boolean; github: boolean; live: boolean }): string {
  let shown = ''
  let time = 0
  const graph = graphOf(text)
  const id = graph.actions[0]?.id ?? ''
  const { listen } = runConsole({
    graph,
    out: (written) => (shown += written),
    err: (written) => (shown += written),
    verbosity: 'verbose',
    ...options,
    unicode: true,
    size: () => ({ columns: 80, rows: 24 }),
    now: () => (time += 100),
    readLog: () => new TextEncoder().encode(text),
    runPath: (run) => run,
  })
  const none = {
    network: 'none',
    filesystem: 'none',
    processes: 'none',
    environment: 'none',
    syscalls: 'none',
  } as const
  const log = { path: text, totalBytes: 10_000, digest: null }
  const attempt = {
    number: 1,
    startedAt: 0,
    durationMs: 1,
    status: 'failed',
    exitCode: 1,
    log,
    connections: [],
  } as const
  const tool = { name: text, version: text }
  const plan = { packs: [], actions: [{ id, pack: text, phase: 'lint', command: [text], needs: [] }] } as const
  listen({ type: 'run-started', at: 0, run: text, executor: text, guarantees: none, jobs: 1, tool, plan })
  listen({ type: 'action-started', at: 0, action: id, attempt: 1 })
  listen({ type: 'attempt-finished', at: 0, action: id, attempt, retryInMs: 1 })
  listen({ type: 'run-interrupted', at: 0, signal: text })
  const reason = { kind: 'undeclared-writes', paths: [text] } as const
  listen({ type: 'action-finished', at: 1, outcome: outcome(id, { status: 'violated', reason, attempts: [attempt] }) })
  listen({ type: 'run-finished', at: 2, verdict: 'failed', manifest: 'ab', partial: false, interrupted: false })
  return shown
}

function diagnosticText(text: string, color: boolean): string {
  const source = sourceText(text, text)
  const location = locationOf(source, { start: Math.floor(text.length / 2), end: text.length })
  const related = [{ location, note: text }]
  return renderDiagnostics(
    [
      diagnostic('unknown-key', location, { key: text, parent: text, suggestion: text, known: [text] }, { related }),
      diagnostic('cyclic-need', location, { cycle: [text, text] }),
      diagnostic('yaml-syntax', location, { detail: text }),
    ],
    new Map([[text, source]]),
    { color, unicode: true, width: 40 },
  )
}

const RENDERINGS: Readonly<Record<string, (text: string, color: boolean) => string>> = {
  escapeText,
  escapeLines: (text) => escapeLines(text).join('\n'),
  diagnostics: diagnosticText,
  console: (text, color) => consoleText(text, { color, github: false, live: false }),
  'console on a terminal': (text, color) =>
    withoutOurMovements(consoleText(text, { color, github: false, live: true })),
  tree: (text, color) => renderTree(graphOf(text), { color, unicode: true }),
  mermaid: (text) => renderMermaid(graphOf(text)),
  dot: (text) => renderDot(graphOf(text)),
  list: (text, color) => renderList(graphOf(text).packs, { color, unicode: true }),
  plan: (text, color) => renderPlan([planned(text)], { color, unicode: true, verbose: true }),
  doctor: (text, color) =>
    renderDoctor([{ name: text, status: 'failed', detail: text, fix: text }], { color, unicode: true }),
  json: (text) => printJson({ [text]: text }),
}

function planned(text: string): PlannedAction {
  return { action: commandAction(`${text}:steps/${text}`, { text }), key: null, waitsFor: [text] }
}

describe.each(Object.entries(RENDERINGS))('%s', (_name, render) => {
  it('shows nothing that a terminal obeys or hides, whatever the strings', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(render(text, false)).not.toMatch(FORBIDDEN)
        expect(withoutOurColours(render(text, true))).not.toMatch(FORBIDDEN)
      }),
    )
  })
})

describe('printJson', () => {
  it('escapes without changing the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), hostile, (value, text) => {
        const document = { value: JSON.parse(JSON.stringify(value)), text }
        expect(JSON.parse(printJson(document))).toEqual(document)
      }),
    )
  })
})

describe('for GitHub Actions', () => {
  it('no line of the console is a workflow command but the annotation, whatever the strings', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = consoleText(text, { color: false, github: true, live: false })
        expect(readAsRunner(shown).commands.map(({ name }) => name)).toEqual(['error'])
        expect(shown.match(/^\s*::/gm)).toHaveLength(1)
        expect(shown).not.toContain('##[')
      }),
    )
  })

  it('a guarded writer defuses what starts a line and leaves the rest', () => {
    let shown = ''
    guardWorkflowCommands((text) => (shown += text))('a::b\n::error::x\n \t::y\n####[[group]\n')
    expect(shown).toBe('a::b\n| ::error::x\n \t| ::y\n#### [[group]\n')
  })
})
