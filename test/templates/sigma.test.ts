// The part of Sigma that the template security-detection-sigma reads, and that it refuses all else.
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Rule {
  matches(event: Readonly<Record<string, unknown>>): boolean
  concerns(logsource: Readonly<Record<string, unknown>>): boolean
}

const tools = new URL('../../templates/security/security-detection-sigma/tools/', import.meta.url)
const { readRule } = (await import(new URL('sigma.mjs', tools).href)) as {
  readRule: (text: string, name: string) => Rule
}
const { readYaml } = (await import(new URL('yaml.mjs', tools).href)) as { readYaml: (text: string) => unknown }

function rule(detection: string): Rule {
  const lines = detection.split('\n').map((line) => `  ${line}`)
  return readRule(`title: T\nlogsource:\n  product: windows\ndetection:\n${lines.join('\n')}\n`, 'r')
}

const one = (selection: string): Rule => rule(`s:\n  ${selection}\ncondition: s`)

describe('selections', () => {
  it.each<[string, unknown, boolean]>([
    ['F: value', 'VALUE', true],
    ['F: value', 'values', false],
    ['F: [a, b]', 'B', true],
    ['F: 4624', 4624, true],
    ['F: 4624', '4624', true],
    ['F: null', null, true],
    ['F: null', 'x', false],
    ["F: ''", '', true],
    ["F: ''", null, false],
    ['F|contains: mid', 'a MIDdle b', true],
    ['F|startswith: be', 'Begin', true],
    ['F|startswith: gin', 'begin', false],
    ["F|endswith: '\\cmd.exe'", 'C:\\Windows\\CMD.EXE', true],
    ["F|endswith: '\\cmd.exe'", 'C:\\Windows\\notcmd.exe', false],
    ['F|contains|all: [a, b]', 'b and a', true],
    ['F|contains|all: [a, c]', 'b and a', false],
    ["F|re: '^a\\d+$'", 'a12', true],
    ["F|re: '^a\\d+$'", 'A12', false],
    ["F: 'a*z'", 'a to z', true],
    ["F: 'a?z'", 'abz', true],
    ["F: 'a?z'", 'az', false],
    ["F: 'a\\*z'", 'a*z', true],
    ["F: 'a\\*z'", 'abz', false],
    ["F: 'a\\\\*'", 'a\\anything', true],
    ["F: 'a.c'", 'abc', false],
    ['F|contains: x', { x: 'x' }, false],
  ])('%s of %j is %s', (selection, found, expected) => {
    expect(one(selection).matches({ F: found })).toBe(expected)
  })

  it('are all of a mapping, and any of a list', () => {
    const all = rule('s:\n  A: 1\n  B: 2\ncondition: s')
    expect([all.matches({ A: 1, B: 2 }), all.matches({ A: 1 })]).toEqual([true, false])
    const any = rule('s:\n  - A: 1\n  - B: 2\n    C: 3\ncondition: s')
    expect([{ A: 1 }, { B: 2 }, { B: 2, C: 3 }].map((event) => any.matches(event))).toEqual([true, false, true])
  })
})

describe('conditions', () => {
  const on = (condition: string, ...names: readonly string[]): boolean =>
    rule(
      `a1:\n  F|contains: a1\na2:\n  F|contains: a2\nb:\n  F|contains: b\n_c:\n  F|contains: c\ncondition: ${condition}`,
    ).matches({
      F: names.join(),
    })

  it.each<[string, readonly string[], boolean]>([
    ['a1 and a2', ['a1', 'a2'], true],
    ['a1 and a2', ['a1'], false],
    ['a1 or b', ['b'], true],
    ['not b', ['b'], false],
    ['not not b', ['b'], true],
    // `and` binds closer than `or`, `not` closer than both.
    ['a1 or a2 and b', ['a1'], true],
    ['(a1 or a2) and b', ['a1'], false],
    ['not a1 and b', ['b'], true],
    ['not (a1 and b)', ['b'], true],
    ['1 of a*', ['a2'], true],
    ['1 of a*', ['b'], false],
    ['all of a*', ['a1'], false],
    ['all of a* and not b', ['a1', 'a2'], true],
    ['1 of them', ['b'], true],
    // What begins with _ is not of them.
    ['1 of them', ['c'], false],
    ['all of them', ['a1', 'a2', 'b'], true],
    ['A1 OR B'.replace('A1', 'a1').replace('B', 'b'), ['b'], true],
  ])('%s with %j is %s', (condition, names, expected) => {
    expect(on(condition, ...names)).toBe(expected)
  })

  it('concern their log source only', () => {
    const { concerns } = one('F: x')
    expect([concerns({ product: 'windows', service: 'security' }), concerns({ product: 'linux' })]).toEqual([
      true,
      false,
    ])
  })
})

describe('what is not supported is refused, never passed over', () => {
  it.each([
    ['s:\n  - keyword\ncondition: s', 'keywords'],
    ['s:\n  F|base64: x\ncondition: s', 'base64'],
    ['s:\n  F|cidr: 10.0.0.0/8\ncondition: s', 'cidr'],
    ['s:\n  F|windash|contains: x\ncondition: s', 'windash'],
    ['s:\n  F|contains|startswith: x\ncondition: s', 'more than one'],
    ['s:\n  F|re: (?<x\ncondition: s', 'regular expression'],
    ['s:\n  F: x\ncondition: s | count() > 5', 'aggregation'],
    ['s:\n  F: x\ntimeframe: 5m\ncondition: s', 'timeframe'],
    ['s:\n  F: x\ncondition: t', 'no selection'],
    ['s:\n  F: x\ncondition: 2 of s*', '2 of'],
    ['s:\n  F: x\ncondition: 1 of t*', 'no selection'],
    ['s:\n  F: x\ncondition: s and', 'too early'],
    ['s:\n  F: x\ncondition: (s', 'bracket'],
    ['s:\n  F: x\ncondition: s s', 'not understood'],
    ['s:\n  F: x\ncondition:\n  - s\n  - s', 'one condition'],
    ['s:\n  F: []\ncondition: s', 'no value'],
    ['s:\n  F: { a: b }\ncondition: s', 'not supported'],
    ['s: &x\n  F: x\ncondition: s', 'not supported'],
    ['s:\n  F: *x\ncondition: s', 'not supported'],
    ['s:\n  F: x\n  F: y\ncondition: s', 'twice'],
    ['s:\n\tF: x\ncondition: s', 'tab'],
    ['s:\n  F: x', 'one condition'],
    ['s:\n  F: 010\ncondition: s', 'quotes'],
    ['s:\n  F: 2026-03-02T1\n    more\ncondition: s', 'indentation'],
    ['s:\n  F: "\\x41"\ncondition: s', 'not supported'],
  ])('%j', (detection, reason) => {
    expect(() => rule(detection)).toThrow(reason)
  })

  it('as are correlations', () => {
    expect(() => readRule('correlation:\n  type: event_count\n', 'r')).toThrow('correlations')
  })
})

describe('the YAML of rules', () => {
  it('is read as YAML is', () => {
    const text = `# head
a: plain text # comment
b: 'it''s # no comment'
c: "tab\\t\\u0041"
d: [x, 'y, z', 3, true, null, ~]
e:
- one
- two: 2
  more: it
-
  - nested
f: >-
  folded
  text

  # with this
g: |
  kept

    # and this
  text

h:
  'quoted key': v
i:
j: -5
k: plain # not
`
    expect(readYaml(text)).toEqual(parse(text))
  })
})
