// Where the run of a plugin stands in the graph, and what it can't be.
import { describe, expect, it } from 'vitest'
import { compileGraph } from '../../src/graph/compile.ts'
import type { GateAction, Graph } from '../../src/model/graph.ts'
import type { ResolvedPack } from '../../src/model/pack.ts'
import type { PluginFile, PluginMode } from '../../src/model/plugin.ts'
import { locationOf, sourceText } from '../../src/model/source.ts'
import { packOf, type PackParts } from '../support/packs.ts'

const NONE = { network: [], secrets: [], cloud: false }

function withPlugin(id: string, file: Partial<PluginFile> = {}, parts: PackParts = {}): ResolvedPack {
  const pack = packOf(id, parts)
  const source = sourceText(`${pack.dir}/plugin.json`, '{}')
  const plugin = {
    ...{ name: 'x', version: '1', capabilities: NONE, artifacts: [], ...file },
    ...{ module: `${pack.dir}/plugin.mjs`, source, locate: () => locationOf(source, { start: 0, end: 1 }) },
  }
  return { ...pack, plugin, definition: { ...pack.definition, plugin: 'plugin.mjs' } }
}

function graphOf(packs: readonly ResolvedPack[], plugins: PluginMode = 'enabled'): Graph {
  const { graph, diagnostics } = compileGraph(packs, { plugins })
  if (!graph) throw new Error(JSON.stringify(diagnostics))
  return graph
}

function codesOf(packs: readonly ResolvedPack[], plugins: PluginMode = 'enabled'): readonly string[] {
  return compileGraph(packs, { plugins }).diagnostics.map(({ code }) => code)
}

const WORK: PackParts = {
  files: ['task.yml', 'plugin.mjs'],
  steps: [{ outputs: ['build/out'] }],
  lint: [{}],
  tests: [{ outputs: ['report.json'], control: { 'task.yml': 'plugin.mjs' } }],
}

describe('a plugin that is enabled', () => {
  const graph = graphOf([withPlugin('p', { artifacts: ['a/b.json'] }, WORK)])
  const run = graph.actions.find(({ id }) => id === 'p:plugin/run')

  it('runs behind acceptance and before the gates', () => {
    expect(run).toMatchObject({ phase: 'plugin', needs: ['p:tests/1'] })
    const gates = graph.actions.filter(({ phase }) => phase === 'gate')
    expect(gates.map(({ needs }) => needs)).toEqual(gates.map(() => ['p:controls/tests-1', 'p:plugin/run']))
  })

  it('sees what all commands make, and is seen by none', () => {
    expect(run?.providers).toEqual(['p:steps/1', 'p:tests/1'])
    const others = graph.actions.filter(({ kind, id }) => kind === 'command' && id !== 'p:plugin/run')
    for (const action of others) expect([...action.providers, ...action.needs]).not.toContain('p:plugin/run')
  })

  it('is a command with a result and its artifacts', () => {
    expect(run).toMatchObject({
      kind: 'command',
      argv: ['node', '../../.codex/plugin/runner.mjs', 'plugin.mjs', 'x', '1', 'a/b.json'],
      cwd: 'packs/p',
      tools: { node: '>=20.19' },
      outputs: ['packs/p/plugin_result.json', 'packs/p/a/b.json'],
      plugin: { module: 'packs/p/plugin.mjs', result: 'packs/p/plugin_result.json', strict: false },
    })
  })

  it('adds to the gates, as what is kept and looked through, and as nothing that is required', () => {
    const added = ['packs/p/plugin_result.json', 'packs/p/a/b.json']
    for (const gate of ['p:gate/artifacts', 'p:gate/secrets']) {
      const action = graph.actions.find(({ id }) => id === gate) as GateAction
      expect(action).toMatchObject({ added, required: [], optional: [] })
      expect(action.providers).toContain('p:plugin/run')
    }
    expect(graph.actions.find(({ id }) => id === 'p:gate/secrets')).toMatchObject({
      logs: ['p:steps/1', 'p:lint/1', 'p:controls/tests-1', 'p:tests/1', 'p:plugin/run'],
    })
    expect(graph.actions.find(({ id }) => id === 'p:gate/controls')).not.toHaveProperty('added')
  })

  it('gets of what its pack asks for what it says that it uses', () => {
    const network = ['a.example:443', 'b.example:443']
    const constraints = { network, secrets: ['A', 'B'], cloudMutations: true }
    const capabilities = { network: ['b.example:443'], secrets: ['A'], cloud: false }
    const some = graphOf([withPlugin('p', { capabilities }, { constraints })])
    expect(some.actions.find(({ id }) => id === 'p:plugin/run')).toMatchObject({ capabilities })
    expect(some.actions.find(({ id }) => id === 'p:tests/1')).toMatchObject({
      capabilities: { network, secrets: ['A', 'B'], cloud: true },
    })
  })

  it('has the tools of its pack, node in the version that the pack asks for', () => {
    const tools = { jq: '*', node: '>=22' }
    const some = graphOf([withPlugin('p', {}, { inputs: { tools } })])
    expect(some.actions.find(({ id }) => id === 'p:plugin/run')).toMatchObject({ tools })
  })

  it('sees its own module, whatever the inputs leave out', () => {
    const some = graphOf([withPlugin('p', {}, { files: ['data/x'], inputs: { files: ['data/**'] } })])
    const sources = (id: string): unknown => some.actions.find((action) => action.id === id)?.sources
    expect(sources('p:plugin/run')).toEqual(['packs/p/data/x', 'packs/p/plugin.mjs'])
    expect(sources('p:tests/1')).toEqual(['packs/p/data/x'])
  })

  it('is strict where that is asked for, and otherwise the same', () => {
    const packs = [withPlugin('p', {}, WORK)]
    const [one, other] = (['enabled', 'strict'] as const).map((mode) => JSON.stringify(graphOf(packs, mode).actions))
    expect(other).toContain('"strict":true')
    expect(other?.replace('"strict":true', '"strict":false')).toBe(one)
  })
})

describe('a plugin that is disabled', () => {
  it('is no action, and changes none', () => {
    const [pack, bare] = [withPlugin('p', { artifacts: ['a.json'] }, WORK), packOf('p', WORK)]
    expect(graphOf([pack], 'disabled').actions).toEqual(graphOf([bare]).actions)
  })

  it('has made nothing that another pack could take', () => {
    const artifacts = [{ from: 'p', path: 'a.json', as: 'data/a.json' }]
    const packs = [withPlugin('p', { artifacts: ['a.json'] }), packOf('q', { needs: ['p'], inputs: { artifacts } })]
    expect(codesOf(packs, 'disabled')).toEqual(['artifact-not-produced'])
    expect(codesOf(packs)).toEqual([])
  })
})

describe('what a plugin makes', () => {
  it.each([
    ['what a step makes', { steps: [{ outputs: ['a/b.json'] }] }],
    ['what is in a folder that a step makes', { steps: [{ outputs: ['a/'] }] }],
    ['what a test may make', { tests: [{ outputs: ['a/*.json'] }] }],
    ['its own result', { steps: [{ outputs: ['plugin_result.json'] }] }],
  ])('can not be %s', (_, parts) => {
    expect(codesOf([withPlugin('p', { artifacts: ['a/b.json'] }, parts)])).toEqual(['output-collision'])
    expect(codesOf([withPlugin('p', { artifacts: ['a/b.json'] }, parts)], 'disabled')).toEqual([])
  })

  it('can not be what another pack makes', () => {
    const other = packOf('q', { steps: [{ outputs: ['/packs/p/a.json'] }] })
    expect(codesOf([withPlugin('p', { artifacts: ['a.json'] }), other])).toContain('output-collision')
  })

  it.each(['enabled', 'disabled'] as const)('is nothing that a pack could require: %s', (mode) => {
    const pack = withPlugin('p', { artifacts: ['a.json'] }, { required: ['a.json'] })
    expect(codesOf([pack], mode)).toEqual(['required-not-produced'])
  })

  it('is nothing that acceptance could look at', () => {
    const pack = withPlugin('p', { artifacts: ['a.json'] }, { tests: [{ files: ['task.yml', 'a.json'] }] })
    expect(codesOf([pack])).toEqual(['glob-matches-nothing'])
  })
})
