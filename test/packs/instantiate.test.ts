import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Template } from '../../src/model/template.ts'
import { choiceProblems } from '../../src/packs/choice.ts'
import { instantiate } from '../../src/packs/instantiate.ts'
import { parsePack } from '../../src/packs/parse.ts'
import { findTemplates } from '../../src/packs/templates.ts'
import { memoryWorkspace } from '../support/memory-workspace.ts'

const TASK = `# A comment stays.
version: 1
id: web-thing
title: A thing
pillar: web
domain: things
risk: low
env: { LEVEL: AA, OTHER: 'kept' } # and so does this
acceptance:
  tests:
    - run: sh check.sh "$LEVEL"
`
const CONFIG = `{\n  "levels": ["A", "AA"],\n  "odd/key": { "~": "AA" }\n}\n`
const SCRIPT = '# web-thing\n[ "$1" = AA ]\n'

const templates = memoryWorkspace({
  'web/web-thing/template.yml': `title: Things
description: Of all kinds
pillar: web
domain: things
variables:
  level: { title: How good, default: AA, pattern: '[^]*', at: [task.yml#/env/LEVEL, data/config.json#/levels/1, data/config.json#/odd~1key/~0] }
bad: { overlay: cases/bad, action: tests/1, says: no }
`,
  'web/web-thing/task.yml': TASK,
  'web/web-thing/check.sh': SCRIPT,
  'web/web-thing/data/config.json': CONFIG,
  'web/web-thing/README.md': '# web-thing\n\n`codex run web-thing`; not web-things, web-thing-2 or a-web-thing\n',
  'web/web-thing/cases/bad/check.sh': 'false\n',
})
const found = findTemplates(templates)
const [template] = found.templates as [Template]

interface Wish {
  readonly id?: string
  readonly title?: string
  readonly owner?: string
  readonly level?: string
}

function make({ id = 'mine', title, owner, level }: Wish): Readonly<Record<string, string>> {
  const values = level === undefined ? {} : { level }
  const choice = { id, title: title ?? null, owner: owner ?? null, values }
  expect(choiceProblems(template, choice)).toEqual([])
  const files = instantiate(templates, template, choice)
  return Object.fromEntries(files.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]))
}

/** What others would put there to be more than a value. */
const NASTY = [
  "'; rm -rf / #",
  '$(reboot)',
  '`reboot`',
  '${process.exit()}',
  'x: y',
  '{ a: b }',
  '[]',
  '- x',
  '? x',
  '&anchor',
  '*alias',
  '!!js/function x',
  '# no comment',
  'a # b',
  '"',
  "'",
  "''",
  '\\',
  '\\n',
  '%YAML 1.1',
  '---',
  '...',
  '<<',
  'true',
  'no',
  'null',
  '~',
  '1e3',
  '0x10',
  '012',
  '1:30',
  '2026-03-02',
  '.inf',
  ' both ends ',
  '</script>',
  '__proto__',
  '{{title}}',
  '$&',
  '$1',
  '\t',
  'tab\tin it',
  'ünïcode 🎮',
  '=',
  '>',
  '|',
  '@x',
  ',',
].filter((text) => text.trim() !== '')

describe('a pack made of a template', () => {
  it('is the template where nothing is chosen but the id', () => {
    const made = make({})
    expect(made['task.yml']).toBe(TASK.replace('id: web-thing', 'id: mine'))
    expect(made['data/config.json']).toBe(CONFIG)
    expect(Object.keys(made)).not.toContain('template.yml')
  })

  it('keeps comments and everything else where values are chosen, and puts the owner below the title', () => {
    const { 'task.yml': task } = make({ title: 'Mine', owner: 'Ada', level: 'A' })
    expect(task).toBe(
      TASK.replace('id: web-thing', 'id: mine')
        .replace('title: A thing', 'title: Mine\nowner: Ada')
        .replace('LEVEL: AA', 'LEVEL: A'),
    )
  })

  it('has its id in the README.md, and programs as they were', () => {
    const made = make({ title: 'Mine', level: 'web-thing' })
    expect(made['README.md']).toBe('# mine\n\n`codex run mine`; not web-things, web-thing-2 or a-web-thing\n')
    expect(made['check.sh']).toBe(SCRIPT)
  })

  it.each(NASTY)('takes %j for a value and nothing else', (text) => {
    expectValue(text)
  })

  it('takes every text in one line for a value and nothing else', () => {
    const text = fc
      .oneof(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.string({ unit: fc.constantFrom(...`'"\\:#-{}[]&*!|>%@,? $\`ab1~.`), maxLength: 12 }),
      )
      .filter((value) => choiceProblems(template, { id: 'mine', title: value, owner: null, values: {} }).length === 0)
    fc.assert(fc.property(text, expectValue))
  })

  it('takes every id for an id', () => {
    const word = fc.string({ unit: fc.constantFrom(...'0123456789abcdefnotrue'), minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const id = words.join('-')
        expect(parse(make({ id })['task.yml'] ?? '')).toMatchObject({ id })
      }),
    )
  })

  it.each(['Upper', 'a_b', 'a--b', '-a', 'a-', '', 'a b', '../x', 'é', 'x'.repeat(65)])('refuses the id %j', (id) => {
    const problems = choiceProblems(template, { id, title: null, owner: null, values: {} })
    expect(problems.map(({ code }) => code)).toEqual(['invalid-value'])
  })

  it.each([
    ['two\nlines', 'invalid-value'],
    ['', 'invalid-value'],
    [' ', 'invalid-value'],
    ['bell\u0007', 'control-character'],
    ['\u202Eturned', 'control-character'],
    ['half \ud800', 'control-character'],
    ['line\u2028separator', 'control-character'],
    ['\r', 'control-character'],
  ])('refuses the text %j', (title, code) => {
    for (const choice of [
      { title, owner: null, values: {} },
      { title: null, owner: title, values: {} },
      { title: null, owner: null, values: { level: title } },
    ]) {
      expect(choiceProblems(template, { id: 'mine', ...choice }).map((problem) => problem.code)).toEqual([code])
    }
  })
})

/** Read by the library itself, as other programs do: the values are there, and nothing else has changed. */
function expectValue(text: string): void {
  const made = make({ title: text, owner: text, level: text })
  const before = parse(TASK) as object
  expect(parse(made['task.yml'] ?? '')).toEqual({
    ...before,
    id: 'mine',
    title: text,
    owner: text,
    env: { LEVEL: text, OTHER: 'kept' },
  })
  expect(parse(made['task.yml'] ?? '', { version: '1.1' })).toMatchObject({ title: text, owner: text })
  expect(JSON.parse(made['data/config.json'] ?? '')).toEqual({ levels: ['A', text], 'odd/key': { '~': text } })
  expect(made['check.sh']).toBe(SCRIPT)
  const bytes = new TextEncoder().encode(made['task.yml'])
  const parsed = parsePack({ bytes, file: 'task.yml', dir: '' })
  expect(parsed.diagnostics).toEqual([])
  expect(parsed.pack?.definition.acceptance.tests).toMatchObject([{ run: 'sh check.sh "$LEVEL"' }])
}
