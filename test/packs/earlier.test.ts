import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { EarlierAnswers } from '../../src/model/earlier.ts'
import { meaningOf, mentions, writes } from '../../src/packs/earlier/commands.ts'
import { convertEarlier, type Converted } from '../../src/packs/earlier/convert.ts'
import { duplicateIds } from '../../src/packs/earlier/names.ts'
import { readEarlierPacks, type ReadEarlier } from '../../src/packs/earlier/read.ts'
import { earlierFiles } from '../../src/packs/earlier/write.ts'
import { memoryWorkspace, type MemoryNode } from '../support/memory-workspace.ts'

const PROGRAMS = new Set([
  'node',
  'npm',
  'test',
  'sort',
  'find',
  'make',
  'grep',
  'time',
  'python3',
  'jq',
  '/usr/bin/env',
])
const isProgram = (name: string): boolean => PROGRAMS.has(name)

const TASK = 'id: old\ntitle: T\npillar: web\nrisk: low\n'
const ACCEPTANCE = 'must: [npm test]\n'

function read(files: Readonly<Record<string, MemoryNode>>): ReadEarlier {
  const base = { 'tasks/old/task.yml': TASK, 'tasks/old/acceptance.yml': ACCEPTANCE }
  return readEarlierPacks(memoryWorkspace({ ...base, ...files }), 'tasks', (path) => path)
}

function convert(task: string, acceptance: string = ACCEPTANCE, more: Readonly<Record<string, MemoryNode>> = {}) {
  const files = { 'tasks/old/task.yml': task, 'tasks/old/acceptance.yml': acceptance, ...more }
  return (answers: Readonly<Record<string, string>> = {}): Converted => {
    const { packs, diagnostics } = read(files)
    expect(diagnostics).toEqual([])
    const [pack] = packs
    if (!pack) throw new Error('there is no pack')
    const isAbove = (_: string, path: string): boolean => path in files
    const given: EarlierAnswers = new Map(Object.entries(answers))
    return convertEarlier(pack, { isProgram, isAbove, root: '/workspace', answers: given })
  }
}

function kindsOf({ findings }: Converted): readonly string[] {
  return findings.map(({ kind, location: { file, start } }) => `${kind} ${file.split('/').at(-1)}:${start.line}`)
}

describe('an entry of `must`', () => {
  const surroundings = { isProgram, isFile: (path: string) => path === 'check.sh' || path === 'tools/run' }

  it.each([
    'npm test',
    'node tools/check.mjs --all data/events.json',
    './check.sh',
    'tools/run --fast',
    'LEVEL=3 node check.mjs',
    'grep -q "all of the rules are there" rules/list.txt',
    "jq -e '.hits > 0' out.json",
    'cd site && npm run build',
    'find rules -name "*.yml" | sort',
    '[ -s out.json ]',
    '/usr/bin/env node x.mjs',
    'python3 -m pytest',
  ])('is a command: %s', (text) => {
    expect(meaningOf(text, surroundings)).toBe('command')
  })

  it.each([
    'Every rule has an owner.',
    'The page loads in under two seconds',
    'No secret is in the logs',
    'Make sure that the documentation is up to date.',
    'Rules fire on each of the recorded attacks!',
    'All links work',
  ])('is a sentence: %s', (text) => {
    expect(meaningOf(text, surroundings)).toBe('prose')
  })

  it.each([
    ['words', 'find all rules that have no test'],
    ['words', 'test coverage is above 80 %'],
    ['words', 'sort order is stable'],
    ['words', 'time to first byte is under 200 ms'],
    ['words', 'the output of ./check.sh is empty'],
    ['words', 'make the build reproducible'],
    ['no-program', 'sigma convert rules'],
    ['no-program', './gone.sh --all'],
    ['no-program', 'Documentation complete'],
    ['no-program', ''],
  ])('can be either, and is not guessed (%s): %s', (why, text) => {
    expect(meaningOf(text, surroundings)).toBe(why)
  })

  it('is a command only if its first word is a program, whatever else stands there', () => {
    const words = fc.array(fc.constantFrom('all', 'rules', '-x', '|', 'a/b', 'are', 'Node', 'out.json', '"'), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(fc.constantFrom('sigma', 'The', 'rules', './gone', 'Npm'), words, (first, rest) => {
        expect(meaningOf([first, ...rest].join(' '), surroundings)).not.toBe('command')
      }),
    )
  })
})

describe('what a command says of a file', () => {
  it.each([
    ['node x.mjs > out/a.json', true, true],
    ['node x.mjs >> "out/a.json"', true, true],
    ['node x.mjs | tee out/a.json', true, true],
    ['node x.mjs --output=./out/a.json', true, true],
    ['node x.mjs -o out/a.json', true, true],
    ['test -s out/a.json', true, false],
    ['node x.mjs < out/a.json', true, false],
    ['node x.mjs > out/a.json.bak', false, false],
    ['node x.mjs > other/out/a.json', false, false],
    ['node x.mjs > out/a-json', false, false],
  ])('%s', (command, isNamed, isWritten) => {
    expect([mentions(command, 'out/a.json'), writes(command, 'out/a.json')]).toEqual([isNamed, isWritten])
  })
})

describe('an earlier pack', () => {
  it('keeps what both layouts have', () => {
    const { task, findings, questions } = convert(`${TASK}description: D
owner: O
tags: [a]
links: [l]
domain: d
needs: [other]
plugin: ./plugin.mjs
skills: { prefer: [s] }
constraints: { allow_network: false, allow_cloud_mutations: true }
execution: { timeout_minutes: 1.5 }
`)()
    expect(task).toEqual({
      ...{ version: 1, id: 'old', title: 'T', description: 'D', owner: 'O', tags: ['a'], links: ['l'] },
      ...{ pillar: 'web', domain: 'd', risk: 'low', skills: ['s'], needs: ['other'] },
      constraints: { cloud_mutations: true, limits: { timeout: '90s' } },
      acceptance: { tests: [{ run: 'npm test' }] },
      plugin: './plugin.mjs',
    })
    expect([findings, questions]).toEqual([[], []])
  })

  it('never gets a network, because no host is named', () => {
    const made = convert(`${TASK}constraints:\n  allow_network: true\n`)()
    expect(made.task).not.toHaveProperty('constraints')
    expect(kindsOf(made)).toEqual(['network task.yml:6'])
  })

  it('changes what it was allowed to: paths from the root, and those of its own folder', () => {
    const { task } = convert(
      `${TASK}scope:\n  allowed_paths: ['src/**', '!src/x/**', ./docs/, 'tasks/old/data/**', old/y]\n`,
    )()
    const scope = ['/src/**', '!/src/x/**', '/docs/', 'data/**', '/old/y']
    expect(task).toMatchObject({ constraints: { scope } })
  })

  it('lists every key that has no counterpart, in both files', () => {
    const task = `${TASK}budget: 3\nconstraints: { max_files: 1 }\ndocs: { optional: [x] }\n`
    const made = convert(task, `${ACCEPTANCE}reviewers: [a]\ntests: { commands: [npm test], retries: 2 }\n`)()
    expect(kindsOf(made)).toEqual([
      'unknown-key task.yml:5',
      'unknown-key task.yml:6',
      'unknown-key task.yml:7',
      'unknown-key acceptance.yml:2',
      'unknown-key acceptance.yml:3',
    ])
  })

  it('has commands as acceptance, and sentences as words that prove nothing', () => {
    const acceptance = `must:
  - npm test
  - All links work
  - command: sigma convert
format: { commands: [npm run format] }
lint: [npm run lint]
`
    const made = convert(TASK, acceptance)()
    expect(made.task).toMatchObject({
      acceptance: {
        format: [{ run: 'npm run format' }],
        lint: [{ run: 'npm run lint' }],
        tests: [{ run: 'npm test' }, { run: 'sigma convert' }],
      },
    })
    expect(made.prose).toEqual(['All links work'])
  })

  it('is not accepted by sentences alone', () => {
    expect(convert(TASK, 'must: [All links work]\n')().task).toMatchObject({ acceptance: {} })
  })

  it('asks about what can be either, keeps it in words as long as nobody answers, and believes the answer', () => {
    const made = convert(TASK, 'must:\n  - npm test\n  - sigma convert rules\n')
    const [question] = made().questions
    expect(question).toMatchObject({ about: 'meaning', text: 'sigma convert rules', location: { start: { line: 3 } } })
    expect(kindsOf(made())).toEqual(['unclear acceptance.yml:3'])
    expect(made().prose).toEqual(['sigma convert rules'])
    const answered = made({ [question?.id ?? '']: 'command' })
    expect(answered.task).toMatchObject({
      acceptance: { tests: [{ run: 'npm test' }, { run: 'sigma convert rules' }] },
    })
    expect([answered.questions, answered.findings]).toEqual([[], []])
    expect(made({ [question?.id ?? '']: 'prose' }).prose).toEqual(['sigma convert rules'])
  })

  it('turns what it depends on into tools, or into words', () => {
    const deps = "deps: [node, 'python3>=3.9', 'jq ^1.6', sigma-cli, A lab account]\n"
    const made = convert(TASK, `${ACCEPTANCE}${deps}`)()
    expect(made.task).toMatchObject({
      inputs: { tools: { node: '*', python3: '>=3.9', jq: '^1.6', 'sigma-cli': '*' } },
    })
    expect(made.notes).toEqual(['A lab account'])
    expect(kindsOf(made)).toEqual(['missing-program acceptance.yml:2', 'dependency acceptance.yml:2'])
    expect(convert(TASK, `${ACCEPTANCE}deps: { node: '>=20' }\n`)().task).toMatchObject({
      inputs: { tools: { node: '>=20' } },
    })
  })

  it('makes what it promises: by the command that says so, and otherwise by the one that somebody names', () => {
    const task = `${TASK}artifacts: { required: [out/a.json, out/b.json] }\noutputs: { evidence: [out/c.json, 'logs/*.txt'] }\n`
    const acceptance = 'must: [node a.mjs > out/a.json, node b.mjs, test -s out/a.json]\n'
    const made = convert(task, acceptance, { 'tasks/old/out/a.json': 'of before', 'tasks/old/out/c.json': 'of before' })
    const [b, c] = made().questions
    expect([b, c]).toMatchObject([
      { about: 'producer', path: 'out/b.json' },
      { about: 'producer', path: 'out/c.json' },
    ])
    const answered = made({ [b?.id ?? '']: '1', [c?.id ?? '']: '' })
    expect(answered.task).toMatchObject({
      acceptance: {
        tests: [
          { run: 'node a.mjs > out/a.json', outputs: ['out/a.json'] },
          { run: 'node b.mjs', outputs: ['out/b.json'] },
          { run: 'test -s out/a.json', inputs: { files: ['**', '!out/b.json'] } },
        ],
      },
      artifacts: { required: ['out/a.json', 'out/b.json', 'out/c.json'], optional: ['logs/*.txt'] },
    })
    // What a command makes is not what an earlier run has left.
    expect(answered.files).toEqual(['out/c.json'])
    expect(answered.questions).toEqual([])
  })

  it('says which documents a pack can name, and what it could not make of the rest', () => {
    const more = { 'tasks/old/spec.md': '# S\n', 'tasks/old/risk.md': '# R\n', 'tasks/old/docs/runbook.md': '# B\n' }
    const made = convert(`${TASK}docs: { required: [spec.md, docs/runbook.md, legal.md] }\n`, ACCEPTANCE, more)()
    expect(made.task).toMatchObject({ docs: { spec: 'spec.md', risk: 'risk.md', runbook: 'docs/runbook.md' } })
    expect(kindsOf(made)).toEqual(['document task.yml:5'])
  })

  it('takes a title from its specification and an id from its folder, and says so', () => {
    const made = convert('pillar: Web\nrisk: LOW\n', ACCEPTANCE, { 'tasks/old/spec.md': 'x\n# The *title* #\n' })()
    expect(made.task).toMatchObject({ id: 'old', title: 'The *title*', pillar: 'web', risk: 'low' })
    expect(made.findings.map(({ kind }) => kind)).toEqual(['taken-from', 'taken-from'])
    expect(convert('id: old\ntitle: T\n')().questions.map(({ about }) => about)).toEqual(['pillar', 'risk'])
  })

  it('spells names as they are spelled now, and says so', () => {
    const made = convert('id: SEC_1\ntitle: T\npillar: web\ndomain: Red Team\nrisk: low\n')()
    expect(made.task).toMatchObject({ id: 'sec-1', domain: 'red-team' })
    expect(kindsOf(made)).toEqual(['respelled task.yml:1', 'respelled task.yml:4'])
    for (const id of ['"!"', '../x', '.x', 'a/b']) {
      expect(convert(`id: ${id}\ntitle: T\npillar: web\nrisk: low\n`)().findings).toEqual([])
    }
    expect(convert('id: "!"\ntitle: T\npillar: web\nrisk: low\n')().id).toBe('!')
  })

  it('warns of files that lie elsewhere', () => {
    const made = convert(TASK, 'must: [node scripts/x.mjs]\n', { 'scripts/x.mjs': '' })()
    expect(kindsOf(made)).toEqual(['outside-pack acceptance.yml:1'])
  })

  it('is written so that it is read as what it is, whatever its texts are', () => {
    const text = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom('yes', '0x10', '- a', '# x', ': y', "it's\n", '~'),
    )
    fc.assert(
      fc.property(text, text, (title, run) => {
        const plain = convert(TASK)()
        const task = { version: 1, title, acceptance: { tests: [{ run }] } }
        const [file] = earlierFiles({ ...plain, task }).filter(({ path }) => path === 'task.yml')
        expect(parse(file?.text ?? '')).toEqual(task)
      }),
    )
  })

  it('keeps words beside a file of that name', () => {
    const made = convert(TASK, 'must: [All links work, npm test]\n', { 'tasks/old/acceptance.md': 'x' })()
    const [words] = earlierFiles(made)
    expect(words).toEqual({
      path: 'acceptance-in-words.md',
      text: '# Acceptance in words\n\nWhat is demanded in words. No command proves it.\n\n- All links work\n',
    })
  })
})

describe('what is refused', () => {
  const file = 'tasks/old/task.yml'

  it.each([
    ['YAML that does not parse', { [file]: 'id: [\n' }, 'yaml-syntax'],
    ['a key that is there twice', { [file]: 'id: a\nid: b\n' }, 'duplicate-key'],
    ['a list in place of a mapping', { [file]: '- a\n' }, 'wrong-type'],
    ['a tag', { [file]: `${TASK}owner: !!js/function x\n` }, 'yaml-tag'],
    ['a link', { 'tasks/old/data': { link: '../../elsewhere' } }, 'unreadable'],
    ['a task.yml that is a link', { [file]: { link: '../x.yml' }, 'tasks/x.yml': TASK }, 'unreadable'],
    ['a FIFO', { 'tasks/old/pipe': { kind: 'other' } as const }, 'unsupported-file'],
    [
      'a pack of the present layout',
      { [file]: `version: 1\n${TASK}acceptance: { tests: [{ run: x }] }\n` },
      'unreadable',
    ],
  ])('%s', (_, files, code) => {
    const { packs, diagnostics } = read(files)
    expect([packs, diagnostics.map((one) => one.code)]).toEqual([[], [code]])
  })

  it('a pack without acceptance.yml', () => {
    const workspace = memoryWorkspace({ [file]: TASK })
    const { diagnostics } = readEarlierPacks(workspace, 'tasks/old', (path) => path)
    expect(diagnostics).toMatchObject([{ code: 'unreadable', facts: { path: 'tasks/old/acceptance.yml' } }])
  })

  it.each([
    ['constraints: { allow_network: sometimes }', 'constraints.allow_network'],
    ['execution: { timeout_minutes: -1 }', 'execution.timeout_minutes'],
    ['tags: [1]', 'tags.0'],
    ['plugin: [x]', 'plugin'],
  ])('another type: %s', (lines, key) => {
    const { diagnostics } = convert(`${TASK}${lines}\n`)()
    expect(diagnostics).toMatchObject([{ code: 'wrong-type', location: { start: { line: 5 } }, facts: { key } }])
  })

  it('one id twice', () => {
    const { packs } = read({ 'tasks/other/task.yml': TASK, 'tasks/other/acceptance.yml': ACCEPTANCE })
    const both = packs.map((pack) => ({ pack, id: 'old' }))
    expect(duplicateIds(both)).toMatchObject([
      { code: 'duplicate-pack-id', location: { file: 'tasks/other/task.yml' }, facts: { other: file } },
    ])
  })

  it('leaves out what git ignores, and packs below a pack are packs of their own', () => {
    const { packs } = read({
      ...{ '.gitignore': 'gone/\n', 'tasks/gone/task.yml': TASK, 'tasks/gone/acceptance.yml': ACCEPTANCE },
      ...{ 'tasks/old/in/task.yml': TASK, 'tasks/old/in/acceptance.yml': ACCEPTANCE, 'tasks/old/kept.txt': '' },
    })
    expect(packs.map(({ dir, files }) => [dir, files])).toEqual([
      ['tasks/old', ['kept.txt']],
      ['tasks/old/in', []],
    ])
  })
})
