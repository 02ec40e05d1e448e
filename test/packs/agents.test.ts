import { expect, it } from 'vitest'
import { affectedPacks } from '../../src/packs/affected.ts'
import { loadPacks, recallPacks } from '../../src/packs/load.ts'
import { PackMemory } from '../../src/packs/memory.ts'
import { memoryWorkspace } from '../support/memory-workspace.ts'
import { brief, task } from './task-text.ts'

const STEP = 'steps: [{ id: fix, uses: agent, prompt: spec.md, phase: plan }, { id: make, run: node make.mjs }]'
const FILES = { 'task-packs/demo/task.yml': task('demo', STEP), 'task-packs/demo/spec.md': 'Fix it.' }
const CONFIG = { packs: ['task-packs/*'] }
const AGENT = { command: ['codex', 'exec', '-'], tools: { codex: '*' } }

it('is the one of the configuration, in steps that ask for it alone', () => {
  const { packs, diagnostics } = loadPacks(memoryWorkspace(FILES), { ...CONFIG, agent: AGENT })
  expect(diagnostics).toEqual([])
  const [fix, make] = packs[0]?.definition.steps ?? []
  expect(fix?.agent).toEqual({ prompt: 'spec.md', phase: 'plan', by: AGENT })
  expect(make).not.toHaveProperty('agent')
})

it('implements, unless the step says otherwise', () => {
  const files = {
    ...FILES,
    'task-packs/demo/task.yml': task('demo', 'steps: [{ id: a, uses: agent, prompt: spec.md }]'),
  }
  const { packs } = loadPacks(memoryWorkspace(files), { ...CONFIG, agent: AGENT })
  expect(packs[0]?.definition.steps[0]?.agent?.phase).toBe('implement')
})

it.each([
  ['no agent in the configuration', FILES, null, ['7:26 agent-unset']],
  [
    'no prompt',
    { 'task-packs/demo/task.yml': task('demo', STEP), 'task-packs/demo/spce.md': '' },
    AGENT,
    ['7:41 missing-file'],
  ],
])('complains of %s', (_, files, agent, expected) => {
  const { diagnostics } = loadPacks(memoryWorkspace(files), { ...CONFIG, agent })
  expect(diagnostics.map(brief)).toEqual(expected)
})

it('is asked again when the configuration names another, and is the same pack as long as it does not', () => {
  const memory = new PackMemory(memoryWorkspace(FILES))
  const load = (agent: typeof AGENT | null) => recallPacks(memory, { ...CONFIG, agent })
  const first = load(AGENT).packs[0]
  expect(load({ ...AGENT }).packs[0]).toBe(first)
  expect(load(null).diagnostics).toHaveLength(1)
  const other = load({ ...AGENT, command: ['other'] })
  expect(other.diagnostics).toEqual([])
  expect(other.packs[0]?.definition.steps[0]?.agent?.by?.command).toEqual(['other'])
})

it('makes a pack depend on its prompt, wherever that lies', () => {
  const files = {
    'docs/spec.md': 'Fix it.',
    'task-packs/demo/task.yml': task('demo', 'steps: [{ id: fix, uses: agent, prompt: /docs/spec.md }]'),
    'task-packs/other/task.yml': task('other'),
  }
  const workspace = memoryWorkspace(files)
  const { packs } = loadPacks(workspace, { ...CONFIG, agent: AGENT })
  const changes = { paths: [{ path: 'docs/spec.md', kind: 'changed' as const }], isKept: () => true }
  expect([...affectedPacks(packs, changes, workspace)]).toEqual(['demo'])
})
