import { describe, expect, it } from 'vitest'
import { compileGraph } from '../../src/graph/compile.ts'
import type { ResolvedPack } from '../../src/model/pack.ts'
import { packOf, pointerAt } from '../support/packs.ts'

interface Found {
  readonly code: string
  readonly at: string
  readonly facts: unknown
}

function problemsOf(...packs: readonly ResolvedPack[]): readonly Found[] {
  const { graph, diagnostics } = compileGraph(packs)
  expect(graph === null).toBe(diagnostics.length > 0)
  return diagnostics.map(({ code, location, facts }) => {
    const pack = packs.find(({ source }) => source.file === location?.file)
    return { code, at: pack && location ? `${pack.definition.id} ${pointerAt(pack, location.start.line)}` : '', facts }
  })
}

describe('output-collision', () => {
  const collisionOf = (first: string, second: string): readonly Found[] =>
    problemsOf(
      packOf('p', {
        steps: [
          { id: 'a', outputs: [first] },
          { id: 'b', outputs: [second] },
        ],
      }),
    )

  it.each([
    ['out.json', 'out.json'],
    ['out.json', './out.json'],
    ['dist/', 'dist/a.js'],
    ['dist/a.js', 'dist/'],
    ['dist/', 'dist/sub/'],
    ['dist/**', 'dist/a.js'],
    ['dist/**', 'dist/sub/'],
    ['dist/', 'dist/*.js'],
    ['dist/*.js', 'dist/a.js'],
    ['*.json', '*.json'],
    ['out', 'out/a.js'],
    ['a/b', '/packs/p/a/b'],
  ])('is reported for %s and %s', (first, second) => {
    expect(collisionOf(first, second)).toMatchObject([
      { code: 'output-collision', at: 'p /steps/1/outputs/0', facts: { first: 'p:steps/a', second: 'p:steps/b' } },
    ])
  })

  it.each([
    ['out.json', 'out.js'],
    ['dist/', 'dist2/'],
    ['dist', 'dist2'],
    ['dist/*.js', 'dist/a.css'],
    ['dist/*.js', 'dist/*.css'],
  ])('is not reported for %s and %s', (first, second) => {
    expect(collisionOf(first, second)).toEqual([])
  })

  it('is reported across packs and phases, not within one action, and once for each copy', () => {
    const copy = (id: string): ResolvedPack => packOf(id, { tests: [{ outputs: ['/shared.json', '/shared.json'] }] })
    const found = problemsOf(copy('a'), copy('b'), copy('c'))
    expect(found.filter(({ facts }) => JSON.stringify(facts).includes('a:tests/1')).length).toBe(4)
    expect(found.length).toBe(4)
    expect(problemsOf(copy('a'))).toEqual([])
  })
})

describe('unordered-input', () => {
  it('names the producer and the need to add, once for each pattern and pack', () => {
    const found = problemsOf(
      packOf('a', { steps: [{ id: 'make', outputs: ['out/x.json', 'out/y.json'] }] }),
      packOf('b', { inputs: { files: ['**', '/packs/a/out/**'] }, tests: [{}, { files: ['/packs/a/out/x.json'] }] }),
    )
    expect(found).toEqual([
      {
        code: 'unordered-input',
        at: 'b /inputs/files/1',
        facts: { input: '/packs/a/out/**', action: 'b:tests/1', producer: 'a:steps/make', need: 'a' },
      },
      {
        code: 'unordered-input',
        at: 'b /acceptance/tests/1/inputs/files/0',
        facts: { input: '/packs/a/out/x.json', action: 'b:tests/2', producer: 'a:steps/make', need: 'a' },
      },
    ])
  })

  it('is not reported for what only runs later, nor for patterns that no command uses', () => {
    expect(
      problemsOf(
        packOf('a', { inputs: { files: ['**', '/packs/b/out/**'] } }),
        packOf('b', { needs: ['a'], steps: [{ id: 's', outputs: ['out/x'] }] }),
        packOf('c', { inputs: { files: ['**', '/packs/b/out/**'] }, tests: [{ files: ['task.yml'] }] }),
      ),
    ).toEqual([])
  })

  it('is reported where another pack writes into the folder', () => {
    expect(
      problemsOf(packOf('a', { steps: [{ id: 's', outputs: ['/packs/b/generated.json'] }] }), packOf('b')),
    ).toMatchObject([{ code: 'unordered-input', facts: { input: '**', action: 'b:tests/1', need: 'a' } }])
  })
})

describe('glob-matches-nothing', () => {
  const files = ['task.yml', 'rules/a.yml']
  const of = (pattern: string, outputs: string[] = []): readonly Found[] =>
    problemsOf(
      packOf('p', {
        files,
        steps: [
          { id: 'a', outputs },
          { id: 'b', files: ['task.yml', pattern] },
        ],
      }),
    )

  it.each([
    ['nothing/**', null],
    ['rules', 'rules/**'],
    ['a.yml', 'rules/a.yml'],
    ['*.json', null],
  ])('is reported for %s, suggesting %s', (glob, suggestion) => {
    expect(of(glob)).toEqual([
      { code: 'glob-matches-nothing', at: 'p /steps/1/inputs/files/1', facts: { glob, suggestion } },
    ])
  })

  it('is not reported where an output of another command matches, or for an exclusion', () => {
    expect(of('build/*.json', ['build/x.json'])).toEqual([])
    expect(of('build/x.json', ['build/'])).toEqual([])
    expect(of('!nothing/**')).toEqual([])
  })

  it('is reported where only the command itself or a later phase makes it', () => {
    const own = packOf('p', { steps: [{ id: 'a', files: ['x.json'], outputs: ['x.json'] }] })
    const later = packOf('q', { format: [{ files: ['y.json'] }], tests: [{ outputs: ['y.json'] }] })
    expect(problemsOf(own, later).map(({ code, at }) => `${code} ${at}`)).toEqual([
      'glob-matches-nothing p /steps/0/inputs/files/0',
      'glob-matches-nothing q /acceptance/format/0/inputs/files/0',
    ])
  })
})

describe('cyclic-need', () => {
  it('shows each part that is cyclic by its shortest cycle, with the place of each edge', () => {
    const pack = packOf('p', {
      steps: [
        { id: 'a', needs: ['c'], outputs: ['a.json'] },
        { id: 'b', files: ['a.json'], outputs: ['b.json'] },
        { id: 'c', files: ['b.json', 'task.yml'] },
        { id: 'd', needs: ['a', 'e'] },
        { id: 'e', files: ['*.txt'], outputs: ['e.md'] },
        { id: 'f', files: ['e.md'], outputs: ['f.txt'] },
      ],
    })
    const { graph, diagnostics } = compileGraph([pack])
    expect(graph).toBeNull()
    expect(diagnostics.map(({ code, facts }) => [code, facts])).toEqual([
      ['cyclic-need', { cycle: ['p:steps/a', 'p:steps/c', 'p:steps/b'] }],
      ['cyclic-need', { cycle: ['p:steps/e', 'p:steps/f'] }],
    ])
    const related = diagnostics[1]?.related.map(
      ({ location, note }) => `${pointerAt(pack, location.start.line)} ${note}`,
    )
    expect(related).toEqual([
      '/steps/4/inputs/files/0 p:steps/e -> p:steps/f',
      '/steps/5/inputs/files/0 p:steps/f -> p:steps/e',
    ])
  })

  it('names what to cut where several cycles cross, with its place too', () => {
    const pack = packOf('p', {
      steps: [
        { id: 'a', needs: ['b', 'c'] },
        { id: 'b', needs: ['a', 'c'] },
        { id: 'c', files: ['d.json'], outputs: ['c.json'] },
        { id: 'd', needs: ['a'], outputs: ['d.json'] },
      ],
    })
    const { diagnostics } = compileGraph([pack])
    const cut = [
      { from: 'p:steps/a', to: 'p:steps/b' },
      { from: 'p:steps/a', to: 'p:steps/c' },
    ]
    expect(diagnostics.map(({ facts }) => facts)).toEqual([{ cycle: ['p:steps/a', 'p:steps/b'], cut, least: true }])
    const places = diagnostics[0]?.related.map(({ location, note }) => [pointerAt(pack, location.start.line), note])
    expect(places).toEqual([
      ['/steps/0/needs/0', 'p:steps/a -> p:steps/b'],
      ['/steps/1/needs/0', 'p:steps/b -> p:steps/a'],
      ['/steps/0/needs/1', 'p:steps/a -> p:steps/c'],
    ])
  })

  it('is found behind needs and outputs alike', () => {
    const steps = [
      { id: 'a', needs: ['b'] },
      { id: 'b', files: ['c.json'], outputs: ['b.json'] },
      { id: 'c', needs: ['a'], outputs: ['c.json'] },
    ]
    expect(problemsOf(packOf('p', { steps }))).toEqual([
      { code: 'cyclic-need', at: 'p /steps/0/needs/0', facts: { cycle: ['p:steps/a', 'p:steps/b', 'p:steps/c'] } },
    ])
  })

  it('between packs gives no graph and no second complaint', () => {
    const packs = [packOf('a', { needs: ['b'] }), packOf('b', { needs: ['a'] }), packOf('c', { needs: ['c'] })]
    expect(compileGraph(packs)).toEqual({ graph: null, diagnostics: [] })
    expect(compileGraph(packs.slice(2))).toEqual({ graph: null, diagnostics: [] })
  })
})

describe('required-not-produced and artifact-not-produced', () => {
  it('name what no command makes', () => {
    expect(problemsOf(packOf('p', { tests: [{ outputs: ['a/x.json'] }], required: ['a/x.json', 'a/y.json'] }))).toEqual(
      [{ code: 'required-not-produced', at: 'p /artifacts/required/1', facts: { path: 'a/y.json' } }],
    )
    const use = packOf('use', { needs: ['p'], inputs: { artifacts: [{ from: 'p', path: 'b.json', as: 'b.json' }] } })
    expect(problemsOf(packOf('p', { tests: [{ outputs: ['a/'] }] }), use)).toEqual([
      {
        code: 'artifact-not-produced',
        at: 'use /inputs/artifacts/0/path',
        facts: { from: 'p', path: 'b.json', produced: ['a/'] },
      },
    ])
  })
})
