import { expect, it } from 'vitest'
import { configJsonSchema, defineConfig, parseConfig } from '../../src/packs/config.ts'
import { taskPackJsonSchema } from '../../src/packs/json-schema.ts'

const DEFAULT = ['task-packs/*', 'solutions/**']

it('has defaults', () => {
  expect(parseConfig({}, null)).toEqual({ config: { packs: DEFAULT, grants: [] }, diagnostics: [] })
})

it('takes what defineConfig gives, in normal form', () => {
  const config = defineConfig({ packs: ['./packs/*/', '!packs/old', '/more/**', '.'] })
  expect(parseConfig(config, 'codex.config.ts')).toEqual({
    config: { packs: ['packs/*', '!packs/old', 'more/**', ''], grants: [] },
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

it.each<[unknown, object]>([
  [
    { pack: [] },
    { code: 'unknown-key', facts: { key: 'pack', parent: '', suggestion: 'packs', known: ['packs', 'policy'] } },
  ],
  [{ packs: 'a' }, { code: 'wrong-type', facts: { key: 'packs', expected: 'a list', found: 'a string' } }],
  [{ packs: [1] }, { code: 'not-a-string' }],
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
