import { expect, it } from 'vitest'
import { compileGraph } from '../../src/graph/compile.ts'
import type { CommandAction } from '../../src/model/graph.ts'
import type { AgentCommand, AgentPhase } from '../../src/model/agent.ts'
import { packOf, type CommandParts, type PackParts } from '../support/packs.ts'

function stepOf(
  by: AgentCommand,
  parts: PackParts & { readonly prompt?: string; readonly step?: CommandParts } = {},
): CommandAction {
  const { prompt = 'spec.md', step, ...rest } = parts
  const agent = { prompt, phase: 'plan' as AgentPhase, by }
  const pack = packOf('demo', {
    files: ['task.yml', 'spec.md', 'a.txt'],
    ...rest,
    steps: [{ id: 'fix', agent, ...step }],
  })
  const { graph, diagnostics } = compileGraph([pack])
  expect(diagnostics).toEqual([])
  const action = graph?.actions.find(({ id }) => id === 'demo:steps/fix')
  if (action?.kind !== 'command') throw new Error('no such step')
  return action
}

const BY = { command: ['codex', 'exec', '-'], tools: { codex: '*' } }

it('reads the prompt on its standard input', () => {
  expect(stepOf(BY)).toMatchObject({
    argv: ['sh', '-ec', 'exec "$@" <"$0"', 'spec.md', 'codex', 'exec', '-'],
    text: 'codex exec - <spec.md',
    agent: 'plan',
    tools: { codex: '*' },
  })
})

it('may be a line for a shell', () => {
  const { argv, text } = stepOf({ ...BY, command: 'codex exec "$MODE" -' })
  expect(argv.slice(3)).toEqual(['spec.md', 'sh', '-ec', 'codex exec "$MODE" -'])
  expect(text).toBe('codex exec "$MODE" - <spec.md')
})

it.each([
  ['/docs/the spec.md', 'packs/demo', '../../docs/the spec.md', 'docs/the spec.md'],
  ['-n.md', '', '-n.md', '-n.md'],
])('finds its prompt %s from the folder %o', (prompt, dir, given, source) => {
  const action = stepOf(BY, { prompt, dir })
  expect(action.argv[3]).toBe(given)
  expect(action.sources).toContain(source)
})

it('has its prompt among its inputs, where the pack or the step leaves it out, too', () => {
  const without = stepOf(BY, { files: ['task.yml', 'z.txt'] })
  expect(without.sources).toEqual(['packs/demo/spec.md', 'packs/demo/task.yml', 'packs/demo/z.txt'])
  const narrowed = stepOf(BY, { step: { files: ['a.txt'] } })
  expect(narrowed.sources).toEqual(['packs/demo/a.txt', 'packs/demo/spec.md'])
})

it('has its tools beside those of the pack, in the versions that it asks for', () => {
  const { tools } = stepOf(
    { ...BY, tools: { codex: '*', node: '>=22' } },
    { inputs: { tools: { node: '>=20', jq: '*' } } },
  )
  expect(tools).toEqual({ codex: '*', node: '>=22', jq: '*' })
})
