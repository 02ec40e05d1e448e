import { expect, it } from 'vitest'
import { NO_BREAKERS } from '../../src/model/breakers.ts'
import { defineConfig, parseConfig, type AgentConfig } from '../../src/packs/config.ts'
import { configJsonSchema, taskPackJsonSchema } from '../../src/packs/json-schema.ts'

const DEFAULT = ['task-packs/*', 'solutions/**']

it('has defaults', () => {
  expect(parseConfig({}, null)).toEqual({
    config: { packs: DEFAULT, agent: null, grants: [], breakers: NO_BREAKERS },
    diagnostics: [],
  })
})

it('takes what defineConfig gives, in normal form', () => {
  const config = defineConfig({ packs: ['./packs/*/', '!packs/old', '/more/**', '.'] })
  expect(parseConfig(config, 'codex.config.ts')).toEqual({
    config: { packs: ['packs/*', '!packs/old', 'more/**', ''], agent: null, grants: [], breakers: NO_BREAKERS },
    diagnostics: [],
  })
})

it('reads grants, each with all that it does not grant', () => {
  const config = defineConfig({
    policy: { grants: { a: { network: ['a.org:443'] }, b: { cloud: true, secrets: ['X'] } } },
  })
  expect(parseConfig(config, 'codex.config.ts').config.grants).toEqual([
    { pack: 'a', definition: null, network: ['a.org:443'], secrets: [], cloud: false },
    { pack: 'b', definition: null, network: [], secrets: ['X'], cloud: true },
  ])
})

it('reads breakers, each or both', () => {
  const read = (breakers: object) => parseConfig({ policy: { breakers } }, 'codex.config.ts').config.breakers
  expect(read({})).toEqual(NO_BREAKERS)
  expect(read({ failures: 3 })).toEqual({ failures: 3, timeMs: null })
  expect(read({ failures: 1, time: '30m' })).toEqual({ failures: 1, timeMs: 1_800_000 })
})

it('reads an agent', () => {
  const read = (agent: AgentConfig) => parseConfig(defineConfig({ agent }), 'codex.config.ts').config.agent
  expect(read({ command: 'codex exec -' })).toEqual({ command: 'codex exec -', tools: {} })
  const agent = { command: ['codex', 'exec', '-'], tools: { codex: '>=0.40' } }
  expect(read(agent)).toEqual(agent)
})

const breaker = (breakers: object): unknown => ({ policy: { breakers } })

it.each<[unknown, object]>([
  [breaker({ failures: 0 }), { code: 'invalid-value', facts: { key: 'policy.breakers.failures', found: '0' } }],
  [breaker({ failures: 1.5 }), { code: 'wrong-type', facts: { found: 'a number with a fraction' } }],
  [breaker({ failures: '3' }), { code: 'wrong-type', facts: { expected: 'a whole number', found: 'a string' } }],
  [breaker({ time: 30 }), { code: 'invalid-value', facts: { key: 'policy.breakers.time', suggestion: '30s' } }],
  [breaker({ time: '30 min' }), { code: 'invalid-value', facts: { suggestion: '30m' } }],
  [breaker({ time: '900h' }), { code: 'invalid-value', facts: { expected: 'at most 576h' } }],
  [breaker({ failure: 3 }), { code: 'unknown-key', facts: { parent: 'policy.breakers', suggestion: 'failures' } }],
  [{ policy: { breaker: {} } }, { code: 'unknown-key', facts: { parent: 'policy', suggestion: 'breakers' } }],
  [
    { pack: [] },
    {
      code: 'unknown-key',
      facts: { key: 'pack', parent: 'codex.config.ts', suggestion: 'packs', known: ['packs', 'agent', 'policy'] },
    },
  ],
  [{ agent: {} }, { code: 'missing-key', facts: { key: 'command', parent: 'agent' } }],
  [{ agent: { command: ' ' } }, { code: 'invalid-value', facts: { key: 'agent.command' } }],
  [{ agent: { command: [] } }, { code: 'invalid-value', facts: { expected: 'a program and its arguments' } }],
  [{ agent: { command: 7 } }, { code: 'wrong-type', facts: { expected: 'a string for sh -ec, or a list of strings' } }],
  [{ agent: { command: 'x', tool: {} } }, { code: 'unknown-key', facts: { parent: 'agent', suggestion: 'tools' } }],
  [
    { agent: { command: 'x', tools: { codex: 'new' } } },
    { code: 'invalid-value', facts: { key: 'agent.tools.codex' } },
  ],
  [{ packs: 'a' }, { code: 'wrong-type', facts: { key: 'packs', expected: 'a list', found: 'a string' } }],
  [{ packs: [1] }, { code: 'wrong-type', facts: { key: 'packs[0]', expected: 'a string', found: 'a number' } }],
  [{ packs: [''] }, { code: 'invalid-value' }],
  [{ packs: ['../x'] }, { code: 'path-leaves-workspace' }],
  [{ packs: ['a\\b'] }, { code: 'invalid-value', facts: { key: 'packs[0]', suggestion: 'a/b' } }],
  [null, { code: 'wrong-type' }],
  [undefined, { code: 'wrong-type' }],
])('refuses %j', (raw, expected) => {
  const { config, diagnostics } = parseConfig(raw, 'codex.config.ts')
  expect(config.packs).toEqual(DEFAULT)
  expect(diagnostics).toHaveLength(1)
  expect(diagnostics[0]).toMatchObject({
    ...expected,
    location: { file: 'codex.config.ts', start: { line: 1, column: 1 } },
  })
})

it.each([taskPackJsonSchema(), configJsonSchema()])('%# has a JSON Schema that describes every key', (schema) => {
  const undescribed: string[] = []
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    const { properties } = value as { properties?: Record<string, { description?: string }> }
    for (const [key, property] of Object.entries(properties ?? {})) {
      if (property.description === undefined) undescribed.push(`${path}/${key}`)
    }
    for (const [key, inner] of Object.entries(value)) visit(inner, `${path}/${key}`)
  }
  visit(schema, '')
  expect(undescribed).toEqual([])
  expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', additionalProperties: false })
})

it('asks editors for the required keys', () => {
  expect(taskPackJsonSchema()).toMatchObject({ required: ['version', 'id', 'title', 'pillar', 'risk', 'acceptance'] })
})
