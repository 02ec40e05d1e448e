import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeOf } from '../../src/model/pack.ts'
import { MAX_BYTES } from '../../src/packs/yaml.ts'
import { instead, LINES, more, parse } from './task-text.ts'

const FULL = `version: 1 # the format
id: demo
title: "Démo — 7"
description: |
  Two
  lines
owner: team@example.org
tags: [a, b]
links: [https://example.org/]
pillar: game
domain: physics
risk: high
skills: [web]
docs: { spec: spec.md, runbook: ./docs/run.md }
needs: [other]
inputs:
  files: ["src/**", "!src/x/", ../shared/a.txt, /package.json]
  artifacts:
    - { from: other, path: ./out/a.json, as: ./data/a.json }
  env: [FLAVOR]
  tools: { node: ">=20 <25", python3: "*" }
  mounts: [{ path: /node_modules/, identity: /package-lock.json }]
env: { LEVEL: "3", constructor: x }
constraints:
  network: [example.org:443, "[::1]:80"]
  cloud_mutations: true
  secrets: [TOKEN]
  scope: ["/docs/**"]
  limits: { timeout: 1500ms, memory: 2GB, log: 1KiB, changed_files: 0 }
  retries: { attempts: 3 }
steps:
  - id: convert
    run: node a.mjs
    inputs: { files: ["src/*.ts"] }
    outputs: [build/, "out/*.json"]
    limits: { memory: 512MiB }
  - id: pack
    run: [node, b.mjs]
    needs: [convert]
    env: { LEVEL: "4" }
    retries: { repeat_error_limit: 1 }
acceptance:
  lint:
    - run: node lint.mjs
  tests:
    - id: unit
      run: node test.mjs
      outputs: [./artifacts/report.json]
      control: { replace: { data/a.json: test/bad.json } }
artifacts: { required: [artifacts/report.json], optional: [artifacts/*.png] }
plugin: ./plugin.mjs
`

describe('a valid task.yml', () => {
  const { pack, diagnostics } = parse(FULL)
  const limits = { timeoutMs: 1500, memoryBytes: 2e9, processes: 256, logBytes: 1024, outputBytes: 268_435_456 }
  const command = { needs: [], files: null, outputs: [], env: {}, limits, control: null }

  it('is taken with every default filled in and every path normal', () => {
    expect(diagnostics).toEqual([])
    expect(pack?.definition).toEqual({
      id: 'demo',
      title: 'Démo — 7',
      description: 'Two\nlines\n',
      owner: 'team@example.org',
      tags: ['a', 'b'],
      links: ['https://example.org/'],
      pillar: 'game',
      domain: 'physics',
      risk: 'high',
      skills: ['web'],
      docs: { spec: 'spec.md', runbook: 'docs/run.md' },
      needs: ['other'],
      inputs: {
        files: ['src/**', '!src/x/', '/packs/shared/a.txt', '/package.json'],
        artifacts: [{ from: 'other', path: './out/a.json', as: 'data/a.json' }],
        env: ['FLAVOR'],
        tools: { node: '>=20 <25', python3: '*' },
        mounts: [{ path: '/node_modules', identity: '/package-lock.json' }],
      },
      env: { LEVEL: '3', constructor: 'x' },
      constraints: {
        network: ['example.org:443', '[::1]:80'],
        cloudMutations: true,
        secrets: ['TOKEN'],
        scope: ['/docs/**'],
        limits,
        changes: { files: 0, lines: 800 },
        retries: { attempts: 3, repeatErrorLimit: 2 },
      },
      steps: [
        {
          ...command,
          id: 'convert',
          run: 'node a.mjs',
          files: ['src/*.ts'],
          outputs: ['build/', 'out/*.json'],
          limits: { ...limits, memoryBytes: 536_870_912 },
          retries: { attempts: 3, repeatErrorLimit: 2 },
          pointer: '/steps/0',
        },
        {
          ...command,
          id: 'pack',
          run: ['node', 'b.mjs'],
          needs: ['convert'],
          env: { LEVEL: '4' },
          retries: { attempts: 3, repeatErrorLimit: 1 },
          pointer: '/steps/1',
        },
      ],
      acceptance: {
        format: [],
        lint: [
          {
            ...command,
            id: '1',
            run: 'node lint.mjs',
            retries: { attempts: 3, repeatErrorLimit: 2 },
            pointer: '/acceptance/lint/0',
          },
        ],
        tests: [
          {
            ...command,
            id: 'unit',
            run: 'node test.mjs',
            outputs: ['artifacts/report.json'],
            control: { 'data/a.json': 'test/bad.json' },
            retries: { attempts: 3, repeatErrorLimit: 2 },
            pointer: '/acceptance/tests/0',
          },
        ],
      },
      artifacts: { required: ['artifacts/report.json'], optional: ['artifacts/*.png'] },
      plugin: 'plugin.mjs',
    })
  })

  it.each([
    ['/title', 3, 8, 'value'],
    ['/title#key', 3, 1, 'key'],
    ['/steps/1/needs/0', 39, 13, 'item'],
    ['/steps/0', 32, 5, 'mapping of a list'],
    ['/acceptance/tests/0/control/replace/data~1a.json', 49, 42, 'value of an escaped key'],
    ['/constraints/limits/processes', 29, 11, 'value that is not written'],
    ['/env/LEVEL', 23, 15, 'value of a flow mapping'],
  ])('knows the place of %s', (pointer, line, column) => {
    if (!pack) throw new Error('no pack')
    const place = placeOf(pack, pointer)
    expect([place.file, place.start]).toEqual(['packs/demo/task.yml', { line, column }])
  })

  it('has the digest of its bytes', () => {
    expect(pack?.digest).toBe(createHash('sha256').update(FULL).digest('hex'))
  })

  it('may start with a byte order mark and end its lines with CRLF', () => {
    const text = `\ufeff${FULL.replaceAll('\n', '\r\n')}`
    const again = parse(text)
    expect(again.diagnostics).toEqual([])
    expect(again.pack?.definition).toEqual(pack?.definition)
  })

  it('at the root of the workspace has paths relative to it', () => {
    const root = parse(more('plugin: a/../b.mjs', 'docs: { spec: /x.md }'), '')
    expect(root.diagnostics).toEqual([])
    expect(root.pack?.definition).toMatchObject({ plugin: 'b.mjs', docs: { spec: '/x.md' } })
  })
})

describe('facts of a complaint', () => {
  const facts = (text: string): unknown => parse(text).diagnostics.map((one) => one.facts)

  it.each([
    [more('env: { LEVEL: 1.20 }'), { key: 'env.LEVEL', found: 'a number with a fraction', quoted: '"1.20"' }],
    [more('env: { LEVEL: yes, ON: true }'), { key: 'env.ON', found: 'true', quoted: '"true"' }],
    [more('pluggin: a'), { key: 'pluggin', parent: '', suggestion: 'plugin', known: expect.arrayContaining(['id']) }],
    [
      more('constraints: { cloudMutations: true }'),
      { key: 'cloudMutations', parent: 'constraints', suggestion: 'cloud_mutations', known: expect.any(Array) },
    ],
    [
      instead(4, 'pillar: securty'),
      { key: 'pillar', found: 'securty', expected: 'one of security, web, game, platform', suggestion: 'security' },
    ],
    [
      more('constraints: { limits: { timeout: 5 min } }'),
      expect.objectContaining({ key: 'constraints.limits.timeout', suggestion: '5m' }),
    ],
    [more('constraints: { limits: { memory: 1g } }'), expect.objectContaining({ suggestion: '1GiB' })],
    [more('constraints: { limits: { timeout: 300 } }'), expect.objectContaining({ suggestion: '300s' })],
    [more(String.raw`plugin: a\b.mjs`), expect.objectContaining({ key: 'plugin', suggestion: 'a/b.mjs' })],
    [
      more('steps: [{ id: build, run: x }, { id: b, run: x, needs: [biuld] }]'),
      { need: 'biuld', suggestion: 'build', scope: 'step' },
    ],
    [instead(2, ''), { key: 'id', parent: '', example: 'id: web-static-site' }],
    [more('owner: *a'), { name: '*a' }],
    [more('env: { A: "\\a" }'), { codePoint: 7 }],
  ])('%#', (text, expected) => {
    expect(facts(text)).toEqual([expected])
  })

  it('a ring of steps is the shortest, with each edge as a place', () => {
    const [ring] = parse(
      more(
        'steps:',
        '  - { id: a, run: x, needs: [b] }',
        '  - { id: b, run: x, needs: [c, a] }',
        '  - { id: c, run: x, needs: [a] }',
      ),
    ).diagnostics
    expect(ring?.facts).toEqual({ cycle: ['a', 'b'], cut: [{ from: 'a', to: 'b' }], least: true })
    expect(ring?.related.map(({ location, note }) => [location.start.line, location.start.column, note])).toEqual([
      [8, 30, 'a needs b'],
      [9, 33, 'b needs a'],
    ])
  })

  it('a collision names both commands', () => {
    const text = more('steps:', '  - { id: a, run: x, outputs: [o] }', '  - { id: b, run: x, outputs: [o] }')
    const [collision] = parse(text).diagnostics
    expect(collision?.facts).toEqual({ path: 'packs/demo/o', first: 'demo:steps/a', second: 'demo:steps/b' })
    expect(collision?.related[0]?.location.start).toEqual({ line: 8, column: 32 })
  })
})

describe('bytes that are not a task.yml', () => {
  it('too many', () => {
    const [one] = parse(new Uint8Array(MAX_BYTES + 1)).diagnostics
    expect(one).toMatchObject({ code: 'file-too-large', facts: { bytes: MAX_BYTES + 1, limit: MAX_BYTES } })
  })

  it('not UTF-8', () => {
    const bytes = new TextEncoder().encode(LINES.join('\n'))
    bytes[15] = 0xff
    const [one] = parse(bytes).diagnostics
    expect(one).toMatchObject({
      code: 'invalid-utf8',
      facts: { offset: 15 },
      location: { start: { line: 2, column: 5 } },
    })
  })

  it('a replacement character that is really there is text', () => {
    expect(parse(instead(3, 'title: \ufffd')).diagnostics).toEqual([])
  })

  it('a pack whose alias is refused is not blamed for the type of what it stands for', () => {
    expect(parse(more('tags: &a [x]', 'skills: *a')).diagnostics.map(({ code }) => code)).toEqual([
      'yaml-alias',
      'yaml-alias',
    ])
  })
})

describe('mutations', () => {
  const START =
    FULL.slice(FULL.indexOf('docs:'), FULL.indexOf('constraints:')) + FULL.slice(FULL.indexOf('acceptance:'))
  const TEXT = [...LINES.slice(0, 5), START].join('\n')
  const characters = [...'\n :-[]{}"\'#&*!|>%@`,?\t\\\0\u202eé😀ax0'.matchAll(/./gsu)].map(([character]) => character)
  const edit = fc.record({
    at: fc.nat(TEXT.length),
    remove: fc.nat(12),
    insert: fc.string({ unit: fc.constantFrom(...characters), maxLength: 4 }),
  })

  it('never throw, and never complain of a place that is not in the file', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = TEXT
        for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove)
        const { pack, diagnostics, source } = parse(text)
        const lines = source.text.split('\n')
        const outside = diagnostics.filter(({ location }) => {
          if (!location) return true
          const { line, column } = location.start
          return column > (lines[line - 1]?.length ?? -1) + 1
        })
        expect(outside).toEqual([])
        expect(pack !== null || diagnostics.length > 0).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('a required key that is taken away is always missed', () => {
    const others = fc.shuffledSubarray(['owner: x', 'tags: [a]', 'env: { A: b }', 'needs: [y]'])
    fc.assert(
      fc.property(
        fc.nat(LINES.length - 1),
        others,
        fc.shuffledSubarray([...LINES], { minLength: 6 }),
        (gone, some, lines) => {
          const key = lines[gone]?.slice(0, lines[gone].indexOf(':'))
          const { pack, diagnostics } = parse([...lines.filter((_, at) => at !== gone), ...some].join('\n'))
          expect(pack).toBeNull()
          expect(diagnostics.map(({ code, facts }) => [code, facts])).toEqual([
            ['missing-key', expect.objectContaining({ key, parent: '' })],
          ])
        },
      ),
    )
  })

  it('long and deep files are refused in time that grows with their length', () => {
    const hostile = [
      `a: ${'['.repeat(50_000)}`,
      '- '.repeat(50_000),
      `a: [${'x,'.repeat(20_000)}]`,
      Array.from({ length: 5000 }, (_, at) => `k${at}: &a${at} 1`).join('\n'),
      `a: ${'&a '.repeat(5000)}`,
      `a: ${'"'.repeat(200_001)}`,
    ]
    for (const text of hostile)
      expect(parse(text)).toMatchObject({ pack: null, diagnostics: expect.arrayContaining([expect.anything()]) })
  })
})
