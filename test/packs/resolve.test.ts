import { describe, expect, it } from 'vitest'
import { loadPacks, type LoadedPacks } from '../../src/packs/load.ts'
import { memoryWorkspace, type MemoryNode } from '../support/memory-workspace.ts'
import { brief, task } from './task-text.ts'

const DIR = 'task-packs/demo'

/** Loads one pack with more lines in its task.yml; files are relative to the workspace. */
function load(lines: readonly string[], files: Record<string, MemoryNode> = {}): LoadedPacks {
  const all = { [`${DIR}/task.yml`]: task('demo', ...lines), ...files }
  return loadPacks(memoryWorkspace(all), { packs: ['task-packs/*'] })
}

function filesOf(lines: readonly string[], files: Record<string, MemoryNode>): readonly string[] {
  const { packs, diagnostics } = load(lines, files)
  expect(diagnostics).toEqual([])
  return packs.find(({ definition }) => definition.id === 'demo')?.files ?? []
}

describe('the files of a pack', () => {
  const files = {
    '.gitignore': '*.log\n',
    'package.json': '{}',
    'src/a.ts': '',
    'src/deep/b.ts': '',
    [`${DIR}/.env.example`]: '',
    [`${DIR}/a-b/x`]: '',
    [`${DIR}/a/x`]: '',
    [`${DIR}/a.log`]: '',
    [`${DIR}/é.txt`]: '',
    [`${DIR}/build/out.js`]: '',
    [`${DIR}/nested/task.yml`]: task('nested'),
    [`${DIR}/nested/inside.txt`]: '',
    [`${DIR}/.git/config`]: '',
  }
  const own = (...names: readonly string[]): string[] => names.map((name) => `${DIR}/${name}`)

  it('have paths that a file in the sandbox can have', () => {
    const deep = (length: number): string => `${DIR}/${'d/'.repeat((length - DIR.length - 2) / 2)}f`
    const [fits, tooLong] = [deep(1024 - (DIR.length % 2)), deep(1026)]
    const { packs, diagnostics } = load([], { [fits]: '', [tooLong]: '' })
    expect(packs[0]?.files).toContain(fits)
    expect(diagnostics).toMatchObject([{ code: 'unsupported-name', facts: { path: tooLong, reason: 'too-long' } }])
  })

  it('are all that git does not ignore, less those of packs below, sorted by bytes', () => {
    expect(filesOf([], files)).toEqual(own('.env.example', 'a-b/x', 'a/x', 'build/out.js', 'task.yml', 'é.txt'))
  })

  it('are never what the pack itself makes', () => {
    const steps = 'steps: [{ id: s, run: x, outputs: [build/, "a-*/x"] }]'
    expect(filesOf([steps], files)).toEqual(own('.env.example', 'a/x', 'task.yml', 'é.txt'))
  })

  it.each<[string, readonly string[]]>([
    ['["**", "!a/**", "!task.yml"]', own('.env.example', 'a-b/x', 'build/out.js', 'é.txt')],
    ['["a/", "!nothing/**"]', own('a/x')],
    ['["*/x"]', own('a-b/x', 'a/x')],
    ['[/package.json, ../../src/*.ts]', ['package.json', 'src/a.ts']],
    ['["/src/**", "!/src/deep/"]', ['src/a.ts']],
    [`["/${DIR}/nested/*.txt"]`, own('nested/inside.txt')],
    ['[a.log]', own('a.log')],
    ['[./a/x, a/x]', own('a/x')],
    ['["{a,a-b}/x"]', own('a-b/x', 'a/x')],
    ['[]', []],
  ])('inputs.files: %s', (patterns, expected) => {
    expect(filesOf([`inputs: { files: ${patterns} }`], files)).toEqual(expected)
  })

  it('may be links to files of the workspace', () => {
    const links = { [`${DIR}/link`]: { link: '../../package.json' }, 'package.json': '{}' }
    expect(filesOf([], links)).toEqual(own('link', 'task.yml'))
  })

  it('may lie behind a linked folder if they are named', () => {
    const links = { [`${DIR}/lib`]: { link: '../../src' }, 'src/a.ts': '' }
    expect(filesOf(['inputs: { files: [lib/a.ts] }'], links)).toEqual(own('lib/a.ts'))
  })

  it('are not asked for where a folder is a pattern', () => {
    const dir = 'task-packs/[x]'
    const { packs, diagnostics } = loadPacks(memoryWorkspace({ [`${dir}/task.yml`]: task('x'), [`${dir}/a`]: '' }), {
      packs: ['task-packs/*'],
    })
    expect(diagnostics).toEqual([])
    expect(packs[0]?.files).toEqual([`${dir}/a`, `${dir}/task.yml`])
  })
})

describe('what can not be an input', () => {
  type Row = readonly [
    what: string,
    lines: readonly string[],
    files: Record<string, MemoryNode>,
    expected: readonly unknown[],
  ]
  const at = (place: string, code: string, facts: object): unknown => [`${place} ${code}`, facts]

  it.each<Row>([
    [
      'a link that leaves',
      [],
      { [`${DIR}/l`]: { link: '/etc/passwd' } },
      [at('1:1', 'path-leaves-workspace', { path: `${DIR}/l`, through: `${DIR}/l` })],
    ],
    [
      'a link that leaves by steps',
      [],
      { [`${DIR}/l`]: { link: '../../../x' } },
      [at('1:1', 'path-leaves-workspace', { path: `${DIR}/l`, through: `${DIR}/l` })],
    ],
    [
      'a link to nothing',
      [],
      { [`${DIR}/l`]: { link: 'gone' } },
      [at('1:1', 'unsupported-file', { path: `${DIR}/l`, kind: 'broken-symlink' })],
    ],
    [
      'a link to itself',
      [],
      { [`${DIR}/l`]: { link: 'l' } },
      [at('1:1', 'unsupported-file', { path: `${DIR}/l`, kind: 'broken-symlink' })],
    ],
    [
      'a link to a folder',
      [],
      { [`${DIR}/l`]: { link: '.' } },
      [at('1:1', 'unsupported-file', { path: `${DIR}/l`, kind: 'linked-folder' })],
    ],
    [
      'a FIFO',
      [],
      { [`${DIR}/f`]: { kind: 'other' } },
      [at('1:1', 'unsupported-file', { path: `${DIR}/f`, kind: 'fifo-socket-or-device' })],
    ],
    [
      'a link to a FIFO',
      [],
      { [`${DIR}/l`]: { link: '../../f' }, f: { kind: 'other' } },
      [at('1:1', 'unsupported-file', { path: `${DIR}/l`, kind: 'fifo-socket-or-device' })],
    ],
    [
      'a named FIFO',
      ['inputs: { files: [f] }'],
      { [`${DIR}/f`]: { kind: 'other' } },
      [at('7:19', 'unsupported-file', { path: `${DIR}/f`, kind: 'fifo-socket-or-device' })],
    ],
    [
      'a file behind a link that leaves',
      ['inputs: { files: [l/passwd] }'],
      { [`${DIR}/l`]: { link: '/etc' } },
      [at('7:19', 'path-leaves-workspace', { path: `${DIR}/l/passwd`, through: `${DIR}/l` })],
    ],
    [
      'a name with a newline',
      [],
      { [`${DIR}/a\nb`]: '' },
      [at('1:1', 'unsupported-name', { path: `${DIR}/a\nb`, reason: 'control-character' })],
    ],
    [
      'a name that is not UTF-8',
      [],
      { [`${DIR}/sub/\udfff`]: '' },
      [at('1:1', 'unsupported-name', { path: `${DIR}/sub/\\xff`, reason: 'invalid-utf8' })],
    ],
    [
      'a folder that can not be listed',
      [],
      { [`${DIR}/sub`]: { error: 'EACCES', kind: 'dir' } },
      [at('1:1', 'unreadable', { path: `${DIR}/sub`, reason: `EACCES: ${DIR}/sub` })],
    ],
    [
      'none of these if excluded',
      ['inputs: { files: ["**", "!l", "!f", "!sub/**", "!d/**"] }'],
      {
        [`${DIR}/l`]: { link: '/etc/passwd' },
        [`${DIR}/f`]: { kind: 'other' },
        [`${DIR}/sub`]: { error: 'EACCES', kind: 'dir' },
        [`${DIR}/d`]: { link: '.' },
      },
      [],
    ],
    [
      'none of these if ignored',
      [],
      {
        '.gitignore': 'l\nf\nsub/\n',
        [`${DIR}/l`]: { link: '/etc/passwd' },
        [`${DIR}/f`]: { kind: 'other' },
        [`${DIR}/sub`]: { error: 'EACCES', kind: 'dir' },
      },
      [],
    ],
    [
      'a glob for nothing',
      ['inputs: { files: ["**", "ruels/*.yml"] }'],
      { [`${DIR}/rules/a.yml`]: '' },
      [at('7:25', 'glob-matches-nothing', { glob: 'ruels/*.yml', suggestion: 'rules/*.yml' })],
    ],
    [
      'a file that is not there',
      ['inputs: { files: [evnts.json] }'],
      { [`${DIR}/events.json`]: '' },
      [at('7:19', 'glob-matches-nothing', { glob: 'evnts.json', suggestion: 'events.json' })],
    ],
    [
      'a rooted file that is not there',
      ['inputs: { files: [/srcc/a.ts] }'],
      { 'src/a.ts': '' },
      [at('7:19', 'glob-matches-nothing', { glob: '/srcc/a.ts', suggestion: '/src/a.ts' })],
    ],
    [
      'a folder without a wildcard',
      ['inputs: { files: [rules] }'],
      { [`${DIR}/rules/a.yml`]: '' },
      [at('7:19', 'glob-matches-nothing', { glob: 'rules', suggestion: 'rules/**' })],
    ],
    [
      'a glob that only ignored files match',
      ['inputs: { files: ["*.log"] }'],
      { '.gitignore': '*.log', [`${DIR}/a.log`]: '' },
      [at('7:19', 'glob-matches-nothing', { glob: '*.log', suggestion: null })],
    ],
    [
      'a document that is not there',
      ['docs: { spec: spec.md }'],
      { [`${DIR}/specs.md`]: '' },
      [at('7:15', 'missing-file', { key: 'docs.spec', path: 'spec.md', suggestion: 'specs.md' })],
    ],
    [
      'a document that is a folder',
      ['docs: { spec: spec }'],
      { [`${DIR}/spec/`]: '' },
      [at('7:15', 'invalid-value', { key: 'docs.spec', found: 'spec', expected: 'a file', suggestion: null })],
    ],
    [
      'a document that leads outside',
      ['docs: { spec: s }', 'inputs: { files: [task.yml] }'],
      { [`${DIR}/s`]: { link: '/etc/passwd' } },
      [at('7:15', 'path-leaves-workspace', { path: 's', through: `${DIR}/s` })],
    ],
    [
      'a mount that is not there',
      ['inputs: { mounts: [{ path: /node_modules, identity: /lock.json }] }'],
      {},
      [
        at('7:28', 'missing-file', { key: 'inputs.mounts[0].path', path: '/node_modules', suggestion: null }),
        at('7:53', 'missing-file', { key: 'inputs.mounts[0].identity', path: '/lock.json', suggestion: null }),
      ],
    ],
    [
      'a mount that is a file',
      ['inputs: { mounts: [{ path: /a, identity: /a }] }'],
      { a: '' },
      [
        at('7:28', 'invalid-value', {
          key: 'inputs.mounts[0].path',
          found: '/a',
          expected: 'a folder',
          suggestion: null,
        }),
      ],
    ],
    [
      'a plugin that is not there',
      ['plugin: ./plugn.mjs'],
      { [`${DIR}/plugin.mjs`]: '' },
      [at('7:9', 'missing-file', { key: 'plugin', path: 'plugn.mjs', suggestion: 'plugin.mjs' })],
    ],
    [
      'an output behind a link that leaves',
      ['steps: [{ id: a, run: x, outputs: [l/x] }]', 'inputs: { files: [task.yml] }'],
      { [`${DIR}/l`]: { link: '/tmp' } },
      [at('7:36', 'path-leaves-workspace', { path: 'l/x', through: `${DIR}/l` })],
    ],
  ])('%s', (_, lines, files, expected) => {
    const { diagnostics } = load(lines, files)
    expect(diagnostics.map((one) => [brief(one), one.facts])).toEqual(expected)
  })

  it('a control that is not there', () => {
    const text = task('demo').replace('run: node test.mjs', 'run: x, control: { replace: { a/b.json: bad.json } }')
    const { diagnostics } = load([], { [`${DIR}/task.yml`]: text })
    expect(diagnostics.map((one) => [brief(one), one.facts])).toEqual([
      [
        '6:65 missing-file',
        { key: 'acceptance.tests[0].control.replace.a/b.json', path: 'bad.json', suggestion: null },
      ],
    ])
  })

  it('a control through a link into what git keeps', () => {
    const text = task('demo').replace('run: node test.mjs', 'run: x, control: { replace: { a/b.json: bad.json } }')
    const files = { '.git/config': 'secret', [`${DIR}/bad.json`]: { link: '../../.git/config' } }
    const { diagnostics } = load([], { [`${DIR}/task.yml`]: text, ...files })
    expect(diagnostics.map((one) => [brief(one), one.facts])).toContainEqual([
      '6:65 unsupported-file',
      { path: 'bad.json', kind: 'linked-state' },
    ])
  })

  it.each([
    ['a command makes', 'build/bad.json', 'steps: [{ id: s, run: x, outputs: [build/] }]'],
    ['is an artifact', 'in/bad.json', 'needs: [other]\ninputs: { artifacts: [{ from: other, path: o/, as: in/ }] }'],
  ])('a control may put in place what %s', (_, source, more) => {
    const text = `${task('demo').replace('run: node test.mjs', `run: x, control: { replace: { a.json: ${source} } }`)}\n${more}\n`
    const other = task('other', 'steps: [{ id: s, run: x, outputs: [o/] }]')
    const files = { [`${DIR}/task.yml`]: text, [`${DIR}/a.json`]: '', 'task-packs/other/task.yml': other }
    expect(load([], files).diagnostics).toEqual([])
  })

  it('a glob may wait for what some pack makes', () => {
    const { diagnostics } = load(
      [
        'inputs: { files: ["/out/*.json", "gen/**", made.txt, /out/b/c.txt] }',
        'steps: [{ id: s, run: x, outputs: [gen/deep/, "*.txt"] }]',
      ],
      {
        'task-packs/other/task.yml': task('other', 'steps: [{ id: s, run: x, outputs: [/out/a.json, /out/b/] }]'),
      },
    )
    expect(diagnostics).toEqual([])
  })
})
