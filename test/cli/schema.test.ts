// What runs leave behind is what the schemas say, and the schemas say what codex reads.
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { eventJsonSchema, manifestJsonSchema, recordJsonSchema } from '../../src/evidence/json-schema.ts'
import { parseManifest, parseRecord } from '../../src/evidence/parse-documents.ts'
import { journalLine } from '../../src/evidence/journal.ts'
import type { JournalEvent } from '../../src/model/event.ts'
import { codex, jsonLinesOf, LATEST, placeFor, read, type Files } from '../support/cli.ts'
import { AWS } from '../support/credentials.ts'
import { DOCUMENTS, mutated, validatorOf, type Value } from '../support/json-schema.ts'
import { pack, test } from '../support/tasks.ts'

const CONTROLLED = { acceptance: { tests: [{ run: 'grep x a', control: { replace: { a: 'b' } } }] } }
const STEPS = {
  steps: [{ id: 'make', run: 'echo x >o', outputs: ['o'] }],
  artifacts: { required: ['o'] },
}
const MIXED: Files = {
  ...pack('passes', { ...STEPS, ...CONTROLLED, domain: 'd' }, { a: 'x\n', b: 'y\n' }),
  ...pack('fails', { ...test('echo no; exit 3'), constraints: { retries: { attempts: 3 } } }),
  ...pack('follows', { needs: ['fails'] }),
  ...pack('writes', test('echo x >undeclared')),
  ...pack('slow', test('sleep 60', { limits: { timeout: '1ms' } })),
  ...pack('shows', test(`echo '${AWS.text}'`)),
}
const CLOCK = pack('a', { steps: [{ id: 'make', run: 'date +%N >o', outputs: ['o'] }], ...test('test -s o') })
const changing = (id: string, run: string, limits = {}): Files =>
  pack(id, {
    ...test('test -s ../../docs/a'),
    constraints: { scope: ['/docs/**'], limits },
    steps: [{ id: 'edit', run: `cd ../../docs && ${run}` }],
  })
const CHANGES: Files = {
  ...changing('kept', 'echo x >a && rm b && printf "a\\0b" >c'),
  ...changing('many', 'seq 9 >a', { changed_lines: 3 }),
  ...changing('beside', 'echo x >a && echo x >../stray'),
  'docs/a': 'a\n',
  'docs/b': 'b\n',
}

interface Kept {
  readonly manifests: Value[]
  readonly records: Value[]
  /** Of the journals. */
  readonly events: Value[]
  /** Of `--jsonl`. */
  readonly printed: Value[]
}

const kept: Kept = { manifests: [], records: [], events: [], printed: [] }

async function keep(files: Files, flags: readonly string[], exitCode: number): Promise<void> {
  const place = placeFor(files)
  const { stdout } = await codex(place, { args: ['run', '--sandbox=none', '--jsonl', ...flags], exitCode })
  kept.manifests.push(JSON.parse(read(place, `${LATEST}/manifest.json`)) as Value)
  kept.records.push(JSON.parse(read(place, `${LATEST}/run.json`)) as Value)
  kept.events.push(...(jsonLinesOf(read(place, `${LATEST}/events.jsonl`)) as unknown as Value[]))
  if (stdout !== '') kept.printed.push(...(jsonLinesOf(stdout) as unknown as Value[]))
}

beforeAll(async () => {
  const config = `export default { policy: { breakers: { failures: 1 } } }\n`
  await keep(MIXED, ['--shuffle=s'], 4)
  await keep(MIXED, ['--fail-fast', '-j1'], 4)
  await keep({ ...MIXED, 'codex.config.mjs': config }, ['-j1'], 4)
  await keep(CLOCK, ['--check'], 5)
  await keep(pack('a', { constraints: { network: ['localhost:1'] } }), ['--allow', 'secret=X'], 3)
  await keep(pack('a', { pillar: 'none' }), [], 2)
  await keep(CHANGES, ['kept'], 0)
  await keep(CHANGES, ['many'], 4)
  await keep(CHANGES, ['beside'], 1)
  // Nothing is reused without a sandbox, which is told as a warning.
  await keep(pack('a', STEPS, {}), ['--cache'], 0)
})

describe.each([
  ['manifest', manifestJsonSchema(), () => kept.manifests],
  ['run', recordJsonSchema(), () => kept.records],
  ['event', eventJsonSchema(), () => [...kept.events, ...kept.printed]],
] as const)('the schema %s', (_, schema, documents) => {
  const validate = validatorOf(schema)

  it('takes what runs leave', () => {
    expect(documents().length).toBeGreaterThan(5)
    for (const document of documents()) {
      expect(validate(document), JSON.stringify([validate.errors, document], null, 1).slice(0, 5000)).toBe(true)
    }
  })

  it('describes every member', () => {
    const undescribed = new Set<string>()
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      const { properties = {} } = value as { properties?: Record<string, { description?: string }> }
      for (const [name, { description }] of Object.entries(properties)) if (!description) undescribed.add(name)
      for (const inner of Object.values(value)) visit(inner)
    }
    visit(schema)
    expect([...undescribed]).toEqual([])
  })
})

describe.each([
  ['manifest', manifestJsonSchema(), () => kept.manifests, parseManifest],
  ['run', recordJsonSchema(), () => kept.records, parseRecord],
] as const)('of what was changed in a %s', (_, schema, documents, parse) => {
  it('the schema takes what codex reads, and nothing else', () => {
    const validate = validatorOf(schema)
    const seen = { true: 0, false: 0 }
    fc.assert(
      fc.property(mutated(fc.constantFrom(...documents())), (document) => {
        const parsed = parse(Buffer.from(JSON.stringify(document)))
        seen[`${parsed.ok}`] += 1
        expect(validate(document), JSON.stringify([parsed, validate.errors])).toBe(parsed.ok)
      }),
      { numRuns: DOCUMENTS },
    )
    expect(Math.min(seen.true, seen.false)).toBeGreaterThan(DOCUMENTS / 20)
  })
})

it('events of every type are known', () => {
  const validate = validatorOf(eventJsonSchema())
  const tool = { name: 'codex-orchestrator', version: '1.2.3' }
  const rare: readonly JournalEvent[] = [
    { type: 'run-interrupted', at: 1, signal: 'SIGINT' },
    { type: 'run-crashed', at: 1, run: 'r', tool, error: 'words' },
    { type: 'run-repaired', at: 1, run: 'r', tool, torn: 'eyJhIjo=' },
    { type: 'run-repaired', at: 1, run: 'r', tool, torn: null },
  ]
  for (const event of rare) expect(validate(JSON.parse(journalLine(event))), event.type).toBe(true)
  const types = [...kept.events, ...rare].map((event) => Reflect.get(event as object, 'type') as JournalEvent['type'])
  const known: Readonly<Record<JournalEvent['type'], true>> = {
    'run-started': true,
    'rehearsal-started': true,
    'action-rehearsed': true,
    'action-differed': true,
    'action-started': true,
    'attempt-finished': true,
    'action-finished': true,
    warning: true,
    'run-interrupted': true,
    'run-refused': true,
    'run-finished': true,
    'run-crashed': true,
    'run-repaired': true,
  }
  expect(new Set(types)).toEqual(new Set(Object.keys(known)))
  for (const wrong of [{ type: 'other', at: 1 }, { type: 'run-interrupted', at: 1 }, { at: 1 }, null]) {
    expect(validate(wrong)).toBe(false)
  }
})
