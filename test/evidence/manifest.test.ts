import { describe, expect, it } from 'vitest'
import {
  buildManifest,
  manifestBytes,
  manifestOutcome,
  planOf,
  refusalsOf,
  refusedManifest,
  startedManifest,
  type ManifestInput,
} from '../../src/evidence/manifest.ts'
import { diagnostic } from '../../src/model/diagnostic.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { ActionOutcome } from '../../src/model/outcome.ts'
import type { Pack } from '../../src/model/pack.ts'
import { treeOf } from '../../src/model/tree.ts'
import { commandAction, entry, gateAction, outcome } from '../support/actions.ts'
import { packOf } from '../support/packs.ts'
import { UNFILTERED } from '../support/guarantees.ts'

const tool = { name: 'codex-orchestrator', version: '1.2.3' }
const pack = packOf('p', { needs: ['z', 'a'] })
const actions = [
  commandAction('p:tests/1', { argv: ['node', 'check.mjs'], outputs: ['packs/p/out'] }),
  gateAction('p', { needs: ['p:tests/1'], required: ['packs/p/out'] }),
]
const inputs = treeOf([entry('packs/p/in')])
const outputs = treeOf([entry('packs/p/out')])

const OUTCOMES = [outcome('p:tests/1', { inputs, outputs }), outcome('p:gate/artifacts', { inputs: outputs, outputs })]

interface Given {
  readonly packs?: readonly Pack[]
  readonly outcomes?: readonly ActionOutcome[]
  readonly partial?: boolean
  readonly interrupted?: boolean
}

function input({
  packs = [pack],
  outcomes = OUTCOMES,
  partial = false,
  interrupted = false,
}: Given = {}): ManifestInput {
  const plan = planOf(packs, actions)
  return { tool, guarantees: UNFILTERED, plan, outcomes: outcomes.map(manifestOutcome), partial, interrupted }
}

describe('the manifest of a run', () => {
  it('holds what was run, on what, and what came of it', () => {
    expect(buildManifest(input())).toEqual({
      manifestVersion: 1,
      tool,
      verdict: 'passed',
      guarantees: UNFILTERED,
      packs: [
        {
          id: 'p',
          definition: pack.digest,
          needs: ['a', 'z'],
          grants: [],
          verdict: 'passed',
          artifacts: [{ path: 'packs/p/out', digest: sha256('packs/p/out'), executable: false, size: 11 }],
        },
      ],
      actions: [
        {
          id: 'p:tests/1',
          pack: 'p',
          phase: 'tests',
          command: ['node', 'check.mjs'],
          key: sha256('p:tests/1'),
          inputs: inputs.digest,
          needs: [],
          status: 'passed',
          reason: null,
          exitCode: 0,
          outputs: outputs.entries,
        },
        {
          id: 'p:gate/artifacts',
          pack: 'p',
          phase: 'gate',
          command: null,
          key: sha256('p:gate/artifacts'),
          inputs: outputs.digest,
          needs: ['p:tests/1'],
          status: 'passed',
          reason: null,
          exitCode: null,
          outputs: outputs.entries,
        },
      ],
    })
  })

  it('tells why an action did not pass, and that fail-fast left something out', () => {
    const outcomes = [
      outcome('p:tests/1', { status: 'failed', reason: { kind: 'exit' }, exitCode: 2 }),
      outcome('p:gate/artifacts', {
        status: 'skipped',
        reason: { kind: 'cause', action: 'p:tests/1' },
        key: null,
        inputs: null,
      }),
    ]
    const manifest = buildManifest(input({ outcomes, partial: true }))
    expect(manifest).toMatchObject({ verdict: 'failed', partial: true, packs: [{ verdict: 'failed', artifacts: [] }] })
    expect(manifest.actions[0]).toMatchObject({ status: 'failed', reason: { kind: 'exit' }, exitCode: 2 })
    expect(manifest.actions[1]).toMatchObject({ reason: { action: 'p:tests/1' }, key: null, inputs: null })
  })

  it('does not depend on the order of outcomes, on attempts, or on what a host adds to an entry', () => {
    const volatile = OUTCOMES.map((one) => ({
      ...one,
      outputs: treeOf(one.outputs.entries.map((kept) => ({ ...kept, mtime: 5 }))),
      attempts: [
        {
          number: 1,
          startedAt: 7,
          durationMs: 3,
          status: 'passed' as const,
          exitCode: 0,
          log: { path: 'x', totalBytes: 1, digest: sha256('x') },
          connections: [],
        },
      ],
    }))
    const same = manifestBytes(buildManifest(input({ outcomes: volatile.toReversed() })))
    expect(same).toBe(manifestBytes(buildManifest(input())))
  })

  it('is canonical JSON: what is parsed and written again is the same, with sorted members and no line break', () => {
    const bytes = manifestBytes(buildManifest(input()))
    expect(JSON.stringify(JSON.parse(bytes))).toBe(bytes)
    expect(bytes.startsWith('{"actions":[{"command":["node","check.mjs"],"exitCode":0,')).toBe(true)
    expect(bytes.endsWith('}')).toBe(true)
    expect(bytes).not.toContain('partial')
  })

  it('lists grants sorted and once', () => {
    const { constraints } = pack.definition
    const asking = {
      ...constraints,
      secrets: ['B', 'A'],
      network: ['b.org:1', 'a.org:2', 'b.org:1'],
      cloudMutations: true,
    }
    const packs = [packOf('p', { constraints: asking })]
    expect(buildManifest(input({ packs })).packs[0]?.grants).toEqual([
      'cloud',
      'network:a.org:2',
      'network:b.org:1',
      'secret:A',
      'secret:B',
    ])
  })

  it('is interrupted when a signal came, even after the last action', () => {
    expect(buildManifest(input({ interrupted: true })).verdict).toBe('interrupted')
  })

  it('is refused to whoever has outcomes that are not those of the actions', () => {
    const [first] = OUTCOMES
    if (!first) throw new Error('no outcome')
    for (const wrong of [
      [],
      [first],
      [first, first],
      [first, outcome('p:tests/2')],
      [...OUTCOMES, outcome('q:tests/1')],
    ]) {
      expect(() => buildManifest(input({ outcomes: wrong }))).toThrow(RangeError)
    }
  })
})

describe('the manifest of a run that did not end or was not allowed to start', () => {
  it('says started before anything has happened', () => {
    expect(manifestBytes(startedManifest({ tool, guarantees: null }))).toBe(
      '{"actions":[],"guarantees":null,"manifestVersion":1,"packs":[],' +
        '"tool":{"name":"codex-orchestrator","version":"1.2.3"},"verdict":"started"}',
    )
  })

  it('says refused, and why, in an order that does not depend on who found it', () => {
    const diagnostics = [
      diagnostic('tool-missing', null, { tool: 'cc', pack: 'q' }),
      diagnostic('plugin-capability', null, { field: 'plugin', pack: 'p', capability: { kind: 'cloud' } }),
      diagnostic('no-sandbox', null, { findings: [] }),
      diagnostic('secret-unset', null, { field: 'constraints.secrets', pack: 'p', secret: 'A' }),
    ]
    const manifest = refusedManifest({ tool, guarantees: null }, refusalsOf(diagnostics))
    expect(manifest).toMatchObject({ verdict: 'refused', packs: [], actions: [] })
    expect(manifest.refusals).toEqual([
      { code: 'no-sandbox', pack: null, field: '' },
      { code: 'plugin-capability', pack: 'p', field: 'plugin' },
      { code: 'secret-unset', pack: 'p', field: 'constraints.secrets' },
      { code: 'tool-missing', pack: 'q', field: 'inputs.tools.cc' },
    ])
    expect(refusalsOf(diagnostics.toReversed())).toEqual(manifest.refusals)
  })
})
