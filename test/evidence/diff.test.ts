import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareNext } from '../../src/evidence/compare/next.ts'
import { compareRuns } from '../../src/evidence/compare/runs.ts'
import type { Cause, Difference } from '../../src/model/difference.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { RunView, ViewedAction } from '../../src/model/run-view.ts'
import { packOf } from '../support/packs.ts'
import { viewOf, type World, type WorldAction } from '../support/run-views.ts'

function diff(from: World, to: World): Difference {
  return compareRuns(viewOf(from), viewOf(to))
}

/** What each cause is, and how many actions it enters and moves. */
function summary({ causes }: Difference): readonly string[] {
  return causes.map(({ subject, actions, followers }) => {
    const name =
      'path' in subject ? subject.path : 'name' in subject ? subject.name : 'pack' in subject ? subject.pack : ''
    return `${subject.kind} ${name}: ${actions.length} + ${followers.length}`
  })
}

function details({ details: all }: Cause): readonly string[] {
  return all.map(
    ({ action, change, place }) => `${action ?? 'pack'} ${change.kind}${place ? ` line ${place.start.line}` : ''}`,
  )
}

/** `count` steps, each of which reads what the one before made; the first reads the file. */
function chain(count: number): readonly WorldAction[] {
  return Array.from({ length: count }, (_, place) => ({
    id: `p:steps/${place}`,
    reads: place === 0 ? ['in.txt'] : [],
    from: place === 0 ? [] : [`p:steps/${place - 1}`],
    outputs: [`out/${place}`],
  }))
}

describe('one thing that was changed', () => {
  it('is one cause and a count in a chain of 200', () => {
    const world = { files: { 'in.txt': 'a' }, actions: chain(200) }
    const found = diff(world, { ...world, files: { 'in.txt': 'b' } })
    expect(summary(found)).toEqual(['file in.txt: 1 + 199'])
    expect(found.causes[0]?.subject).toEqual({
      kind: 'file',
      path: 'in.txt',
      renamed: null,
      from: sha256('a'),
      to: sha256('b'),
    })
    expect(found).toMatchObject({ same: false, total: 200, unchanged: 0 })
  })

  it('is one cause where 200 actions read it', () => {
    const actions = Array.from({ length: 200 }, (_, place) => ({ id: `p:tests/${place}`, reads: ['in.txt'] }))
    expect(summary(diff({ files: { 'in.txt': 'a' }, actions }, { files: { 'in.txt': 'b' }, actions }))).toEqual([
      'file in.txt: 200 + 0',
    ])
  })

  it('moves nothing behind an action that makes the same of it', () => {
    const [first, ...rest] = chain(5)
    const actions = [{ ...first, id: 'p:steps/0', makes: 'constant' }, ...rest]
    const found = diff({ files: { 'in.txt': 'a' }, actions }, { files: { 'in.txt': 'b' }, actions })
    expect(summary(found)).toEqual(['file in.txt: 1 + 0'])
    expect(found.unchanged).toBe(4)
  })

  it('is told from a second one, in plan order', () => {
    const actions = [
      ...chain(3),
      { id: 'p:tests/1', reads: ['other.txt'], from: ['p:steps/2'] },
      { id: 'p:tests/2', reads: ['other.txt'] },
    ]
    const files = { 'in.txt': 'a', 'other.txt': 'a' }
    expect(summary(diff({ files, actions }, { files: { 'in.txt': 'b', 'other.txt': 'b' }, actions }))).toEqual([
      'file in.txt: 1 + 2',
      'file other.txt: 2 + 0',
    ])
  })

  const one = (fields: Partial<WorldAction>): World => ({ actions: [{ id: 'p:tests/1', ...fields }] })
  it.each([
    ['a tool', one({ tools: { node: '20' } }), one({ tools: { node: '22' } }), 'tool node'],
    ['what identifies a mount', one({ mounts: { nm: 'a' } }), one({ mounts: { nm: 'b' } }), 'mount nm'],
    ["the caller's variable", one({ env: { X: '1' } }), one({ env: { X: '2' } }), 'variable X'],
    ['guarantees', one({}), { ...one({}), guarantees: { syscalls: 'none' } }, 'guarantees '],
  ] as const)('may be %s', (_, from, to, expected) => {
    expect(summary(diff(from, to))).toEqual([`${expected}: 1 + 0`])
  })

  it('may be codex itself, whether or not a key knows', () => {
    expect(summary(diff(one({}), { ...one({}), tool: '2.0.0' }))).toEqual(['codex : 0 + 0'])
    expect(summary(diff(one({}), { ...one({ limits: { timeoutMs: 2 } }), tool: '2.0.0' }))).toEqual(['codex : 1 + 0'])
  })

  it('may be the name of a file', () => {
    const from = { files: { old: 'x', empty1: '' }, actions: [{ id: 'p:tests/1', reads: ['old', 'empty1'] }] }
    const to = { files: { new: 'x', empty2: '' }, actions: [{ id: 'p:tests/1', reads: ['new', 'empty2'] }] }
    const found = diff(from, to)
    expect(summary(found)).toEqual(['file empty1: 1 + 0', 'file empty2: 1 + 0', 'file new: 1 + 0'])
    expect(found.causes[2]?.subject).toMatchObject({ renamed: 'old', path: 'new' })
  })

  it('may be the permission to execute a file', () => {
    const world = (executables: readonly string[]): World => ({
      files: { tool: 'x' },
      actions: [{ id: 'p:tests/1', reads: ['tool'], executables }],
    })
    expect(diff(world([]), world(['tool'])).causes[0]?.subject).toEqual({
      kind: 'mode',
      path: 'tool',
      from: false,
      to: true,
    })
  })
})

describe('a task.yml that was changed', () => {
  const definition = (
    text: string,
    actions: readonly WorldAction[],
    pack = packOf('p', { tests: [{}, {}] }),
  ): World => ({
    files: { 'packs/p/task.yml': text },
    packs: [{ id: 'p', definition: text }],
    definitions: { p: { ...pack, digest: sha256(text) } },
    actions,
  })
  const tests = (fields: Partial<WorldAction>, other: Partial<WorldAction> = {}): readonly WorldAction[] => [
    { id: 'p:tests/1', reads: ['packs/p/task.yml'], ...fields },
    { id: 'p:tests/2', reads: ['packs/p/task.yml'], ...other },
  ]

  it.each([
    ['a command', { command: ['a'] }, { command: ['b'] }, 'command'],
    ['a literal variable', { env: { A: '1' } }, { env: { A: '2' } }, 'variable'],
    ['a limit', { limits: { timeoutMs: 1 } }, { limits: { timeoutMs: 2 } }, 'limit'],
    ['what it asks for', { grants: [] }, { grants: ['cloud'] }, 'grants'],
    ['an output', { outputs: [] }, { outputs: ['x'] }, 'outputs'],
    ['a tool that it did not name before', { tools: {} }, { tools: { jq: '1' } }, 'tool'],
    ['a need', { needs: [] }, { needs: ['p:tests/2'] }, 'needs'],
  ] as const)('is one cause that tells of %s, and enters all that read it', (_, before, after, kind) => {
    const found = diff(definition('a', tests(before)), definition('b', tests(after)))
    expect(summary(found)).toEqual(['definition p: 2 + 0'])
    expect(found.causes.flatMap(details)).toEqual([expect.stringMatching(`^p:tests/1 ${kind} line \\d+$`)])
  })

  it('tells of actions that came and went, and what only followed from them', () => {
    const before = [{ id: 'p:steps/old' }, { id: 'p:tests/1', needs: ['p:steps/old'] }]
    const after = [{ id: 'p:steps/new' }, { id: 'p:tests/1', needs: ['p:steps/new'] }]
    const found = diff(definition('a', before), definition('b', after))
    expect(summary(found)).toEqual(['definition p: 2 + 1'])
    expect(found.causes.flatMap(details)).toEqual([
      expect.stringContaining('p:steps/new added'),
      expect.stringContaining('p:steps/old removed'),
    ])
  })

  it('is a cause even where it enters nothing', () => {
    const actions = [{ id: 'p:tests/1' }]
    expect(summary(diff(definition('a', actions), definition('b', actions)))).toEqual(['definition p: 0 + 0'])
  })

  it('tells which files a pattern brought in', () => {
    const files = { 'packs/p/a': 'a', 'packs/p/b': 'b' }
    const world = (patterns: readonly string[], reads: readonly string[], text: string): World => ({
      ...definition(text, [{ id: 'p:tests/1', reads }], packOf('p', { inputs: { files: patterns } })),
      files,
    })
    const found = diff(world(['a'], ['packs/p/a'], '1'), world(['*'], ['packs/p/a', 'packs/p/b'], '2'))
    expect(summary(found)).toEqual(['definition p: 1 + 0'])
    expect(found.causes[0]?.details[0]?.change).toEqual({ kind: 'selection', added: ['packs/p/b'], removed: [] })
  })

  it('is no cause of what a variable of the caller does', () => {
    const pack = packOf('p', { inputs: { env: ['A'] } })
    const found = diff(
      definition('a', [{ id: 'p:tests/1', env: { A: '1' } }], pack),
      definition('b', [{ id: 'p:tests/1', env: { A: '2' } }], pack),
    )
    expect(summary(found)).toEqual(['variable A: 1 + 0', 'definition p: 0 + 0'])
  })
})

describe('a pack', () => {
  it('that is part of one run only is one cause', () => {
    const actions = [{ id: 'a:tests/1' }, { id: 'b:tests/1' }, { id: 'b:gate/secrets' }]
    const found = diff({ actions: actions.slice(0, 1) }, { actions })
    expect(summary(found)).toEqual(['pack b: 2 + 0'])
    expect(found.causes[0]?.subject).toEqual({ kind: 'pack', pack: 'b', run: 'to' })
  })

  it('that was moved has no other files', () => {
    const world = (dir: string): World => ({
      files: { [`${dir}/a`]: 'a' },
      packs: [{ id: 'p' }],
      definitions: { p: packOf('p', { dir }) },
      actions: [{ id: 'p:tests/1', reads: [`${dir}/a`], outputs: [`${dir}/o`] }],
    })
    const found = diff(world('packs/p'), world('other/p'))
    expect(summary(found)).toEqual(['moved p: 1 + 0'])
    expect(found.causes[0]?.subject).toEqual({ kind: 'moved', pack: 'p', from: 'packs/p', to: 'other/p' })
  })

  it('that reads an artifact of another follows it', () => {
    const reader = packOf('b', { inputs: { artifacts: [{ from: 'a', path: 'out/x', as: 'in/y' }] } })
    const world = (text: string): World => ({
      files: { in: text },
      definitions: { a: packOf('a'), b: reader },
      actions: [{ id: 'a:steps/1', reads: ['in'], outputs: ['packs/a/out/x'] }, { id: 'b:tests/1' }],
    })
    const mounted = (text: string) => {
      const view = viewOf(world(text))
      const [maker, test] = view.actions
      const made = maker?.outputs[0]?.digest ?? ''
      const inputs = new Map([['packs/b/in/y', made]])
      const action = {
        ...test,
        id: 'b:tests/1',
        pack: 'b',
        key: sha256(made),
        inputs: made,
      } as (typeof view.actions)[0]
      return {
        ...view,
        actions: [...(maker ? [maker] : []), action],
        inputs: (asked: typeof action) => (asked.id === action.id ? inputs : view.inputs(asked)),
      }
    }
    expect(summary(compareRuns(mounted('1'), mounted('2')))).toEqual(['file in: 1 + 1'])
  })
})

describe('an outcome', () => {
  const failed = { status: 'failed', exitCode: 1, reason: { kind: 'exit' } } as const

  it('that differs under one key is not deterministic, and moves others', () => {
    const [first, ...rest] = chain(4)
    const world = (makes: string): World => ({ actions: [{ ...first, id: 'p:steps/0', makes }, ...rest] })
    const found = diff(world('a'), world('b'))
    expect(summary(found)).toEqual(['nondeterminism : 1 + 3'])
    expect(found.causes[0]?.subject).toMatchObject({ action: 'p:steps/0', outputs: [{ path: 'out/0' }] })
  })

  it('that fails once under one key is not deterministic, and what it held back only follows', () => {
    const rest = { id: 'p:tests/2', needs: ['p:tests/1'] }
    const skipped = { ...rest, status: 'skipped', reason: { kind: 'cause', action: 'p:tests/1' } } as const
    const found = diff({ actions: [{ id: 'p:tests/1' }, rest] }, { actions: [{ id: 'p:tests/1', ...failed }, skipped] })
    expect(summary(found)).toEqual(['nondeterminism : 1 + 1'])
    expect(found.endings).toMatchObject([{ action: 'p:tests/1', from: { status: 'passed' }, to: { status: 'failed' } }])
  })

  it('of a file that was changed is its consequence', () => {
    const rest = { id: 'p:tests/2', needs: ['p:tests/1'] }
    const skipped = { ...rest, status: 'skipped', reason: { kind: 'cause', action: 'p:tests/1' } } as const
    const found = diff(
      { files: { f: 'a' }, actions: [{ id: 'p:tests/1', reads: ['f'] }, rest] },
      { files: { f: 'b' }, actions: [{ id: 'p:tests/1', reads: ['f'], ...failed }, skipped] },
    )
    expect(summary(found)).toEqual(['file f: 1 + 1'])
  })

  it('that is missing because the run stopped is told as that', () => {
    const actions = [{ id: 'p:tests/1', ...failed }, { id: 'p:tests/2' }, { id: 'p:tests/3' }]
    const [first, ...rest] = actions
    const skipped = rest.map(
      (action) => ({ ...action, status: 'skipped', reason: { kind: 'cause', action: 'p:tests/1' } }) as const,
    )
    const interrupted = rest.map((action) => ({ ...action, status: 'interrupted' }) as const)
    const begun = first ? [first] : []
    expect(diff({ actions }, { actions: [...begun, ...skipped] }).causes).toMatchObject([
      { subject: { kind: 'stopped', run: 'to', how: 'fail-fast' }, actions: ['p:tests/2', 'p:tests/3'] },
    ])
    expect(diff({ actions: [...begun, ...interrupted] }, { actions }).causes).toMatchObject([
      { subject: { kind: 'stopped', run: 'from', how: 'interrupted' }, actions: ['p:tests/2', 'p:tests/3'] },
    ])
  })

  it('that is missing because the run was refused is told as that', () => {
    const refusals = [{ code: 'not-granted', pack: 'p', field: 'constraints.network' }]
    const refused: World = { actions: [], verdict: 'refused', refusals }
    expect(diff({ actions: [{ id: 'p:tests/1' }] }, refused).causes).toMatchObject([
      { subject: { kind: 'refusals', from: [], to: refusals }, actions: ['p:tests/1'] },
    ])
    expect(summary(diff(refused, { ...refused, refusals: [] }))).toEqual(['refusals : 0 + 0'])
  })
})

describe('what can not be read', () => {
  it('leaves a difference without explanation, and never one out', () => {
    const world = (text: string, lost: 'keys' | 'inputs'): World => ({
      files: { f: text },
      actions: [{ id: 'p:tests/1', reads: ['f'] }],
      lost,
    })
    expect(summary(diff(world('a', 'inputs'), world('b', 'inputs')))).toEqual(['unexplained : 1 + 0'])
    expect(summary(diff(world('a', 'keys'), world('b', 'keys')))).toEqual(['file f: 1 + 0'])
  })
})

const SIZE = 12

/** Worlds of steps that read files and the outputs of earlier ones. */
const worlds = fc
  .array(
    fc.record({
      reads: fc.array(fc.constantFrom('f0', 'f1', 'f2', 'f3'), { maxLength: 2 }),
      from: fc.array(fc.nat(SIZE), { maxLength: 3 }),
      constant: fc.boolean(),
      flavor: fc.boolean(),
      command: fc.constantFrom('a', 'b'),
    }),
    { minLength: 1, maxLength: SIZE },
  )
  .map((drafts) =>
    drafts.map(({ reads, from, constant, flavor, command }, place): WorldAction => {
      const before = [...new Set(from.filter((other) => other < place))]
      return {
        id: `p:steps/${place}`,
        reads,
        from: before.map((other) => `p:steps/${other}`),
        outputs: [`out/${place}`],
        command: [command],
        ...(constant ? { makes: 'constant' } : {}),
        ...(flavor ? { env: { FLAVOR: 'mint' } } : {}),
      }
    }),
  )
const files = fc.record({ f0: fc.string(), f1: fc.string(), f2: fc.string(), f3: fc.string() })

describe('for all worlds', () => {
  it('a run does not differ from itself', () => {
    fc.assert(
      fc.property(worlds, files, (actions, texts) => {
        const found = diff({ actions, files: texts }, { actions, files: texts })
        expect(found).toMatchObject({ same: true, causes: [], roots: [], followers: [], unchanged: actions.length })
      }),
    )
  })

  it('every action that differs is accounted for once, and has a cause', () => {
    fc.assert(
      fc.property(worlds, worlds, files, files, (before, after, old, now) => {
        const [from, to] = [viewOf({ actions: before, files: old }), viewOf({ actions: after, files: now })]
        const { causes, roots, followers, unchanged, total } = compareRuns(from, to)
        const differing = [...new Set([...from.actions, ...to.actions].map(({ id }) => id))].filter((id) => {
          const [a, b] = [from, to].map(({ actions }) => actions.find((action) => action.id === id))
          return JSON.stringify(a) !== JSON.stringify(b)
        })
        expect([...roots, ...followers].toSorted()).toEqual(differing.toSorted())
        expect(unchanged).toBe(total - differing.length)
        expect(new Set(causes.flatMap(({ actions }) => actions))).toEqual(new Set(roots))
        expect(new Set(causes.flatMap((cause) => cause.followers))).toEqual(new Set(followers))
      }),
    )
  })

  it('changed files are the causes, in the actions that read them', () => {
    fc.assert(
      fc.property(worlds, files, files, (actions, old, now) => {
        const { causes } = diff({ actions, files: old }, { actions, files: now })
        const names = (['f0', 'f1', 'f2', 'f3'] as const).filter((name) => old[name] !== now[name])
        const expected = names.flatMap((path) => {
          const readers = actions.filter(({ reads }) => reads?.includes(path)).map(({ id }) => id)
          return readers.length > 0 ? [{ path, readers }] : []
        })
        const found = causes.map(({ subject, actions: readers }) => ({
          path: 'path' in subject ? subject.path : '',
          readers,
        }))
        expect(found.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(expected)
      }),
    )
  })
})

describe('an action as it would run next', () => {
  /** As if none of it had run, and nobody knew what the first step makes. */
  function next(world: World): RunView {
    const view = viewOf(world)
    const actions = view.actions.map((action) => ({ ...action, status: null, exitCode: null, reason: null }))
    const [first, second, ...rest] = actions
    if (!first || !second) throw new RangeError('two actions are needed')
    const waiting: ViewedAction = { ...second, key: null, inputs: null, waitsFor: [first.id] }
    return {
      ...view,
      digest: null,
      verdict: null,
      actions: [first, waiting, ...rest],
      fingerprint: (action) => view.fingerprint(action === waiting ? second : action),
      inputs: (action) => (action === waiting ? new Map() : view.inputs(action)),
    }
  }
  const world = (text: string, flavor = 'mint'): World => {
    const [first, second] = chain(2)
    if (!first || !second) throw new RangeError('a chain of two')
    return { files: { 'in.txt': text }, actions: [first, { ...second, env: { FLAVOR: flavor } }] }
  }

  it('follows what it waits for, and has reasons of its own', () => {
    const compared = compareNext(viewOf(world('a')), next(world('b')), 'p:steps/1')
    expect(compared).toMatchObject({ same: false, status: 'passed', unpassed: [] })
    expect(compared.causes.map(({ subject }) => subject.kind)).toEqual(['file'])
    const both = compareNext(viewOf(world('a')), next(world('b', 'plum')), 'p:steps/1')
    expect(both.causes.map(({ subject, actions }) => [subject.kind, actions])).toEqual([['variable', ['p:steps/1']]])
  })

  it('is the same where its key is', () => {
    const same = { ...viewOf(world('a')), digest: null, verdict: null }
    expect(compareNext(viewOf(world('a')), same, 'p:steps/1')).toMatchObject({
      same: true,
      causes: [],
      status: 'passed',
    })
  })
})
