import fc from 'fast-check'
import type { Value } from '../support/json-schema.ts'

const some = <T extends Value>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const few = (...values: readonly string[]): fc.Arbitrary<Value[]> => fc.subarray([...values])
const id = some('a', 'a-b', 'x1', 'a'.repeat(64))
const path = some('data/a.json', '/b/c.txt', '../d', 'src/**', 'é')
const variables = fc.dictionary(some('A', '_b', 'C3'), some('', '1', 'x y'), { maxKeys: 2 })
const time = some('5m', '30s', '1500ms', '576h')
const bytes = some('1GiB', '512KiB', '4096B', '999TB')
const number = some(1, 2, 5)
const optional = (record: Record<string, fc.Arbitrary<Value>>): fc.Arbitrary<Value> =>
  fc.record(record, { requiredKeys: [] }).map((value) => value as Value)

const limits = { timeout: time, memory: bytes, processes: number, log: bytes, output: bytes }
const retries = optional({ attempts: number, repeat_error_limit: number })
const command = {
  run: some<Value>('test -s x', ['test', '-s', 'x'], ''),
  inputs: optional({ files: few('x', 'src/**', 'é') }),
  outputs: few('out/', 'out2/*.json', 'r.txt'),
  env: variables,
  limits: optional(limits),
  retries,
}
const needs = few('a', 'x1')
const { run: _, ...asked } = {
  ...command,
  needs,
  uses: some('agent'),
  prompt: path,
  phase: some('plan', 'implement', 'verify'),
}
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ id, ...command, needs }, { requiredKeys: ['id', 'run'] }) },
  { weight: 1, arbitrary: fc.record({ id, ...asked }, { requiredKeys: ['id', 'uses', 'prompt'] }) },
)
const check = fc.record(
  { id, ...command, control: fc.record({ replace: fc.dictionary(path, path, { maxKeys: 2 }) }) },
  { requiredKeys: ['run'] },
)
const checks = fc.array(check, { maxLength: 2 })

/** A task.yml of the right shape, as a value. */
export const taskDocument: fc.Arbitrary<Value> = fc.record(
  {
    version: some(1),
    id,
    title: some('Title', ' x '),
    description: some('two\nlines'),
    owner: some('me'),
    tags: few('a', 'b c'),
    links: few('https://example.org'),
    pillar: some('security', 'web', 'game', 'platform'),
    domain: some('d'),
    risk: some('low', 'medium', 'high'),
    skills: few('s'),
    docs: optional({ spec: path, risk: path, runbook: path }),
    needs: few('other', 'x1'),
    inputs: optional({
      files: few('**', '/x/**', 'a.txt'),
      artifacts: fc.array(fc.record({ from: id, path: some('a/b'), as: path }), { maxLength: 2 }),
      env: few('P1', 'P2'),
      tools: fc.dictionary(some('node', 'python3', 'g++'), some('>=20', '*', '1.x || >=2.5.0 <4'), { maxKeys: 2 }),
      mounts: fc.array(fc.record({ path, identity: path }), { maxLength: 1 }),
    }),
    env: variables,
    constraints: optional({
      network: some<Value>(false, [], ['example.org:443', '[::1]:80', 'localhost:65535']),
      cloud_mutations: fc.boolean(),
      secrets: few('S1', 'S2'),
      scope: few('/src/**', '!/src/x'),
      limits: optional({ ...limits, changed_files: some(0, 5), changed_lines: some(0, 7) }),
      retries,
    }),
    steps: fc.array(step, { maxLength: 2 }),
    acceptance: optional({ format: checks, lint: checks, tests: checks }),
    artifacts: optional({ required: few('r.txt'), optional: few('o/*.png') }),
    plugin: path,
  },
  { requiredKeys: ['version', 'id', 'title', 'pillar', 'risk', 'acceptance'] },
)

/** What a codex.config.ts of the right shape exports. */
export const configDocument: fc.Arbitrary<Value> = optional({
  packs: few('packs/*', '!packs/x', '.'),
  agent: fc.record(
    {
      command: some<Value>('codex exec -', ['codex', 'exec', '-'], ['x']),
      tools: fc.dictionary(some('node', 'codex'), some('>=20', '*'), { maxKeys: 2 }),
    },
    { requiredKeys: ['command'] },
  ),
  policy: optional({
    grants: fc.dictionary(
      id,
      optional({
        network: few('example.org:443'),
        secrets: few('TOKEN'),
        cloud: fc.boolean(),
        definition: some('0'.repeat(64)),
      }),
      { maxKeys: 2 },
    ),
    breakers: optional({ failures: number, time }),
  }),
})
