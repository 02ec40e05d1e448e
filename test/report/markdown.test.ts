import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cell, codeSpan, fenced, inline } from '../../src/report/markdown-text.ts'
import { renderMarkdown } from '../../src/report/markdown.ts'
import { escapeText } from '../../src/report/style.ts'
import { commandAction } from '../support/actions.ts'
import { hostileReport } from '../support/hostile-run.ts'
import { ALL_HOSTILE } from '../support/hostile.ts'
import { ACTIVE, OURS, seen } from '../support/rendered-markdown.ts'
import { gates, oneTest, packWith, reportOf, type Ending } from '../support/reports.ts'

describe('report.md', () => {
  it('says the verdict first, then each failure with the end of its log', async () => {
    const log = `${Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n')}\nboom\n`
    const markdown = renderMarkdown(
      await reportOf(oneTest({ status: 'failed', reason: { kind: 'exit' }, exitCode: 3, log })),
    )
    expect(markdown.split('\n')[0]).toBe(
      '## ❌ Not accepted: `p:tests/1` failed (exit code 3), and 2 actions were skipped.',
    )
    expect(markdown).toContain('```text\n$ check\n… the end of 795 B\nline 81\n')
    expect(markdown).toContain('\nboom\n```\n\n```text\nIt exited with code 3.\n```\n')
    expect(markdown).not.toMatch(/secret-host|secret-project/)
  })

  it.each(ALL_HOSTILE)('has only elements of ours and nothing that acts, whatever the strings: %j', async (text) => {
    const { elements, prose } = seen(renderMarkdown(await hostileReport(text)))
    for (const element of elements) expect(OURS).toContain(element)
    expect(prose).not.toMatch(ACTIVE)
    expect(prose).not.toMatch(/[<>&\\]/)
    const structure = (all: readonly string[]): readonly string[] =>
      all.filter((name) => name !== 'code' && name !== 'em')
    const harmless = seen(renderMarkdown(await hostileReport('harmless')))
    expect(structure(elements)).toEqual(structure(harmless.elements))
  })

  it.each(ALL_HOSTILE)('shows nothing that a terminal or a workflow obeys: %j', async (text) => {
    const markdown = renderMarkdown(await hostileReport(text))
    expect(markdown).not.toMatch(
      /[\0-\x09\x0B-\x1F\x7F-\x9F\u200B-\u200F\u2028-\u202E\u2066-\u2069\uFEFF\u{E0000}-\u{E007F}]/u,
    )
    expect(markdown).not.toMatch(/^\s*::|##\[/m)
  })

  it('fits into a pull request, and what is cut is cut between blocks', async () => {
    const packs = Array.from({ length: 400 }, (_, at) => packWith(`pack-${at}`, { title: '`'.repeat(100) }))
    const endings = packs.flatMap(({ definition: { id } }): Ending[] => [
      {
        action: commandAction(`${id}:tests/1`),
        status: 'failed',
        reason: { kind: 'exit' },
        exitCode: 1,
        log: '`'.repeat(390).concat('\n').repeat(60),
      },
      ...gates(id),
    ])
    const markdown = renderMarkdown(await reportOf({ packs, endings }))
    expect(markdown.length).toBeLessThan(65_536)
    expect(markdown.trimEnd().endsWith('`report.html` shows it.*')).toBe(true)
    for (const element of seen(markdown).elements) expect(OURS).toContain(element)
  })
})

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('`', '``', '```', ' ', '\\', '|', '<b>', '@a', '#1', 'a', '-', '\n', '~~~', '&amp;'), {
      maxLength: 12,
    })
    .map((parts) => parts.join('')),
)

describe('text of unknown origin', () => {
  it('is one code span that shows just it', () => {
    fc.assert(
      fc.property(text, (value) => {
        const shown = escapeText(value)
        fc.pre(shown.trim() !== '')
        expect(seen(`a ${codeSpan(value)} b`)).toEqual({ elements: ['p', 'code'], prose: 'a  b', code: [shown] })
      }),
    )
  })

  it('is one cell of a table', () => {
    fc.assert(
      fc.property(text, (value) => {
        const table = `| a | b |\n| --- | --- |\n| ${cell(inline(value))} | x |`
        const { elements } = seen(table)
        expect(elements.filter((name) => name === 'td')).toHaveLength(2)
        expect(elements.filter((name) => !OURS.has(name))).toEqual([])
      }),
    )
  })

  it('stands as it is only where nothing in it acts', () => {
    fc.assert(
      fc.property(text, (value) => {
        const { elements, prose } = seen(inline(value))
        expect(elements.filter((name) => !['p', 'code', 'em'].includes(name))).toEqual([])
        expect(prose).not.toMatch(ACTIVE)
      }),
    )
  })

  it('can not end its block of code', () => {
    fc.assert(
      fc.property(fc.array(text), (lines) => {
        const { elements, code } = seen(`${fenced(lines)}\n\nafter`)
        expect(elements).toEqual(['pre', 'code', 'p'])
        expect(code.join('')).toBe(lines.map((line) => `${escapeText(line)}\n`).join(''))
      }),
    )
  })
})
