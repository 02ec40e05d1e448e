import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import { fixTask, type FixedTask } from '../../src/packs/fix.ts'
import { instead, LINES, more, parse } from './task-text.ts'

function fix(text: string | Uint8Array): FixedTask | null {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return fixTask({ bytes, file: 'packs/demo/task.yml', dir: 'packs/demo' })
}

/** What becomes of a text; `null`: it stays as it is. */
function fixed(text: string): string | null {
  return fix(text)?.after ?? null
}

const WITHOUT_VERSION = LINES.slice(1)

describe('what has one right answer', () => {
  it.each<[what: string, before: string, after: string]>([
    ['a misspelt key', more('stpes: [] # none yet'), more('steps: [] # none yet')],
    ['a key in another case', more('Tags: [a]'), more('tags: [a]')],
    [
      'a key with another separator',
      more('constraints: { cloud-mutations: false }'),
      more('constraints: { cloud_mutations: false }'),
    ],
    ['a quoted key', more('"stpes": []'), more('steps: []')],
    [
      'a key below',
      more('constraints:', '    netwrk: false   # never'),
      more('constraints:', '    network: false   # never'),
    ],
    [
      'a key of a command',
      instead(6, 'acceptance: { tests: [{ rnu: x }] }'),
      instead(6, 'acceptance: { tests: [{ run: x }] }'),
    ],
    ['a phase', instead(6, 'acceptance: { test: [{ run: x }] }'), instead(6, 'acceptance: { tests: [{ run: x }] }')],
    ['a number for text', more('env: { LEVEL: 1.20 }'), more("env: { LEVEL: '1.20' }")],
    ['a truth value for text', more('env:', '  CI_LIKE: true # yes'), more('env:', "  CI_LIKE: 'true' # yes")],
    ['a number in a list', more('tags: [a, 0x10]'), more("tags: [a, '0x10']")],
    ['a version in quotes', instead(1, 'version: "1"'), instead(1, 'version: 1')],
    [
      'a number in quotes',
      more("constraints: { limits: { processes: '9' } }"),
      more('constraints: { limits: { processes: 9 } }'),
    ],
    ['a word of a few', instead(4, 'pillar: secruity'), instead(4, 'pillar: security')],
    ['a word in another case', instead(5, "risk: 'Low'"), instead(5, "risk: 'low'")],
    [
      'a duration with a space',
      more('constraints: { limits: { timeout: 5 min } }'),
      more('constraints: { limits: { timeout: 5m } }'),
    ],
    [
      'a duration in words',
      more('constraints: { limits: { timeout: "10 Seconds" } }'),
      more('constraints: { limits: { timeout: "10s" } }'),
    ],
    [
      'a size in small letters',
      more('constraints: { limits: { memory: 512mib } }'),
      more('constraints: { limits: { memory: 512MiB } }'),
    ],
    [
      'a size with a space',
      more('steps: [{ id: a, run: x, limits: { log: 10 MB } }]'),
      more('steps: [{ id: a, run: x, limits: { log: 10MB } }]'),
    ],
    ['no version', WITHOUT_VERSION.join('\n'), LINES.join('\n')],
    ['no version below a comment', ['# mine', '', ...WITHOUT_VERSION].join('\n'), ['# mine', '', ...LINES].join('\n')],
    ['no version, with the ends of lines of Windows', WITHOUT_VERSION.join('\r\n'), LINES.join('\r\n')],
    ['no version in a flow mapping', `{${WITHOUT_VERSION.join(', ')}}`, `{ version: 1,${WITHOUT_VERSION.join(', ')}}`],
    ['no version, but a misspelt one', instead(1, 'verison: 1'), instead(1, 'version: 1')],
    ['backslashes', more(String.raw`plugin: tools\p.mjs`), more('plugin: tools/p.mjs')],
    ['an empty part of a path', more("docs: { spec: 'a//b.md' }"), more("docs: { spec: 'a/b.md' }")],
    [
      'several at once',
      more('stpes: []', 'env: { A: 1, B: 2 }', 'tag: [3]'),
      more('steps: []', "env: { A: '1', B: '2' }", "tags: ['3']"),
    ],
  ])('is written for %s', (_, before, after) => {
    expect(fixed(before)).toBe(after)
    expect(parse(after).diagnostics).toEqual([])
  })

  it.each<[what: string, text: string]>([
    ['nothing that is wrong', more()],
    ['a key that is near to two', more('constraints: { limits: { changed_lies: 5, changed_fines: 6 } }')],
    ['a key near to none', more('colour: red')],
    ['a key that is there already', more('tags: [a]', 'tgas: [b]')],
    ['a key whose value does not fit', more('stpes: 5')],
    ['a key with wrong things below', more('stpes: [{ id: a, run: "true" }]')],
    ['nothing where text belongs', more('env: { A: null }')],
    ['a duration without a unit', more('constraints: { limits: { timeout: "300" } }')],
    ['a number for a duration', more('constraints: { limits: { timeout: 300 } }')],
    ['a size of a letter', more('constraints: { limits: { memory: 1g } }')],
    ['another version', instead(1, 'version: 2')],
    ['a need that is misspelt', more('steps: [{ id: build, run: x }, { id: b, run: y, needs: [biuld] }]')],
    ['a backslash before a wildcard', more(String.raw`inputs: { files: ['a\*.txt'] }`)],
    ['what is not YAML', more('stpes: [')],
    ['a value of another kind', more('tags: daily')],
    ['a title that is missing', LINES.filter((line) => !line.startsWith('title')).join('\n')],
  ])('is none for %s', (_, text) => {
    expect(fixed(text)).toBeNull()
  })

  it('leaves a byte order mark and what is not understood where they are', () => {
    const text = `\ufeff${more('stpes: []', 'colour: red   # why not')}`
    const bytes = fix(text)?.bytes
    expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)).toBe(text.replace('stpes', 'steps'))
  })

  it('tells what was corrected', () => {
    expect(
      fix(more('stpes: []', 'env: { A: 1 }'))?.fixed.map(({ code, location }) => `${location?.start.line} ${code}`),
    ).toEqual(['7 unknown-key', '8 not-a-string'])
  })
})

/** A task.yml with mistakes, comments and odd spaces: lines that are right or wrong in a way of their own. */
const mistaken = fc
  .tuple(
    fc.tuple(
      fc.constantFrom('version: 1', 'version: "1"', 'verison: 1', 'version:   1 # the first', 'version: 2', ''),
      fc.constantFrom('id: demo', 'Id: demo', 'id: 5', "id: 'demo'  # x"),
      fc.constantFrom('title: Demo', 'titel: Demo', 'title: 1.0', 'title: "a # b"'),
      fc.constantFrom('pillar: web', 'pillar: Web', 'pillar: wbe', 'pilar: web', 'pillar: none'),
      fc.constantFrom('risk: low', 'risk: LOW', 'risk: lo', 'risk: 3', 'risks: low'),
      fc.constantFrom(
        'acceptance: { tests: [{ run: x }] }',
        'acceptance:\n  test:\n    - rum: x   # y\n',
        'acceptence: { tests: [{ run: [sleep, 3] }] }',
        'acceptance: { tests: [{ run: x, limit: { timeout: 5 min } }] }',
      ),
    ),
    fc.uniqueArray(
      fc.constantFrom(
        '# a comment: with, signs',
        '',
        'tags: [a, 3, 1.50]',
        'tgas: [b]',
        'env: { A: 1, B: true, C: null }',
        'evn: { A: x }',
        'constraints:\n  limits: { timeout: 90 sec, memory: 1 gib, log: 5, processes: "8" }',
        'constrains: { retries: { atempts: 2 } }',
        'steps:\n  - { id: a, run: x, need: [] }\n  - id: b\n    run: "true"',
        'stpes: [{ id: a, rnu: x }]',
        String.raw`inputs: { files: [task.yml, a\b, 'c//d'] }`,
        'input: { tool: { node: 20 } }',
        'colour: red',
      ),
      { maxLength: 6 },
    ),
    fc.constantFrom('\n', '\r\n'),
  )
  .map(([head, rest, end]) => [...head, ...rest, ''].join('\n').replaceAll('\n', end))

/** How many texts; CODEX_TEST_FIXES=5000 tries more. */
const RUNS = Number(process.env['CODEX_TEST_FIXES'] ?? 60)

describe('fixTask, whatever the mistakes', () => {
  it('leaves fewer and no new ones, has nothing to do the second time, and changes no byte that it has not complained of', () => {
    let corrected = 0
    const check = (text: string): void => {
      const result = fix(text)
      if (!result) return
      corrected++
      expectFewer(text, result)
      expect(fix(result.bytes)).toBeNull()
      expectRestUnchanged(text, result)
    }
    fc.assert(fc.property(mistaken, check), { numRuns: RUNS })
    expect(corrected).toBeGreaterThan(RUNS / 2)
  })
})

function expectFewer(text: string, { bytes }: FixedTask): void {
  const identify = ({ code, facts }: Diagnostic): string => JSON.stringify([code, facts])
  const before = parse(text).diagnostics.map(identify)
  for (const one of parse(bytes).diagnostics.map(identify)) {
    expect(before).toContain(one)
    before.splice(before.indexOf(one), 1)
  }
  expect(before.length).toBeGreaterThan(0)
}

function expectRestUnchanged(text: string, { after, fixed: corrections }: FixedTask): void {
  const before = text.split('\n')
  const lines = after.split('\n')
  const added = lines.length - before.length
  expect([0, 1]).toContain(added)
  const isNew = (line: string, at: number): boolean => /^version: 1\r?$/.test(line) && before[at] !== line
  if (added === 1) lines.splice(lines.findIndex(isNew), 1)
  const wrong = new Set(corrections.map(({ location }) => location?.start.line ?? 0))
  for (const [at, line] of before.entries()) {
    if (line === lines[at]) continue
    expect(wrong.has(at + 1) || wrong.has(at + 1 + added), `line ${at + 1}`).toBe(true)
    const comment = / # .*$/.exec(line)?.[0] ?? ''
    expect(lines[at]?.endsWith(comment)).toBe(true)
  }
}
