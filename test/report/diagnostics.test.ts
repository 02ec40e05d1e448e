import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { diagnostic } from '../../src/model/diagnostic.ts'
import { locationOf, sourceText, type Location, type SourceText } from '../../src/model/source.ts'
import { CODES } from '../../src/report/help/pages.ts'
import { diagnosticsJson, renderDiagnostics } from '../../src/report/diagnostics.ts'
import { everyComplaint } from '../support/complaints.ts'

const GOLDEN = readFileSync(new URL('../golden/report/diagnostics.txt', import.meta.url), 'utf8')
const PLAIN = { color: false, unicode: true, width: 80 }

function at(source: SourceText, part: string): Location {
  const start = source.text.indexOf(part)
  return locationOf(source, { start, end: start + part.length })
}

function sources(...texts: readonly SourceText[]): ReadonlyMap<string, SourceText> {
  return new Map(texts.map((text) => [text.file, text]))
}

describe('the wording', () => {
  it('has a message and a fix for every code', async () => {
    const text = renderDiagnostics(everyComplaint(), new Map(), PLAIN)
    await expect(text).toMatchFileSnapshot('../golden/report/diagnostics.txt')
  })

  it.each(CODES)('has %s among those that somebody has read', (code) => {
    expect(GOLDEN).toMatch(new RegExp(`^error ${code} \\S`, 'm'))
  })

  it('makes every message a sentence, and every fix one or more', () => {
    for (const entry of diagnosticsJson(everyComplaint()) as readonly { message: string; fix: string | null }[]) {
      expect(entry.message).toMatch(/^[A-Z`].*\.$/)
      for (const line of entry.fix?.split('\n') ?? []) expect(line).toMatch(/^[A-Z`].*[.?]$/)
    }
  })
})

describe('renderDiagnostics', () => {
  const first = sourceText('packs/a/task.yml', 'version: 1\nid: a\nstpes:\n  - id: x\n')
  const second = sourceText('packs/b/task.yml', 'id: b\nneeds: [a]\n')

  it('shows place, severity, code, message, frame, related places and fix, sorted, and counts', () => {
    const cycle = diagnostic(
      'cyclic-need',
      at(second, 'a]'),
      { cycle: ['b', 'a'] },
      {
        related: [{ location: at(first, 'id: a'), note: 'a needs b' }],
      },
    )
    const key = diagnostic('unknown-key', at(first, 'stpes'), {
      key: 'stpes',
      parent: '',
      suggestion: 'steps',
      known: ['steps'],
    })
    expect(renderDiagnostics([cycle, key], sources(first, second), PLAIN)).toBe(
      [
        'packs/a/task.yml:3:1 error unknown-key `stpes` is not a key of a task pack.',
        '  2 │ id: a',
        '  3 │ stpes:',
        '    │ ^^^^^',
        '  fix: Did you mean `steps`?',
        '',
        'packs/b/task.yml:2:9 error cyclic-need These need each other in a circle: `b` -> `a` -> `b`.',
        '  1 │ id: b',
        '  2 │ needs: [a]',
        '    │         ^^',
        '  packs/a/task.yml:2:1 a needs b',
        '  1 │ version: 1',
        '  2 │ id: a',
        '    │ ^^^^^',
        '  fix: Remove one of these needs.',
        '',
        '2 errors in 2 packs',
        '`codex help <code>` tells more about each.',
        '',
      ].join('\n'),
    )
  })

  it('counts errors and warnings apart, and says files where not all are packs', () => {
    const config = sourceText('codex.config.ts', 'x\n')
    const text = renderDiagnostics(
      [
        diagnostic('no-acceptance', at(first, 'id: a'), {}, { severity: 'warning' }),
        diagnostic('config-load', at(config, 'x'), { detail: 'no' }),
      ],
      sources(first, config),
      PLAIN,
    )
    expect(text.split('\n').at(-3)).toBe('1 error, 1 warning in 2 files')
  })

  it('says once where to read more, by the code where there is only one', () => {
    const complaint = diagnostic('no-acceptance', at(first, 'id: a'), {})
    const text = renderDiagnostics([complaint, complaint], sources(first), PLAIN)
    expect(text.split('\n').slice(-3)).toEqual(['2 errors in 1 pack', '`codex help no-acceptance` tells more.', ''])
  })

  it('is empty for no complaints', () => {
    expect(renderDiagnostics([], new Map(), PLAIN)).toBe('')
  })

  it('colours only when asked to', () => {
    const complaint = [diagnostic('no-acceptance', at(first, 'id: a'), {})]
    expect(renderDiagnostics(complaint, sources(first), PLAIN)).not.toContain('\u001B')
    expect(renderDiagnostics(complaint, sources(first), { ...PLAIN, color: true })).toContain(
      '\u001B[31merror\u001B[39m',
    )
  })
})

describe('diagnosticsJson', () => {
  it('carries code, severity, words, place and related places', () => {
    const source = sourceText('packs/a/task.yml', 'id: a\n')
    const location = at(source, 'id')
    const complaint = diagnostic(
      'duplicate-key',
      location,
      { key: 'id' },
      { related: [{ location, note: 'the first' }] },
    )
    const place = { file: 'packs/a/task.yml', start: { line: 1, column: 1 }, end: { line: 1, column: 3 } }
    expect(diagnosticsJson([complaint])).toEqual([
      {
        code: 'duplicate-key',
        severity: 'error',
        message: '`id` is given twice.',
        fix: 'Keep one of the two.',
        location: place,
        related: [{ location: place, note: 'the first' }],
      },
    ])
  })
})
