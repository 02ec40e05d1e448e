import { describe, expect, it } from 'vitest'
import { compileGraph } from '../../src/graph/compile.ts'
import type { Action, CommandAction, GateAction, Graph } from '../../src/model/graph.ts'
import type { ResolvedPack } from '../../src/model/pack.ts'
import { LIMITS, packOf, RETRIES } from '../support/packs.ts'

function graphOf(...packs: readonly ResolvedPack[]): Graph {
  const { graph, diagnostics } = compileGraph(packs)
  expect(diagnostics).toEqual([])
  if (!graph) throw new Error('no graph')
  return graph
}

function actionOf(graph: Graph, id: string): Action {
  const action = graph.actions.find((each) => each.id === id)
  if (!action) throw new Error(`no action ${id} among ${graph.actions.map((each) => each.id).join(', ')}`)
  return action
}

function commandOf(graph: Graph, id: string): CommandAction {
  const action = actionOf(graph, id)
  if (action.kind !== 'command') throw new Error(`${id} is no command`)
  return action
}

function gateOf(graph: Graph, id: string): GateAction {
  const action = actionOf(graph, id)
  if (action.kind !== 'gate') throw new Error(`${id} is no gate`)
  return action
}

const edges = (graph: Graph): string[] => graph.edges.map(({ from, to, kind }) => `${from} ${kind} ${to}`)

describe('commands', () => {
  it('become actions with everything that their pack gives them', () => {
    const pack = packOf('site', {
      files: ['task.yml', 'src/a.md', '/package.json'],
      inputs: {
        env: ['FLAVOR'],
        tools: { node: '>=20' },
        mounts: [{ path: '/node_modules', identity: '/package-lock.json' }],
      },
      env: { LEVEL: '3', MODE: 'pack' },
      steps: [{ id: 'build', run: 'node build.mjs', outputs: ['dist/', '/shared/index.json'], env: { MODE: 'step' } }],
      tests: [{ run: ['node', 'check it.mjs', "it's"] }],
    })
    const graph = graphOf(pack)
    expect(commandOf(graph, 'site:steps/build')).toMatchObject({
      kind: 'command',
      pack: 'site',
      phase: 'steps',
      argv: ['sh', '-ec', 'node build.mjs'],
      text: 'node build.mjs',
      cwd: 'packs/site',
      env: { LEVEL: '3', MODE: 'step' },
      passEnv: ['FLAVOR'],
      tools: { node: '>=20' },
      mounts: [{ path: 'node_modules', identity: 'package-lock.json' }],
      sources: ['package.json', 'packs/site/src/a.md', 'packs/site/task.yml'],
      outputs: ['packs/site/dist/', 'shared/index.json'],
      limits: LIMITS,
      retries: RETRIES,
    })
    const check = commandOf(graph, 'site:tests/1')
    expect(check.argv).toEqual(['node', 'check it.mjs', "it's"])
    expect(check.text).toBe(`node 'check it.mjs' 'it'\\''s'`)
  })

  it('keep the folder of a pack at the root of the workspace', () => {
    const graph = graphOf(
      packOf('root', { dir: '', files: ['a.txt'], steps: [{ id: 's', outputs: ['out.txt', 'glob/*.js'] }] }),
    )
    expect(commandOf(graph, 'root:steps/s')).toMatchObject({
      cwd: '',
      sources: ['a.txt'],
      outputs: ['out.txt', 'glob/*.js'],
    })
  })

  it('share the list of sources where they do not narrow it, so that it is hashed once', () => {
    const graph = graphOf(packOf('a', { steps: [{ id: 's' }], tests: [{}, { files: ['task.yml'] }] }))
    expect(commandOf(graph, 'a:tests/1').sources).toBe(commandOf(graph, 'a:steps/s').sources)
    expect(commandOf(graph, 'a:tests/2').sources).toEqual(['packs/a/task.yml'])
  })

  it('narrow the sources by globs, exclusions, dot files and paths from the root', () => {
    const files = [
      'rules/a.yml',
      'rules/.hidden.yml',
      'rules/deep/b.yml',
      'rules/[x].yml',
      'data/c.json',
      '/package.json',
    ]
    const narrowed = (patterns: string[]): readonly string[] =>
      commandOf(graphOf(packOf('p', { files, tests: [{ files: patterns }] })), 'p:tests/1').sources
    expect(narrowed(['rules/*.yml'])).toEqual([
      'packs/p/rules/.hidden.yml',
      'packs/p/rules/[x].yml',
      'packs/p/rules/a.yml',
    ])
    expect(narrowed(['!rules/deep/**', 'rules/**', './data/'])).toEqual([
      'packs/p/data/c.json',
      'packs/p/rules/.hidden.yml',
      'packs/p/rules/[x].yml',
      'packs/p/rules/a.yml',
    ])
    expect(narrowed(['/package.json', '../p/data/c.json'])).toEqual(['package.json', 'packs/p/data/c.json'])
    expect(narrowed(['rules/[x].yml'])).toEqual(['packs/p/rules/[x].yml'])
    expect(narrowed([])).toEqual([])
  })

  it('are frozen', () => {
    const graph = graphOf(packOf('a', { steps: [{ id: 's', outputs: ['x'] }] }))
    for (const value of [graph, graph.actions, graph.edges, graph.packs, ...graph.actions, ...graph.edges]) {
      expect(Object.isFrozen(value)).toBe(true)
    }
  })
})

describe('edges within a pack', () => {
  it('lead from every command of a phase to every command of the next phase that has any, and to the gates', () => {
    const graph = graphOf(packOf('p', { steps: [{ id: 'a' }, { id: 'b' }], lint: [{}], tests: [{}, { id: 'slow' }] }))
    expect(graph.actions.map(({ id }) => id)).toEqual([
      'p:steps/a',
      'p:steps/b',
      'p:lint/1',
      'p:tests/1',
      'p:tests/slow',
      'p:gate/artifacts',
      'p:gate/secrets',
    ])
    expect(edges(graph)).toEqual([
      'p:steps/a phase p:lint/1',
      'p:steps/b phase p:lint/1',
      'p:lint/1 phase p:tests/1',
      'p:lint/1 phase p:tests/slow',
      'p:tests/1 phase p:gate/artifacts',
      'p:tests/1 phase p:gate/secrets',
      'p:tests/slow phase p:gate/artifacts',
      'p:tests/slow phase p:gate/secrets',
    ])
    expect(actionOf(graph, 'p:gate/artifacts').needs).toEqual(['p:tests/1', 'p:tests/slow'])
    expect(actionOf(graph, 'p:gate/secrets').needs).toEqual(['p:tests/1', 'p:tests/slow'])
  })

  it('follow the needs of steps and the outputs that they read', () => {
    const steps = [
      { id: 'report', files: ['build/rules.json'] },
      { id: 'convert', needs: ['fetch'], outputs: ['build/rules.json'] },
      { id: 'fetch', outputs: ['raw/'] },
      { id: 'count', files: ['raw/**/*.txt', 'task.yml'] },
      { id: 'alone' },
    ]
    const graph = graphOf(packOf('p', { steps }))
    expect(edges(graph).filter((edge) => !edge.includes(' phase '))).toEqual([
      'p:steps/fetch needs p:steps/convert',
      'p:steps/fetch output p:steps/count',
      'p:steps/convert output p:steps/report',
    ])
    expect(commandOf(graph, 'p:steps/report')).toMatchObject({ sources: [], providers: ['p:steps/convert'] })
    expect(commandOf(graph, 'p:steps/count').providers).toEqual(['p:steps/fetch'])
    expect(commandOf(graph, 'p:steps/alone').providers).toEqual([])
  })

  it('are `needs` where a step both needs another and reads what it makes', () => {
    const steps = [
      { id: 'a', outputs: ['x.json'] },
      { id: 'b', needs: ['a'], files: ['x.json'] },
    ]
    expect(edges(graphOf(packOf('p', { steps })))).toContain('p:steps/a needs p:steps/b')
  })

  it('are not made for outputs that an exclusion leaves out', () => {
    const steps = [
      { id: 'a', outputs: ['out/a.json', 'tmp/'] },
      { id: 'b', files: ['**', '!out/**', '!tmp/**'] },
    ]
    const graph = graphOf(packOf('p', { steps }))
    expect(commandOf(graph, 'p:steps/b').needs).toEqual([])
  })

  it('let acceptance see the outputs of all steps, and a test those of an earlier one that it names', () => {
    const graph = graphOf(
      packOf('p', {
        steps: [{ id: 'a', outputs: ['a.json'] }, { id: 'b', needs: ['a'], outputs: ['b.json'] }, { id: 'quiet' }],
        format: [{ outputs: ['formatted.txt'] }],
        tests: [{ outputs: ['report.json'] }, { files: ['report.json', 'formatted.txt'] }],
      }),
    )
    expect(commandOf(graph, 'p:tests/1').providers).toEqual(['p:steps/a', 'p:steps/b'])
    expect(commandOf(graph, 'p:tests/2').providers).toEqual(['p:steps/a', 'p:steps/b', 'p:format/1', 'p:tests/1'])
    expect(edges(graph)).toContain('p:tests/1 output p:tests/2')
    expect(gateOf(graph, 'p:gate/artifacts').providers).toEqual(['p:steps/a', 'p:steps/b', 'p:format/1', 'p:tests/1'])
  })
})

describe('edges between packs', () => {
  it('lead from the gates of the needed pack to what runs first in the other', () => {
    const graph = graphOf(
      packOf('b', { needs: ['a'], steps: [{ id: 'x' }, { id: 'y', needs: ['x'] }], tests: [{}] }),
      packOf('a', { format: [{}], tests: [] }),
      packOf('c', { needs: ['a'], lint: [{}, {}] }),
    )
    expect(graph.packs.map(({ definition }) => definition.id)).toEqual(['a', 'b', 'c'])
    expect(edges(graph).filter((edge) => edge.includes(' pack '))).toEqual([
      'a:gate/artifacts pack b:steps/x',
      'a:gate/artifacts pack c:lint/1',
      'a:gate/artifacts pack c:lint/2',
      'a:gate/secrets pack b:steps/x',
      'a:gate/secrets pack c:lint/1',
      'a:gate/secrets pack c:lint/2',
    ])
  })

  it('mount artifacts and name who makes them', () => {
    const graph = graphOf(
      packOf('inv', {
        steps: [
          { id: 's', outputs: ['artifacts/*.json'] },
          { id: 'other', outputs: ['x'] },
        ],
      }),
      packOf('use', {
        needs: ['inv'],
        inputs: { artifacts: [{ from: 'inv', path: 'artifacts/i.json', as: 'data/i.json' }] },
        tests: [{}, { files: ['task.yml'] }, { files: ['data/*'] }],
      }),
    )
    const mount = {
      from: 'inv',
      path: 'packs/inv/artifacts/i.json',
      as: 'packs/use/data/i.json',
      producers: ['inv:steps/s'],
    }
    expect(commandOf(graph, 'use:tests/1')).toMatchObject({ artifacts: [mount], providers: [] })
    expect(commandOf(graph, 'use:tests/2').artifacts).toEqual([])
    expect(commandOf(graph, 'use:tests/3')).toMatchObject({ artifacts: [mount], sources: [] })
  })

  it('mount a folder where a command takes something in it', () => {
    const graph = graphOf(
      packOf('inv', { steps: [{ id: 's', outputs: ['dist/'] }] }),
      packOf('use', {
        needs: ['inv'],
        inputs: { artifacts: [{ from: 'inv', path: 'dist/', as: 'site' }] },
        tests: [{ files: ['site/index.html'] }, { files: ['site/**', '!site/**', 'task.yml'] }],
      }),
    )
    expect(commandOf(graph, 'use:tests/1').artifacts).toEqual([
      { from: 'inv', path: 'packs/inv/dist/', as: 'packs/use/site', producers: ['inv:steps/s'] },
    ])
    expect(commandOf(graph, 'use:tests/2').artifacts).toEqual([])
  })

  it('mount a required file that no command makes from the gate that has seen it', () => {
    const graph = graphOf(
      packOf('inv', { files: ['task.yml', 'spec.md'], required: ['spec.md'] }),
      packOf('use', { needs: ['inv'], inputs: { artifacts: [{ from: 'inv', path: 'spec.md', as: 'spec.md' }] } }),
    )
    expect(commandOf(graph, 'use:tests/1').artifacts[0]?.producers).toEqual(['inv:gate/artifacts'])
  })

  it('let a pack read the outputs of packs that it needs, directly or not, through a path from the root', () => {
    const graph = graphOf(
      packOf('a', { steps: [{ id: 'make', outputs: ['out/x.json'] }] }),
      packOf('b', { needs: ['a'] }),
      packOf('c', {
        needs: ['b'],
        inputs: { files: ['**', '/packs/a/out/*.json'] },
        tests: [{}, { files: ['task.yml'] }],
      }),
      packOf('d', { needs: ['b'], tests: [{ files: ['../a/out/x.json'] }] }),
    )
    expect(commandOf(graph, 'c:tests/1').providers).toEqual(['a:steps/make'])
    expect(commandOf(graph, 'c:tests/2').providers).toEqual([])
    expect(commandOf(graph, 'd:tests/1')).toMatchObject({ providers: ['a:steps/make'], sources: [] })
  })

  it('do not come from globs over a folder that has packs of its own inside', () => {
    const graph = graphOf(
      packOf('outer', { dir: '', inputs: { files: ['**'] } }),
      packOf('inner', { dir: 'inner', steps: [{ id: 's', outputs: ['out.txt'] }] }),
      packOf('reader', { dir: 'other', needs: ['inner'], inputs: { files: ['**'] } }),
    )
    expect(commandOf(graph, 'outer:tests/1').providers).toEqual([])
  })
})

describe('the gates', () => {
  it('are always there and look for what is required', () => {
    const graph = graphOf(
      packOf('p', {
        files: ['task.yml', 'spec.md'],
        tests: [{ outputs: ['artifacts/'] }],
        required: ['artifacts/report.json', 'spec.md'],
        optional: ['artifacts/*.png'],
      }),
      packOf('q'),
    )
    expect(gateOf(graph, 'p:gate/artifacts')).toMatchObject({
      gate: 'artifacts',
      phase: 'gate',
      required: ['packs/p/artifacts/report.json', 'packs/p/spec.md'],
      optional: ['packs/p/artifacts/*.png'],
      sources: ['packs/p/spec.md'],
      providers: ['p:tests/1'],
    })
    expect(gateOf(graph, 'q:gate/artifacts')).toMatchObject({ required: [], needs: ['q:tests/1'] })
  })

  it('look through the same files, and the one for credentials through the logs of all commands', () => {
    const graph = graphOf(
      packOf('p', {
        files: ['task.yml', 'spec.md'],
        steps: [{ id: 'make', outputs: ['artifacts/'] }, { id: 'quiet' }],
        lint: [{}],
        required: ['spec.md'],
        optional: ['artifacts/*.png'],
      }),
    )
    const { id, gate, logs, ...same } = gateOf(graph, 'p:gate/secrets')
    expect({ id, gate, logs }).toEqual({
      id: 'p:gate/secrets',
      gate: 'secrets',
      logs: ['p:steps/make', 'p:steps/quiet', 'p:lint/1', 'p:tests/1'],
    })
    expect({ ...same, id: 'p:gate/artifacts', gate: 'artifacts', logs: [] }).toEqual(gateOf(graph, 'p:gate/artifacts'))
  })
})
