import { readFileSync } from 'node:fs'
import Ajv from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diagnostic, type Diagnostic } from '../../src/model/diagnostic.ts'
import { renderGithub } from '../../src/report/diagnostics-github.ts'
import { renderDiagnosticsSarif } from '../../src/report/diagnostics-sarif.ts'
import { diagnosticsJson } from '../../src/report/diagnostics.ts'
import { CODES } from '../../src/report/help/pages.ts'
import { everyComplaint } from '../support/complaints.ts'
import { ALL_HOSTILE } from '../support/hostile.ts'

const SCHEMA = new URL('../fixtures/schemas/sarif-2.1.0-rtm.5.json', import.meta.url)
const ajv = new Ajv.default({ strict: false, unicodeRegExp: false, allErrors: true })
addFormats.default(ajv)
const isSarif = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object)

const TOOL = { name: 'codex-orchestrator', version: '1.2.3' }
const PLACE = { file: 'packs/a b/task.yml', start: { line: 3, column: 5 }, end: { line: 3, column: 9 } }
const OTHER = { file: 'packs/c/task.yml', start: { line: 1, column: 1 }, end: { line: 2, column: 4 } }

interface Sarif {
  readonly runs: readonly [
    {
      readonly tool: {
        readonly driver: {
          readonly rules: readonly { readonly id: string; readonly help: { readonly text: string } }[]
        }
      }
      readonly results: readonly {
        readonly ruleId: string
        readonly ruleIndex: number
        readonly message: { readonly text: string }
      }[]
    },
  ]
}

function sarifOf(diagnostics: readonly Diagnostic[]): Sarif['runs'][0] {
  const document: unknown = JSON.parse(renderDiagnosticsSarif(diagnostics, TOOL))
  expect(isSarif(document), JSON.stringify(isSarif.errors, null, 1)).toBe(true)
  return (document as Sarif).runs[0]
}

/** One whose file, key and related place are all of unknown origin. */
function hostileComplaint(text: string): Diagnostic {
  const location = { ...PLACE, file: text }
  const facts = { key: text, parent: text, suggestion: null, known: [text] }
  return diagnostic('unknown-key', location, facts, { related: [{ location: { ...OTHER, file: text }, note: text }] })
}

const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...ALL_HOSTILE),
  fc
    .array(fc.constantFrom('::error::', '\n', '\r', '%', '%0A', ':', ',', '##[add-mask]', 'a'), { maxLength: 8 })
    .map((parts) => parts.join('')),
)

describe('complaints as SARIF', () => {
  it('are valid for every code, with a rule that explains each', () => {
    const { tool, results } = sarifOf(everyComplaint(PLACE))
    const { rules } = tool.driver
    expect(rules.map(({ id }) => id).toSorted()).toEqual(CODES.toSorted())
    for (const { ruleId, ruleIndex } of results) expect(rules[ruleIndex]?.id).toBe(ruleId)
    for (const { id, help } of rules) expect(help.text).toMatch(new RegExp(`^${id}\\n[^]*\\nWrong:\\n[^]*\\nRight:\\n`))
  })

  it('say where each is, what belongs to it, and the same words as everywhere', () => {
    const related = [{ location: OTHER, note: 'b needs a' }]
    const complaint = diagnostic('cyclic-need', PLACE, { cycle: ['a', 'b'] }, { related })
    const [told] = diagnosticsJson([complaint]) as readonly { message: string; fix: string }[]
    expect(sarifOf([complaint]).results[0]).toMatchObject({
      ruleId: 'cyclic-need',
      level: 'error',
      message: { text: `${told?.message}\n${told?.fix}` },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'packs/a%20b/task.yml', uriBaseId: 'WORKSPACE' },
            region: { startLine: 3, startColumn: 5, endLine: 3, endColumn: 9 },
          },
        },
      ],
      relatedLocations: [{ id: 0, message: { text: 'b needs a' } }],
    })
  })

  it('are valid without any, without a place, and whatever the strings', () => {
    expect(sarifOf([]).results).toEqual([])
    expect(sarifOf(everyComplaint()).results.length).toBe(everyComplaint().length)
    fc.assert(
      fc.property(anything, (text) => {
        expect(sarifOf([hostileComplaint(text)]).results).toHaveLength(1)
      }),
    )
  })
})

/** As the runner of GitHub Actions reads a line: `::command properties::data`, then the escapes of both. */
function readCommand(
  line: string,
): { readonly command: string; readonly properties: Readonly<Record<string, string>>; readonly data: string } | null {
  const [, command = '', list = '', data = ''] = /^::(\w+) (.*?)::(.*)$/s.exec(line) ?? []
  if (command === '') return null
  const plain = (text: string): string => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
  const properties = list.split(',').map((each) => {
    const at = each.indexOf('=')
    return [
      each.slice(0, at),
      plain(
        each
          .slice(at + 1)
          .replaceAll('%3A', ':')
          .replaceAll('%2C', ','),
      ),
    ] as const
  })
  return { command, properties: Object.fromEntries(properties), data: plain(data) }
}

describe('complaints for GitHub Actions', () => {
  it('are a line each, with the place, the code and the words', () => {
    const complaint = diagnostic('unknown-key', PLACE, { key: 'a:b, 50%', parent: '', suggestion: 'ab', known: [] })
    const warning = diagnostic('no-acceptance', null, {}, { severity: 'warning' })
    expect(renderGithub([complaint, warning])).toBe(
      [
        '::warning title=no-acceptance::The pack has no acceptance command, so nothing would prove its work.%0AAdd at least one, for example `acceptance: { tests: [{ run: node test.mjs }] }`.',
        '::error file=packs/a b/task.yml,line=3,endLine=3,col=5,endColumn=9,title=unknown-key::`a:b, 50%25` is not a key of a task pack.%0ADid you mean `ab`?',
        '',
      ].join('\n'),
    )
  })

  it('are read by the runner as one command each, with what was meant, whatever the strings', () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 3 }), (texts) => {
        const lines = renderGithub(texts.map(hostileComplaint)).split(/[\r\n\u0085\u2028\u2029]/)
        expect(lines.pop()).toBe('')
        expect(lines).toHaveLength(texts.length)
        for (const line of lines) {
          expect(line).not.toContain('##[')
          const { command, properties, data } = readCommand(line) ?? {}
          expect(command).toBe('error')
          expect(Object.keys(properties ?? {})).toEqual(['file', 'line', 'endLine', 'col', 'endColumn', 'title'])
          expect(properties?.['title']).toBe('unknown-key')
          expect(data).toMatch(/ is not a key of /)
        }
      }),
    )
  })

  it('name the file as it is called', () => {
    const names = fc.string().filter((text) => text !== '' && !text.includes('##['))
    fc.assert(
      fc.property(names, (file) => {
        const [line = ''] = renderGithub([hostileComplaint(file)]).split('\n')
        expect(readCommand(line)?.properties['file']).toBe(file)
      }),
    )
  })
})
