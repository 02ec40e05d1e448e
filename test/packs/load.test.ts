import { describe, expect, it } from 'vitest'
import { compareBytes } from '../../src/model/order.ts'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import { loadPacks, type LoadedPacks } from '../../src/packs/load.ts'
import { memoryWorkspace, type MemoryNode } from '../support/memory-workspace.ts'
import { task } from './task-text.ts'

const CONFIG = { packs: ['task-packs/*', 'solutions/**'] }

function load(files: Record<string, MemoryNode>, packs = CONFIG.packs): LoadedPacks {
  return loadPacks(memoryWorkspace(files), { packs })
}

function places(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code, location }) =>
    location ? `${location.file}:${location.start.line}:${location.start.column} ${code}` : code,
  )
}

describe('discovery', () => {
  it('finds folders that match, sorted, whatever else is there', () => {
    const { packs, diagnostics, sources, broken } = load({
      'task-packs/b/task.yml': task('b'),
      'task-packs/a/task.yml': task('a'),
      'task-packs/deep/er/task.yml': task('not-direct'),
      'task-packs/task.yml': task('not-below'),
      'task-packs/empty/': '',
      'task-packs/README.md': '',
      'solutions/x/y/task.yml': task('y'),
      'solutions/.hidden/task.yml': task('hidden'),
      'elsewhere/task.yml': task('elsewhere'),
      '.codex/runs/a/task.yml': task('of-a-run'),
    })
    expect(diagnostics).toEqual([])
    expect(packs.map(({ definition, dir }) => [definition.id, dir])).toEqual([
      ['a', 'task-packs/a'],
      ['b', 'task-packs/b'],
      ['hidden', 'solutions/.hidden'],
      ['y', 'solutions/x/y'],
    ])
    expect([...sources.keys()].toSorted(compareBytes)).toEqual([
      'solutions/.hidden/task.yml',
      'solutions/x/y/task.yml',
      'task-packs/a/task.yml',
      'task-packs/b/task.yml',
    ])
    expect(broken).toEqual([])
  })

  it('leaves out what git ignores and what is excluded', () => {
    const files = {
      '.gitignore': 'dist/\n',
      'task-packs/dist/task.yml': task('built'),
      'task-packs/old/task.yml': task('old'),
      'task-packs/new/task.yml': task('new'),
    }
    const { packs } = load(files, ['task-packs/*', '!task-packs/old'])
    expect(packs.map(({ dir }) => dir)).toEqual(['task-packs/new'])
  })

  it('can be the root itself', () => {
    const { packs, diagnostics } = load({ 'task.yml': task('root'), 'src/a.ts': '' }, [''])
    expect(diagnostics).toEqual([])
    expect(packs.map(({ dir, files }) => [dir, files])).toEqual([['', ['src/a.ts', 'task.yml']]])
  })

  it('takes a linked folder of the workspace once, and none outside of it', () => {
    const { packs, diagnostics } = load({
      'real/a/task.yml': task('a'),
      'task-packs/a': { link: '../real/a' },
      'task-packs/again': { link: '/workspace/real/a' },
      'task-packs/away': { link: '/etc' },
      'task-packs/gone': { link: 'nowhere' },
    })
    expect(packs.map(({ dir }) => dir)).toEqual(['real/a'])
    expect(diagnostics).toEqual([
      expect.objectContaining({
        code: 'path-leaves-workspace',
        facts: { path: 'task-packs/away', through: 'task-packs/away' },
      }),
    ])
  })

  it('does not walk in circles', () => {
    const { packs } = load({ 'solutions/a/task.yml': task('a'), 'solutions/loop': { link: '.' } })
    expect(packs.map(({ dir }) => dir)).toEqual(['solutions/a'])
  })

  it.each<[string, Record<string, MemoryNode>, readonly object[]]>([
    ['nothing', { 'a.txt': '' }, [{ code: 'no-packs', facts: { patterns: CONFIG.packs } }]],
    [
      'a folder that can not be listed',
      { 'task-packs/a': { error: 'EACCES', kind: 'dir' } },
      [{ code: 'unreadable', facts: { path: 'task-packs/a', reason: 'EACCES: task-packs/a' } }],
    ],
    [
      'a task.yml that can not be read',
      { 'task-packs/a/task.yml': { error: 'EACCES', kind: 'file' } },
      [{ code: 'unreadable', facts: { path: 'task-packs/a/task.yml', reason: 'EACCES: task-packs/a/task.yml' } }],
    ],
    [
      'a task.yml that is a FIFO',
      { 'task-packs/a/task.yml': { kind: 'other' } },
      [{ code: 'unsupported-file', facts: { path: 'task-packs/a/task.yml', kind: 'fifo-socket-or-device' } }],
    ],
    [
      'a task.yml that leads nowhere',
      { 'task-packs/a/task.yml': { link: 'gone' } },
      [{ code: 'unsupported-file', facts: { path: 'task-packs/a/task.yml', kind: 'broken-symlink' } }],
    ],
    [
      'a task.yml that leads outside',
      { 'task-packs/a/task.yml': { link: '/etc/passwd' } },
      [
        {
          code: 'path-leaves-workspace',
          facts: { path: 'task-packs/a/task.yml', through: 'task-packs/a/task.yml' },
        },
      ],
    ],
    [
      'a name that is not UTF-8',
      { 'task-packs/\ud800/task.yml': task('a') },
      [{ code: 'unsupported-name', facts: { path: 'task-packs/\\xff', reason: 'invalid-utf8' } }],
    ],
    [
      'a file that is named almost so',
      { 'task-packs/a/task.yaml': task('a'), 'task-packs/b/task.yml': task('b') },
      [
        {
          code: 'missing-file',
          severity: 'warning',
          facts: { key: 'task.yml', path: 'task-packs/a/task.yml', suggestion: 'task-packs/a/task.yaml' },
        },
      ],
    ],
  ])('tells of %s', (_, files, expected) => {
    expect(load(files).diagnostics).toMatchObject(expected)
  })
})

describe('many packs', () => {
  it('are all told of at once, sorted, and a broken one does not make others look broken', () => {
    const { packs, diagnostics, broken } = load({
      'task-packs/a/task.yml': task('a', 'needs: [b, c, d]', 'docs: { spec: spec.md }'),
      'task-packs/b/task.yml': task('b', 'typo: x'),
      'task-packs/c/task.yml': 'id: [',
      'task-packs/e/task.yml': task('e', 'needs: [A]'),
    })
    expect(places(diagnostics)).toEqual([
      'task-packs/a/task.yml:7:15 missing-need',
      'task-packs/a/task.yml:8:15 missing-file',
      'task-packs/b/task.yml:7:1 unknown-key',
      'task-packs/c/task.yml:1:6 yaml-syntax',
      'task-packs/e/task.yml:7:9 invalid-value',
    ])
    expect(packs.map(({ definition }) => definition.id)).toEqual(['a'])
    expect(broken).toEqual(['task-packs/b/task.yml', 'task-packs/c/task.yml', 'task-packs/e/task.yml'])
  })

  it('may not have one id', () => {
    const { packs, diagnostics } = load({
      'task-packs/a/task.yml': task('same'),
      'task-packs/b/task.yml': task('same'),
      'task-packs/c/task.yml': task('Same'),
    })
    expect(places(diagnostics)).toEqual([
      'task-packs/b/task.yml:2:5 duplicate-pack-id',
      'task-packs/c/task.yml:2:5 duplicate-pack-id',
      'task-packs/c/task.yml:2:5 invalid-value',
    ])
    expect(diagnostics.map(({ facts }) => facts)).toMatchObject([
      { id: 'same', other: 'task-packs/a/task.yml', caseOnly: false },
      { id: 'Same', other: 'task-packs/a/task.yml', caseOnly: true },
      {},
    ])
    expect(diagnostics[0]?.related[0]?.location).toMatchObject({ file: 'task-packs/a/task.yml', start: { line: 2 } })
    expect(packs.map(({ dir }) => dir)).toEqual(['task-packs/a'])
  })

  it('that need what is not there get a suggestion', () => {
    const { diagnostics } = load({
      'task-packs/asm-inventory/task.yml': task('asm-inventory'),
      'task-packs/b/task.yml': task('b', 'needs: [asm-inventry, zzz]'),
    })
    expect(diagnostics.map(({ facts }) => facts)).toEqual([
      { need: 'asm-inventry', suggestion: 'asm-inventory', scope: 'pack' },
      { need: 'zzz', suggestion: null, scope: 'pack' },
    ])
  })

  it('that need each other are told by the shortest ring, each edge with its place', () => {
    const { diagnostics } = load({
      'task-packs/a/task.yml': task('a', 'needs: [b]'),
      'task-packs/b/task.yml': task('b', 'needs: [c]'),
      'task-packs/c/task.yml': task('c', 'needs: [a, b]'),
      'task-packs/self/task.yml': task('self', 'needs: [self]'),
    })
    expect(diagnostics.map(({ code, facts }) => [code, facts])).toEqual([
      ['cyclic-need', { cycle: ['b', 'c'], cut: [{ from: 'b', to: 'c' }], least: true }],
      ['cyclic-need', { cycle: ['self'] }],
    ])
    const [ring] = diagnostics
    expect(ring?.related.map(({ location, note }) => [location.file, location.start.column, note])).toEqual([
      ['task-packs/b/task.yml', 9, 'b needs c'],
      ['task-packs/c/task.yml', 12, 'c needs b'],
    ])
  })

  it('in a chain of thousands overflow nothing', () => {
    const count = 3000
    const files: Record<string, string> = {}
    for (let at = 0; at < count; at++) {
      files[`task-packs/p${at}/task.yml`] = task(`p${at}`, at + 1 < count ? `needs: [p${at + 1}]` : 'needs: [p0]')
    }
    const { packs, diagnostics } = load(files)
    expect(packs).toHaveLength(count)
    expect(diagnostics.map(({ code, related }) => [code, related.length])).toEqual([['cyclic-need', count]])
  })

  it('may not take an artifact that nobody makes', () => {
    const inputs = (path: string): string => `inputs: { artifacts: [{ from: maker, path: ${path}, as: in }] }`
    const maker = task(
      'maker',
      'steps: [{ id: s, run: x, outputs: [build/, "gen/*.js", /shared/x.txt] }]',
      'artifacts: { required: [README.md], optional: [docs/**] }',
    )
    const wanted = {
      a: './build/x/y.js',
      b: 'gen/a.js',
      c: '/shared/x.txt',
      d: 'README.md',
      e: 'docs/x.md',
      f: 'build/',
      g: 'gen/',
      h: 'gen/a.ts',
      i: 'builds/x',
      j: '../../../x',
    }
    const files: Record<string, string> = { 'task-packs/maker/task.yml': maker, 'task-packs/maker/README.md': '' }
    for (const [id, path] of Object.entries(wanted)) {
      files[`task-packs/${id}/task.yml`] = task(id, 'needs: [maker]', inputs(path))
    }
    const { diagnostics } = load(files)
    expect(places(diagnostics)).toEqual([
      'task-packs/h/task.yml:8:44 artifact-not-produced',
      'task-packs/i/task.yml:8:44 artifact-not-produced',
      'task-packs/j/task.yml:8:44 path-leaves-workspace',
    ])
    expect(diagnostics[0]?.facts).toEqual({
      from: 'maker',
      path: 'gen/a.ts',
      produced: ['build/', 'gen/*.js', '/shared/x.txt', 'README.md', 'docs/**'],
    })
  })

  it('may not make the same file', () => {
    const { diagnostics } = load({
      'task-packs/a/task.yml': task('a', 'steps: [{ id: s, run: x, outputs: [/out/a.txt] }]'),
      'task-packs/b/task.yml': task('b', 'steps: [{ id: s, run: x, outputs: [/out/] }]'),
      'task-packs/c/task.yml': task('c', 'steps: [{ id: s, run: x, outputs: [../c/out] }]'),
    })
    expect(places(diagnostics)).toEqual(['task-packs/a/task.yml:7:36 output-collision'])
    expect(diagnostics[0]?.facts).toEqual({ path: 'out/a.txt', first: 'b:steps/s', second: 'a:steps/s' })
  })

  it('load the same in whatever order the folders are listed', () => {
    const files = {
      'task-packs/a/task.yml': task('a', 'needs: [b, x]'),
      'task-packs/b/task.yml': task('b', 'needs: [a]'),
      'task-packs/c/task.yml': task('a'),
    }
    const reversed = Object.fromEntries(Object.entries(files).toReversed())
    expect(JSON.stringify(load(reversed))).toBe(JSON.stringify(load(files)))
  })
})
