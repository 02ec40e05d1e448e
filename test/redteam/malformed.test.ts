// Ten thousand malformed packs and more: each is answered, in less than a second of a processor, and none that is wrong by construction passes.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isScalar, parseDocument, stringify, visit, type Document, type Pair } from 'yaml'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import type { Graph } from '../../src/model/graph.ts'
import { loadProject } from '../../src/project.ts'
import { memoryWorkspace } from '../support/memory-workspace.ts'

interface Seed {
  readonly text: string
  /** Paths of the files that it needs, in its folder. */
  readonly files: readonly string[]
}

const PACKS = fileURLToPath(new URL('../../task-packs/', import.meta.url))

/** The packs of this project, as their authors wrote them, that stand on no other. */
const REAL: readonly Seed[] = readdirSync(PACKS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({
    text: readFileSync(`${PACKS}${name}/task.yml`, 'utf8'),
    files: readdirSync(`${PACKS}${name}`, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.[a-z]+$/.test(path),
    ),
  }))
  .filter(({ text }) => !text.includes('\nneeds:'))

/** What packs see of the workspace. */
const AROUND = [
  ...[
    '.ci/a.mjs',
    '.config/a',
    '.oxfmtrc.json',
    '.oxlintrc.json',
    'codex.config.ts',
    'package.json',
    'package-lock.json',
  ],
  ...[
    'src/a.ts',
    'templates/p/n/game/a.mjs',
    'templates/p/n/tools/a.mjs',
    'test/a.ts',
    'tsconfig.json',
    'node_modules/a',
    'lib/a',
    'lock',
  ],
]

/** Every key of the format. */
const FULL = stringify({
  ...{ version: 1, id: 'full', title: 'Full', description: 'All there is', owner: 'nobody', tags: ['a'], links: ['b'] },
  ...{ pillar: 'security', domain: 'x', risk: 'low', skills: ['y'], docs: { spec: 'spec.md' } },
  inputs: { files: ['**'], env: ['FLAVOR'], tools: { node: '>=20' }, mounts: [{ path: '/lib', identity: '/lock' }] },
  env: { LEVEL: '3' },
  constraints: {
    ...{ network: ['example.org:443'], cloud_mutations: false, secrets: ['TOKEN'], scope: ['src/**'] },
    limits: {
      timeout: '5m',
      memory: '1GiB',
      processes: 9,
      log: '1MiB',
      output: '1MiB',
      changed_files: 5,
      changed_lines: 8,
    },
    retries: { attempts: 2, repeat_error_limit: 2 },
  },
  steps: [
    { id: 'make', run: 'node make.mjs', inputs: { files: ['spec.md'] }, outputs: ['out/made.json'], env: { A: 'b' } },
  ],
  acceptance: {
    format: [{ run: ['node', 'a.mjs'] }],
    lint: [{ id: 'named', run: 'node b.mjs', limits: { timeout: '1s' }, retries: { attempts: 1 } }],
    tests: [{ run: 'node c.mjs', control: { replace: { 'spec.md': 'task.yml' } } }],
  },
  artifacts: { required: ['out/made.json'], optional: ['*.png'] },
})

const SEEDS: readonly Seed[] = [{ text: FULL, files: ['spec.md'] }, ...REAL]

interface Answer {
  readonly diagnostics: readonly Diagnostic[]
  readonly graph: Graph | null
  /** Of a processor, whatever else the machine does. */
  readonly milliseconds: number
}

/** As `codex validate` does it, with the pack alone in a workspace. */
function validate(text: string | Uint8Array, files: readonly string[]): Answer {
  const paths = [...AROUND, ...files.map((path) => `task-packs/p/${path}`)]
  const workspace = memoryWorkspace({
    ...Object.fromEntries(paths.map((path) => [path, 'x'])),
    'task-packs/p/task.yml': text,
  })
  const start = process.cpuUsage()
  const { diagnostics, graph } = loadProject(workspace, { file: null, value: {} }, { names: [], pillars: [], tags: [] })
  const { user, system } = process.cpuUsage(start)
  return { diagnostics, graph, milliseconds: (user + system) / 1000 }
}

let tried = 0

/** Tried again where it takes long, because memory may have been tidied up meanwhile. */
function expectAnswer(text: string | Uint8Array, files: readonly string[] = []): Answer {
  tried++
  const first = validate(text, files)
  const result = first.milliseconds < 1000 ? first : validate(text, files)
  expect(result.milliseconds, String(text).slice(0, 300)).toBeLessThan(1000)
  // Whatever is refused is told, and whatever is not refused is a graph.
  expect(result.graph === null).toBe(result.diagnostics.some(({ severity }) => severity === 'error'))
  return result
}

const seed = fc.constantFrom(...SEEDS)

type Wreck = (document: Document, choose: (most: number) => number) => boolean

function pairsOf(document: Document): Pair[] {
  const pairs: Pair[] = []
  visit(document, { Pair: (_, pair) => void pairs.push(pair) })
  return pairs
}

const REQUIRED = ['version', 'id', 'title', 'pillar', 'risk', 'acceptance']

/** Mappings whose keys are names that the author chooses: a key more in them is no mistake. */
const OPEN = new Set(['env', 'tools', 'docs', 'replace'])

/** Each makes a valid pack invalid, whatever it says. */
const WRECKS: Readonly<Record<string, Wreck>> = {
  'a key that nobody knows': (document, choose) => {
    const open = new Set<unknown>(
      pairsOf(document)
        .filter((pair) => isScalar(pair.key) && OPEN.has(String(pair.key.value)))
        .map((pair) => pair.value),
    )
    const maps: { set(key: unknown, value: unknown): void }[] = []
    visit(document, { Map: (_, map) => void (open.has(map) || maps.push(map)) })
    maps[choose(maps.length)]?.set('nobody-knows', 'x')
    return maps.length > 0
  },
  'a required key that is missing': (document, choose) => document.delete(REQUIRED[choose(REQUIRED.length)]),
  'a value of another type': (document, choose) => {
    const top = [
      'id',
      'title',
      'pillar',
      'risk',
      'acceptance',
      'version',
      'steps',
      'artifacts',
      'inputs',
      'constraints',
      'tags',
      'needs',
      'env',
    ]
    const values = [null, true, 3.5, -1, new Date(0).toISOString(), [[1]], { x: { y: 1 } }]
    const key = top[choose(top.length)] ?? ''
    const value = values[choose(values.length)]
    const isText = typeof value === 'string' && ['id', 'title'].includes(key)
    document.set(key, document.createNode(isText ? 7 : value))
    return true
  },
  'a key that is there twice': (document, choose) => {
    const pairs = pairsOf(document)
    const pair = pairs[choose(pairs.length)]
    visit(document, {
      Map: (_, map) => {
        if (pair && map.items.includes(pair)) {
          map.items.push(pair)
          return visit.BREAK
        }
        return undefined
      },
    })
    return pair !== undefined
  },
  'an anchor': (document, choose) => {
    const scalars: { anchor?: string }[] = []
    visit(document, { Scalar: (_, scalar) => void scalars.push(scalar) })
    const scalar = scalars[choose(scalars.length)]
    if (scalar) scalar.anchor = 'a'
    return scalar !== undefined
  },
  'a tag': (document, choose) => {
    const scalars: { tag?: string }[] = []
    visit(document, { Scalar: (key, scalar) => void (key === 'key' || scalars.push(scalar)) })
    const scalar = scalars[choose(scalars.length)]
    if (scalar) scalar.tag = '!x'
    return scalar !== undefined
  },
  'no proof at all': (document, choose) => {
    document.set(
      'acceptance',
      document.createNode([{}, { tests: [] }, { tests: [{ run: 'true' }] }, { lint: [{ run: ':' }] }][choose(4)]),
    )
    return true
  },
  'a path out of the workspace': (document, choose) => {
    const path = ['../../../x', '/../x', '../../../../etc/passwd', '../../..//x'][choose(4)]
    const [first, second] = [
      ['inputs', 'files'],
      ['artifacts', 'required'],
    ][choose(2)] as [string, string]
    document.setIn([first], document.createNode({ [second]: [path] }))
    return true
  },
  'a hidden character': (document, choose) => {
    const letter = ['\u0007', '\u001b', '\u202e', '\u2066', '\u200b', '\ufeff'][choose(6)] ?? ''
    document.set('title', `a${letter}b`)
    return true
  },
  'a need that is nowhere': (document) => {
    document.set('needs', document.createNode(['nowhere-to-be-found']))
    return true
  },
  'a number that is out of bounds': (document, choose) => {
    const retries = [
      { attempts: 0 },
      { attempts: 6 },
      { attempts: 1.5 },
      { repeat_error_limit: -1 },
      { attempts: 2 ** 60 },
    ][choose(5)]
    document.setIn(['constraints'], document.createNode({ retries }))
    return true
  },
  'another version': (document, choose) => {
    document.set('version', [0, 2, '1', 1.5, -1][choose(5)])
    return true
  },
}

describe('a pack that is wrong by construction never passes:', () => {
  it.each(Object.entries(WRECKS))('%s', (_, wreck) => {
    const property = fc.property(
      seed,
      fc.array(fc.nat(2 ** 30), { minLength: 4, maxLength: 4 }),
      ({ text, files }, numbers) => {
        const document = parseDocument(text)
        let at = 0
        const done = wreck(document, (most) => (numbers[at++] ?? 0) % Math.max(1, most))
        fc.pre(done)
        const wrecked = document.toString({ lineWidth: 0 })
        expect(expectAnswer(wrecked, files).graph, wrecked).toBeNull()
      },
    )
    fc.assert(property, { numRuns: 250, seed: 7 })
  })
})

describe('whatever a pack holds is answered:', () => {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(20),
    put: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom(
        ': ',
        '- ',
        '\n',
        '  ',
        '\t',
        '[',
        ']',
        '{',
        '}',
        '&a ',
        '*a',
        '!x ',
        '<<: ',
        '"',
        "'",
        '|',
        '>',
        '#',
        '%',
        '---\n',
        '? ',
        ',',
      ),
    ),
  })

  it('a real one with some edits', () => {
    const property = fc.property(seed, fc.array(edit, { minLength: 1, maxLength: 6 }), ({ text, files }, edits) => {
      let edited = text
      for (const { at, cut, put } of edits) {
        const place = Math.floor(at * edited.length)
        edited = edited.slice(0, place) + put + edited.slice(place + cut)
      }
      expectAnswer(edited, files)
    })
    fc.assert(property, { numRuns: 2000, seed: 7 })
  })

  it('a real one with other bytes', () => {
    const bytes = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
      minLength: 1,
      maxLength: 8,
    })
    const property = fc.property(seed, bytes, ({ text, files }, changes) => {
      const changed = new TextEncoder().encode(text)
      for (const [at, byte] of changes) changed[Math.floor(at * (changed.length - 1))] = byte
      expectAnswer(changed, files)
    })
    fc.assert(property, { numRuns: 1500, seed: 7 })
  })

  it('one that ends too soon', () => {
    const property = fc.property(seed, fc.double({ min: 0, max: 1, noNaN: true }), ({ text, files }, at) => {
      expectAnswer(text.slice(0, Math.floor(at * text.length)), files)
    })
    fc.assert(property, { numRuns: 1000, seed: 7 })
  })

  it('two that were mixed line by line', () => {
    const property = fc.property(
      seed,
      seed,
      fc.array(fc.boolean(), { minLength: 20, maxLength: 80 }),
      (one, other, choice) => {
        const [left, right] = [one, other].map(({ text }) => text.split('\n')) as [string[], string[]]
        expectAnswer(choice.map((first, index) => (first ? left : right)[index] ?? '').join('\n'))
      },
    )
    fc.assert(property, { numRuns: 1000, seed: 7 })
  })

  it('any values at all under the keys of the format', () => {
    const key = fc.constantFrom(
      ...Object.keys(parseDocument(FULL).toJS() as object),
      ...[
        'needs',
        'plugin',
        'files',
        'artifacts',
        'from',
        'as',
        'path',
        'run',
        'limits',
        'retries',
        'control',
        'replace',
        'outputs',
        '__proto__',
        'constructor',
        '',
      ],
    )
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom(
          null,
          true,
          false,
          0,
          1,
          -1,
          1e300,
          '',
          '1',
          'a',
          '../x',
          '**',
          'a/',
          '5m',
          '1GiB',
          'x:1',
          'true',
          'A_B',
          '/',
        ),
        fc.string({ unit: 'binary', maxLength: 8 }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: false }),
      ),
    }))
    const property = fc.property(fc.dictionary(key, value, { maxKeys: 14 }), (fields) => {
      expectAnswer(stringify({ version: 1, id: 'p', title: 'P', pillar: 'web', risk: 'low', ...fields }))
    })
    fc.assert(property, { numRuns: 1500, seed: 7 })
  })

  it('any bytes at all', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void expectAnswer(bytes))
    fc.assert(property, { numRuns: 500, seed: 7 })
  })

  it('the same sign again and again, up to the greatest file', () => {
    const signs = [
      'a',
      ' ',
      '\n',
      ',',
      '[',
      '{',
      '- ',
      '? ',
      ': ',
      'a,',
      'a: ',
      '&a ',
      '*a,',
      '!x ',
      '"',
      "'",
      '|',
      '#\n',
      '---\n',
      '%\n',
      '\\',
      '\u0007',
      '\t',
      '- a\n',
      'a:\n',
      '[],',
      '{a: b},',
      '"a',
      'é',
      '\u{1f600}',
    ]
    const frames = [
      ['', ''],
      ['tags: [', ']'],
      ['env: {', '}'],
      ['steps:\n- ', ''],
      ['title: "', '"'],
      ['description: |\n  ', ''],
    ]
    for (const sign of signs) {
      for (const [open = '', close = ''] of frames) {
        for (const size of [5000, 250_000])
          expectAnswer(`${FULL.slice(0, 40)}${open}${sign.repeat(size / sign.length)}${close}\n`)
      }
    }
  }, 240_000)
})

it('what they are made of is valid, and enough was made of it', () => {
  for (const { text, files } of SEEDS) expect(validate(text, files).diagnostics).toEqual([])
  expect(SEEDS.length).toBeGreaterThan(3)
  expect(tried).toBeGreaterThanOrEqual(10_000)
})
