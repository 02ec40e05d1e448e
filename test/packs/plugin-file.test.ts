// What stands beside the module of a plugin: read without a look at the module itself.
import { describe, expect, it } from 'vitest'
import { loadPacks } from '../../src/packs/load.ts'
import type { Workspace } from '../../src/model/ports.ts'
import { memoryWorkspace, type MemoryNode } from '../support/memory-workspace.ts'
import { task } from '../support/tasks.ts'

const DIR = 'packs/p'
/** What it is then is told of the plugin alone, not of an input as well. */
const NARROW = { inputs: { files: ['task.yml'] } }

const FILE = { name: 'x', version: '1.0.0' }

function load(files: Record<string, MemoryNode>, fields: Record<string, unknown> = {}, reads: string[] = []) {
  const all: [string, MemoryNode][] = Object.entries(files).map(([path, node]) => [`${DIR}/${path}`, node])
  const disk = memoryWorkspace({
    [`${DIR}/task.yml`]: task('p', { plugin: './plugin.mjs', ...fields }),
    ...Object.fromEntries(all),
  })
  const workspace: Workspace = {
    ...disk,
    readFile: (path) => {
      reads.push(path)
      return disk.readFile(path)
    },
  }
  const loaded = loadPacks(workspace, { packs: ['packs/*'] })
  const problems = loaded.diagnostics.map(({ code, location, facts }) => ({
    code,
    at: `${location?.file}:${location?.start.line}:${location?.start.column}`,
    ...facts,
  }))
  return { ...loaded, problems, pack: loaded.packs[0] }
}

function described(file: object): ReturnType<typeof load> {
  return load({ 'plugin.mjs': '', 'plugin.json': JSON.stringify(file, null, 2) })
}

describe('a plugin', () => {
  it('is what the file beside its module says', () => {
    const capabilities = { network: ['example.org:443'], secrets: ['TOKEN'], cloud: true }
    const { pack, problems, sources } = described({ ...FILE, capabilities, artifacts: ['artifacts/a.json'] })
    expect(problems).toEqual([])
    expect(pack?.plugin).toMatchObject({
      ...FILE,
      ...{ capabilities, artifacts: ['artifacts/a.json'], module: 'packs/p/plugin.mjs' },
    })
    expect(pack?.plugin?.locate('/capabilities/network/0').start).toEqual({ line: 6, column: 7 })
    expect(sources.has('packs/p/plugin.json')).toBe(true)
  })

  it('uses nothing and makes nothing unless it says so', () => {
    expect(described(FILE).pack?.plugin).toMatchObject({
      ...{ capabilities: { network: [], secrets: [], cloud: false }, artifacts: [] },
    })
  })

  it('is found without its module being read', () => {
    const reads: string[] = []
    const unreadable = { error: 'EACCES', kind: 'file' } as const
    const { pack, problems } = load({ 'plugin.mjs': unreadable, 'plugin.json': JSON.stringify(FILE) }, {}, reads)
    expect([problems, pack?.plugin?.name]).toEqual([[], 'x'])
    expect(reads).toContain('packs/p/plugin.json')
    expect(reads).not.toContain('packs/p/plugin.mjs')
  })

  it('makes nothing that would be a source of its pack', () => {
    const { pack } = load({
      ...{ 'plugin.mjs': '', 'plugin_result.json': '{}', 'a.json': '{}', 'b.json': '{}' },
      'plugin.json': JSON.stringify({ ...FILE, artifacts: ['a.json'] }),
    })
    const files = ['b.json', 'plugin.json', 'plugin.mjs', 'task.yml'].map((path) => `${DIR}/${path}`)
    expect(pack?.files).toEqual(files)
  })
})

describe('what is wrong with it is told at its place', () => {
  it('where there is no such file', () => {
    expect(load({ 'plugin.mjs': '' }).problems).toEqual([
      { code: 'plugin-undescribed', at: 'packs/p/task.yml:9:9', module: 'plugin.mjs', path: 'plugin.json' },
    ])
    expect(load({ 'plugin.mjs': '', 'plugin.json': { kind: 'other' } }, NARROW).problems).toMatchObject([
      { code: 'plugin-undescribed' },
    ])
  })

  it('where the module is none, and where it is not there', () => {
    expect(load({ 'plugin.sh': '' }, { plugin: './plugin.sh' }).problems).toMatchObject([
      { code: 'invalid-value', at: 'packs/p/task.yml:9:9', key: 'plugin' },
    ])
    expect(load({ 'plugin.json': JSON.stringify(FILE) }).problems).toMatchObject([{ code: 'missing-file' }])
    expect(load({ 'plugin.mjs': { kind: 'other' }, 'plugin.json': '{}' }, NARROW).problems).toMatchObject([
      { code: 'unsupported-file' },
    ])
    expect(load({ 'plugin.mjs': { link: '../../../out.mjs' }, 'plugin.json': '{}' }, NARROW).problems).toMatchObject([
      { code: 'path-leaves-workspace' },
    ])
  })

  it.each<readonly [string, object, object]>([
    ['no version', { name: 'x' }, { code: 'missing-key', key: 'version' }],
    ['an unknown key', { ...FILE, capabilties: {} }, { code: 'unknown-key', suggestion: 'capabilities' }],
    ['a host without a port', { ...FILE, capabilities: { network: ['a.example'] } }, { code: 'invalid-value' }],
    ['all of the network', { ...FILE, capabilities: { network: true } }, { code: 'wrong-type' }],
    ['an artifact outside', { ...FILE, artifacts: ['../a.json'] }, { code: 'invalid-value' }],
    ['an artifact at the root', { ...FILE, artifacts: ['/a.json'] }, { code: 'invalid-value' }],
    ['a glob', { ...FILE, artifacts: ['artifacts/*'] }, { code: 'invalid-value' }],
    ['a folder', { ...FILE, artifacts: ['artifacts/'] }, { code: 'invalid-value' }],
    ['what codex keeps', { ...FILE, artifacts: ['.codex/plugin/runner.mjs'] }, { code: 'invalid-value' }],
    ['its own result', { ...FILE, artifacts: ['plugin_result.json'] }, { code: 'invalid-value' }],
    ['an artifact twice', { ...FILE, artifacts: ['a', 'a'] }, { code: 'invalid-value' }],
  ])('where it has %s', (_, file, problem) => {
    const { problems, pack } = described(file)
    expect(problems).toMatchObject([{ ...problem, at: expect.stringMatching(/^packs\/p\/plugin\.json:/) }])
    expect(pack?.plugin).toBeUndefined()
  })

  it.each([
    ['no JSON at all', '{'],
    ['YAML that is no JSON', 'name: x\nversion: "1"\n'],
    ['a list', '[]'],
    ['a key twice', '{ "name": "x", "name": "y", "version": "1" }'],
  ])('where it is %s', (_, text) => {
    const { diagnostics } = load({ 'plugin.mjs': '', 'plugin.json': text })
    expect(diagnostics.length).toBeGreaterThan(0)
    for (const { location, related } of diagnostics) {
      expect(location?.file).toBe('packs/p/plugin.json')
      // Whoever asks for the pack alone is told as well.
      expect(related.map((other) => other.location.file)).toContain('packs/p/task.yml')
    }
  })
})
