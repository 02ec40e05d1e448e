import { describe, expect, it } from 'vitest'
import { brief, instead, LINES, more, parse } from './task-text.ts'

type Row = readonly [what: string, text: string, expected: readonly string[]]

const yaml: readonly Row[] = [
  ['an unclosed bracket', more('tags: [a'), ['8:1 yaml-syntax']],
  ['a tab as indentation', more('docs:', '\tspec: a.md'), ['8:1 yaml-syntax']],
  ['a mapping within a plain value', instead(3, 'title: a: b'), ['3:8 yaml-syntax']],
  ['a bad escape', instead(3, String.raw`title: "a\qb"`), ['3:10 yaml-syntax']],
  ['an anchor and its alias', more('description: &a text', 'owner: *a'), ['7:14 yaml-alias', '8:8 yaml-alias']],
  ['an alias to nothing', more('owner: *a'), ['7:8 yaml-alias']],
  ['an anchor on a key', more('&a owner: x'), ['7:1 yaml-alias']],
  ['a tag', instead(3, 'title: !!str Demo'), ['3:8 yaml-tag']],
  ['a hostile tag', more('owner: !!js/function x'), ['7:8 yaml-tag']],
  ['a tag on a mapping', more('env: !!map {}'), ['7:6 yaml-tag']],
  ['a bare tag', more('owner: ! x'), ['7:8 yaml-tag']],
  ['a merge key', more('env:', '  <<: { A: b }'), ['8:3 yaml-merge-key']],
  ['a directive', ['%YAML 1.2', '---', ...LINES].join('\n'), ['1:1 yaml-directive']],
  ['an unknown directive', ['%FOO bar', '---', ...LINES].join('\n'), ['1:1 yaml-directive']],
  ['a second document', more('---', 'version: 1'), ['7:1 yaml-documents']],
  ['nesting without end', more(`tags: ${'['.repeat(70)}${']'.repeat(70)}`), ['7:70 yaml-depth']],
  ['nested block lists', more(`tags:`, `  ${'- '.repeat(70)}x`), ['8:129 yaml-depth']],
  ['more than anybody would write', more(`tags: [${','.repeat(30_000)}]`), ['7:19958 yaml-length']],
  ['a duplicate key', more('owner: a', 'owner: b'), ['8:1 duplicate-key']],
  ['a duplicate key, quoted once', more('"owner": a', 'owner: b'), ['8:1 duplicate-key']],
  ['a duplicate key in a flow mapping', more('env: { A: b, A: c }'), ['7:14 duplicate-key']],
  ['a complex key', more('? [a]', ': b'), ['7:3 yaml-syntax']],
  ['a prototype key', more('env: { __proto__: x }'), ['7:8 invalid-value']],
  ['a prototype key at the top', more('__proto__: { id: x }'), ['7:1 invalid-value']],
  ['nothing at all', '', ['1:1 wrong-type']],
  ['only a comment', '# nothing\n', ['1:1 wrong-type']],
  ['a list', '- a\n', ['1:1 wrong-type']],
  ['a word', 'hello', ['1:1 wrong-type']],
]

const characters: readonly Row[] = [
  ['a control character in a value', instead(3, 'title: De\u0007mo'), ['3:10 control-character']],
  ['a control character in a comment', more('# a\u001b[2J'), ['7:4 control-character']],
  ['a bidi override in a value', instead(3, 'title: De\u202emo'), ['3:10 control-character']],
  ['a zero-width space in a key', more('ow\u200bner: x'), ['7:1 unknown-key', '7:3 control-character']],
  ['a bidi isolate in a comment', more('# \u2066'), ['7:3 control-character']],
  ['a carriage return alone', more('# a\rb'), ['7:4 control-character']],
  ['a byte order mark in the middle', more('# \ufeff'), ['7:3 control-character']],
  ['an escaped control character', instead(3, String.raw`title: "a\eb"`), ['3:8 control-character']],
  ['an escaped bidi override', more(String.raw`description: "a\u202eb"`), ['7:14 control-character']],
  ['an escaped half of a pair', more(String.raw`description: "a\uD800b"`), ['7:14 control-character']],
  ['an escape in a key', more(String.raw`env: { "A\u200b": x }`), ['7:8 control-character', '7:8 invalid-value']],
]

const shape: readonly Row[] = [
  ['an unknown key', more('pilar: web'), ['7:1 unknown-key']],
  ['an unknown key below', more('constraints:', '  netwrk: false'), ['8:3 unknown-key']],
  ['an unknown key in a command', instead(6, 'acceptance: { tests: [{ run: x, rum: y }] }'), ['6:33 unknown-key']],
  ['an unknown phase', instead(6, 'acceptance: { tests: [{ run: x }], test: [] }'), ['6:36 unknown-key']],
  ['needs in acceptance', instead(6, 'acceptance: { tests: [{ run: x, needs: [] }] }'), ['6:33 unknown-key']],
  ['a step that nobody does', more('steps: [{ id: a }]'), ['7:9 missing-key']],
  ['an agent without a prompt', more('steps: [{ id: a, uses: agent }]'), ['7:9 missing-key']],
  ['a prompt for nobody', more('steps: [{ id: a, prompt: b.md }]'), ['7:9 missing-key']],
  ['an agent beside a command', more('steps: [{ id: a, run: x, uses: agent }]'), ['7:26 unknown-key']],
  ['a prompt of a command', more('steps: [{ id: a, run: x, prompt: b.md }]'), ['7:26 unknown-key']],
  ['a phase of a command', more('steps: [{ id: a, run: x, phase: plan }]'), ['7:26 unknown-key']],
  ['an unknown doer', more('steps: [{ id: a, uses: robot, prompt: b.md }]'), ['7:24 invalid-value']],
  [
    'an unknown phase of an agent',
    more('steps: [{ id: a, uses: agent, prompt: b.md, phase: do }]'),
    ['7:52 invalid-value'],
  ],
  [
    'an agent that accepts',
    instead(6, 'acceptance: { tests: [{ uses: agent }] }'),
    ['6:23 missing-key', '6:25 unknown-key'],
  ],
  ['a prompt outside', more('steps: [{ id: a, uses: agent, prompt: ../../../b.md }]'), ['7:39 path-leaves-workspace']],
  ['a prompt that is a pattern', more('steps: [{ id: a, uses: agent, prompt: "*.md" }]'), ['7:39 invalid-value']],
  [
    'a prompt that a step writes',
    more('steps: [{ id: a, uses: agent, prompt: b.md }, { id: c, run: x, outputs: [b.md] }]'),
    ['7:74 output-is-input'],
  ],
  ['a control of a step', more('steps: [{ id: a, run: x, control: {} }]'), ['7:26 unknown-key']],
  [
    'changed_files of a command',
    more('steps: [{ id: a, run: x, limits: { changed_files: 1 } }]'),
    ['7:36 unknown-key'],
  ],
  ...LINES.map((line, index): Row => {
    const key = line.slice(0, line.indexOf(':'))
    return [`no ${key}`, LINES.filter((_, other) => other !== index).join('\n'), ['1:1 missing-key']]
  }),
  ['a step without id', more('steps:', '  - run: x'), ['8:5 missing-key']],
  ['a step without run', more('steps:', '  - id: a'), ['8:5 missing-key']],
  ['an artifact without from', more('inputs: { artifacts: [{ path: a, as: b }] }'), ['7:23 missing-key']],
  ['a mount without identity', more('inputs: { mounts: [{ path: a }] }'), ['7:20 missing-key']],
  [
    'a control that replaces nothing',
    instead(6, 'acceptance: { tests: [{ run: x, control: { replace: {} } }] }'),
    ['6:53 control-empty'],
  ],
  [
    'a control that puts a file in its own place',
    instead(6, 'acceptance: { tests: [{ run: x, control: { replace: { a/x: ./a/x } } }] }'),
    ['6:55 control-empty'],
  ],
  [
    'a control that replaces a file twice',
    instead(6, 'acceptance: { tests: [{ run: x, control: { replace: { a/x: b, a/./x: c } } }] }'),
    ['6:63 control-empty'],
  ],
  ['a control without replace', instead(6, 'acceptance: { tests: [{ run: x, control: {} }] }'), ['6:33 missing-key']],
  ['a string for a list', more('tags: web'), ['7:7 wrong-type']],
  ['a list for a string', instead(3, 'title: [a]'), ['3:8 wrong-type']],
  ['a mapping for a list', more('steps: {}'), ['7:8 wrong-type']],
  ['a string for a truth value', more('constraints: { cloud_mutations: "yes" }'), ['7:33 wrong-type']],
  ['a string for a number', more('constraints: { limits: { processes: "9" } }'), ['7:37 wrong-type']],
  ['a fraction for a whole number', more('constraints: { limits: { processes: 1.5 } }'), ['7:37 wrong-type']],
  ['nothing after a key', more('tags:'), ['7:1 wrong-type']],
  ['nothing after a text key', more('owner:'), ['7:1 wrong-type']],
  ['network: true', more('constraints: { network: true }'), ['7:25 wrong-type']],
  ['run: 3', instead(6, 'acceptance: { tests: [{ run: 3 }] }'), ['6:30 wrong-type']],
  ['a number within an argv', instead(6, 'acceptance: { tests: [{ run: [sleep, 3] }] }'), ['6:38 not-a-string']],
  ['a number for text', more('env: { LEVEL: 3 }'), ['7:15 not-a-string']],
  ['a truth value for text', more('env: { LEVEL: true }'), ['7:15 not-a-string']],
  ['null for text', more('env: { LEVEL: null }'), ['7:15 not-a-string']],
  ['a version that YAML reads as a number', more('inputs: { tools: { node: 1.20 } }'), ['7:26 not-a-string']],
  ['a number in a list of text', more('tags: [a, 3]'), ['7:11 not-a-string']],
  ['a quoted version', instead(1, 'version: "1"'), ['1:10 wrong-type']],
  ['another version', instead(1, 'version: 2'), ['1:10 unsupported-version']],
  ['an empty title', instead(3, 'title: " "'), ['3:8 invalid-value']],
  ['a title in two lines', instead(3, 'title: "a\\nb"'), ['3:8 invalid-value']],
  ['an unknown pillar', instead(4, 'pillar: wep'), ['4:9 invalid-value']],
  ['an unknown risk', instead(5, 'risk: none'), ['5:7 invalid-value']],
  ['a tag twice', more('tags: [a, b, a]'), ['7:14 invalid-value']],
]

const values: readonly Row[] = [
  ['an id with capitals', instead(2, 'id: Demo'), ['2:5 invalid-value']],
  ['an id with an underscore', instead(2, 'id: de_mo'), ['2:5 invalid-value']],
  ['an id with two hyphens', instead(2, 'id: de--mo'), ['2:5 invalid-value']],
  ['an id of 65 characters', instead(2, `id: ${'a'.repeat(65)}`), ['2:5 invalid-value']],
  ['a step id with a colon', more('steps: [{ id: "a:b", run: x }]'), ['7:15 invalid-value']],
  ['a need that is no id', more('needs: [A B]'), ['7:9 invalid-value']],
  ['attempts: 6', more('constraints: { retries: { attempts: 6 } }'), ['7:37 invalid-value']],
  ['attempts: 0', more('constraints: { retries: { attempts: 0 } }'), ['7:37 invalid-value']],
  ['a number for a duration', more('constraints: { limits: { timeout: 300 } }'), ['7:35 invalid-value']],
  ['a duration without unit', more('constraints: { limits: { timeout: "300" } }'), ['7:35 invalid-value']],
  ['a duration of nothing', more('constraints: { limits: { timeout: 0s } }'), ['7:35 invalid-value']],
  ['a duration beyond timers', more('constraints: { limits: { timeout: 577h } }'), ['7:35 invalid-value']],
  ['a size without unit', more('constraints: { limits: { memory: "1024" } }'), ['7:34 invalid-value']],
  ['a size beyond numbers', more('constraints: { limits: { memory: 9999999TiB } }'), ['7:34 invalid-value']],
  ['no processes', more('constraints: { limits: { processes: 0 } }'), ['7:37 invalid-value']],
  ['a bad range', more('inputs: { tools: { node: newest } }'), ['7:26 invalid-value']],
  ['an empty range', more('inputs: { tools: { node: "" } }'), ['7:26 invalid-value']],
  ['a tool with a folder', more('inputs: { tools: { bin/node: "*" } }'), ['7:20 invalid-value']],
  ['a bad variable', more('env: { 2A: x }'), ['7:8 invalid-value']],
  ['a variable with a hyphen', more('inputs: { env: [A-B] }'), ['7:17 invalid-value']],
  ['a variable of the sandbox', more('env: { PATH: x }'), ['7:8 invalid-value']],
  ['a variable of codex', more('inputs: { env: [CODEX_PACK] }'), ['7:17 invalid-value']],
  ['a secret of the sandbox', more('constraints: { secrets: [HOME] }'), ['7:26 invalid-value']],
  ['a variable of a step', more('steps: [{ id: a, run: x, env: { TZ: x } }]'), ['7:33 invalid-value']],
  ['a secret passed through', more('inputs: { env: [A] }', 'constraints: { secrets: [A] }'), ['8:26 invalid-value']],
  ['a secret as a literal', more('env: { A: x }', 'constraints: { secrets: [A] }'), ['7:8 invalid-value']],
  ['a literal passed through', more('inputs: { env: [A] }', 'env: { A: x }'), ['8:8 invalid-value']],
  ['a host without port', more('constraints: { network: [example.org] }'), ['7:26 invalid-value']],
  ['a URL for a host', more('constraints: { network: ["https://example.org:443"] }'), ['7:26 invalid-value']],
  ['a port beyond ports', more('constraints: { network: ["example.org:65536"] }'), ['7:26 invalid-value']],
]

const paths: readonly Row[] = [
  ['a path above the root', more('docs: { spec: ../../../x.md }'), ['7:15 path-leaves-workspace']],
  ['a rooted path above the root', more('docs: { spec: /../x.md }'), ['7:15 path-leaves-workspace']],
  ['a glob above the root', more('inputs: { files: ["../../../**"] }'), ['7:19 path-leaves-workspace']],
  ['an exclusion above the root', more('inputs: { files: ["**", "!../../../x"] }'), ['7:25 path-leaves-workspace']],
  ['a drive letter', more('plugin: "C:/x.mjs"'), ['7:9 path-leaves-workspace']],
  ['a path that comes back', more('plugin: ../../../packs/demo/x.mjs'), ['7:9 path-leaves-workspace']],
  ['backslashes', more(String.raw`plugin: a\b.mjs`), ['7:9 invalid-value']],
  ['an empty part', more('plugin: a//b.mjs'), ['7:9 invalid-value']],
  ['a folder for a file', more('plugin: a/'), ['7:9 invalid-value']],
  ['a wildcard for a file', more('docs: { spec: "*.md" }'), ['7:15 invalid-value']],
  ['a wildcard in required', more('artifacts: { required: ["a/*.json"] }'), ['7:25 invalid-value']],
  ['a step up after a wildcard', more('inputs: { files: ["*/../x"] }'), ['7:19 invalid-value']],
  ['a step up within braces', more('inputs: { files: ["{a,../../../..}/x"] }'), ['7:19 invalid-value']],
  ['the whole pack as an output', more('steps: [{ id: a, run: x, outputs: [./] }]'), ['7:36 invalid-value']],
  ['an output within .git', more('steps: [{ id: a, run: x, outputs: [/.git/config] }]'), ['7:36 invalid-value']],
  ['only exclusions', more('inputs: { files: ["!x"] }'), ['7:19 invalid-value']],
  ['an output over task.yml', more('steps: [{ id: a, run: x, outputs: [task.yml] }]'), ['7:36 output-is-input']],
  ['a glob over task.yml', more('steps: [{ id: a, run: x, outputs: ["**"] }]'), ['7:36 output-is-input']],
  ['a folder over task.yml', more('steps: [{ id: a, run: x, outputs: [/packs/demo/] }]'), ['7:36 invalid-value']],
  ['a folder above task.yml', more('steps: [{ id: a, run: x, outputs: [../] }]'), ['7:36 output-is-input']],
  [
    'a replaced path above the root',
    instead(6, 'acceptance: { tests: [{ run: x, control: { replace: { ../../../a: b } } }] }'),
    ['6:55 path-leaves-workspace'],
  ],
]

const meaning: readonly Row[] = [
  ['no command', instead(6, 'acceptance: {}'), ['6:1 no-acceptance']],
  ['empty phases', instead(6, 'acceptance: { format: [], tests: [] }'), ['6:1 no-acceptance']],
  [
    'two steps of one id',
    more('steps:', '  - { id: a, run: x }', '  - { id: a, run: y }'),
    ['9:11 duplicate-action-id'],
  ],
  [
    'an id that is the place of another',
    instead(6, 'acceptance: { tests: [{ id: "2", run: x }, { run: y }] }'),
    ['6:29 duplicate-action-id'],
  ],
  [
    'an id that is an earlier place',
    instead(6, 'acceptance: { tests: [{ run: x }, { id: "1", run: y }] }'),
    ['6:41 duplicate-action-id'],
  ],
  ['a need of no step', more('steps: [{ id: a, run: x, needs: [b] }]'), ['7:34 missing-need']],
  ['a step that needs itself', more('steps: [{ id: a, run: x, needs: [a] }]'), ['7:34 cyclic-need']],
  [
    'steps in a ring',
    more(
      'steps:',
      '  - { id: a, run: x, needs: [b] }',
      '  - { id: b, run: x, needs: [c, a] }',
      '  - { id: c, run: x, needs: [a] }',
    ),
    ['8:30 cyclic-need'],
  ],
  [
    'an artifact of a pack that is not needed',
    more('inputs: { artifacts: [{ from: other, path: a, as: b }] }'),
    ['7:31 artifact-without-need'],
  ],
  [
    'one output of two commands',
    more('steps:', '  - { id: a, run: x, outputs: [out.txt] }', '  - { id: b, run: x, outputs: [./out.txt] }'),
    ['9:32 output-collision'],
  ],
  [
    "an output in another's folder",
    more('steps:', '  - { id: a, run: x, outputs: [out/a.txt] }', '  - { id: b, run: x, outputs: [out/] }'),
    ['8:32 output-collision'],
  ],
]

describe.each(Object.entries({ yaml, characters, shape, values, paths, meaning }))('%s', (_, rows) => {
  it.each(rows)('refuses %s', (_what, text, expected) => {
    expect(parse(text).diagnostics.map(brief)).toEqual(expected)
  })
})

it('tells all mistakes at once', () => {
  const text = more(
    'pilar: x',
    'env: { A: 3, B: "x\\u202e" }',
    'needs: [B]',
    'steps: [{ id: a, run: "true" }, { run: x }]',
  )
  expect(parse(text).diagnostics.map(brief)).toEqual([
    '7:1 unknown-key',
    '8:11 not-a-string',
    '8:17 control-character',
    '9:9 invalid-value',
    '10:23 vacuous-command',
    '10:33 missing-key',
  ])
})
