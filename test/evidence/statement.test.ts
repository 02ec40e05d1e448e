import { describe, expect, it } from 'vitest'
import { startedManifest } from '../../src/evidence/manifest.ts'
import {
  provenanceStatement,
  statementBytes,
  testResultStatement,
  type ProvenanceFacts,
  type StatementInput,
} from '../../src/evidence/sign/statement.ts'
import { canonicalJson } from '../../src/model/canonical.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { Manifest, ManifestAction, ManifestPack } from '../../src/model/manifest.ts'
import { UNFILTERED } from '../support/guarantees.ts'

function pack(id: string, fields: Partial<ManifestPack> = {}): ManifestPack {
  return {
    id,
    definition: sha256(`${id}'s task.yml`),
    needs: [],
    grants: [],
    verdict: 'passed',
    artifacts: [],
    ...fields,
  }
}

function action(id: string, fields: Partial<ManifestAction> = {}): ManifestAction {
  const gate = id.includes(':gate/')
  return {
    id,
    pack: id.slice(0, id.indexOf(':')),
    phase: gate ? 'gate' : 'tests',
    command: gate ? null : ['true'],
    key: sha256(id),
    inputs: sha256('list'),
    needs: [],
    status: 'passed',
    reason: null,
    exitCode: gate ? null : 0,
    outputs: [],
    ...fields,
  }
}

function manifest(fields: Partial<Manifest> = {}): Manifest {
  return {
    manifestVersion: 1,
    tool: { name: 'codex-orchestrator', version: '1.2.3' },
    verdict: 'passed',
    guarantees: UNFILTERED,
    packs: [pack('b'), pack('a', { grants: ['network:example.org:443'] })],
    actions: [action('b:tests/1'), action('a:tests/unit', { inputs: sha256('other') }), action('a:gate/artifacts')],
    ...fields,
  }
}

const digests = { manifest: sha256('manifest'), files: sha256('files') }
const artifacts = [
  { path: 'artifacts/b/out/z.json', digest: sha256('z') },
  { path: 'artifacts/a/@workspace/y.json', digest: sha256('y') },
]

const facts: ProvenanceFacts = {
  run: '20260101T000000Z-00000000',
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:01.500Z',
  executor: 'bubblewrap',
  host: { platform: 'linux', arch: 'x64', node: '20.20.2' },
  tools: [{ name: 'node', version: '20.20.2', digest: sha256('node') }],
}

function input(fields: Partial<Manifest> = {}): StatementInput {
  return { manifest: manifest(fields), digests, artifacts }
}

const both = [
  { name: 'manifest.json', digest: { sha256: digests.manifest } },
  { name: 'files.sha256', digest: { sha256: digests.files } },
]

const sorted = [
  { name: 'artifacts/a/@workspace/y.json', digest: { sha256: sha256('y') } },
  { name: 'artifacts/b/out/z.json', digest: { sha256: sha256('z') } },
]

const definitions = [
  { name: 'packs/b/task.yml', digest: { sha256: sha256("b's task.yml") } },
  { name: 'packs/a/task.yml', digest: { sha256: sha256("a's task.yml") } },
]

describe('the statement about acceptance', () => {
  it('is a test result of in-toto about the manifest, the list of files and every artifact', () => {
    expect(testResultStatement(input())).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [...both, ...sorted],
      predicateType: 'https://in-toto.io/attestation/test-result/v0.1',
      predicate: {
        result: 'PASSED',
        configuration: definitions,
        passedTests: ['b:tests/1', 'a:tests/unit', 'a:gate/artifacts'],
        warnedTests: [],
        failedTests: [],
      },
    })
  })

  it('names everything that did not pass among the failures, for whatever reason', () => {
    const statuses = ['failed', 'timed-out', 'limit', 'violated', 'breaker', 'skipped', 'interrupted'] as const
    const actions = [action('b:tests/1'), ...statuses.map((status) => action(`b:tests/${status}`, { status }))]
    const { predicate } = testResultStatement(input({ verdict: 'failed', actions }))
    expect(predicate.result).toBe('FAILED')
    expect(predicate.passedTests).toEqual(['b:tests/1'])
    expect(predicate.failedTests).toEqual(statuses.map((status) => `b:tests/${status}`))
  })

  it.each(['started', 'failed', 'interrupted', 'refused'] as const)('of a run that %s is a failure', (verdict) => {
    expect(testResultStatement(input({ verdict })).predicate.result).toBe('FAILED')
  })

  it.each(['network', 'filesystem', 'processes', 'environment'] as const)(
    'warns of a run that nothing held in without %s',
    (aspect) => {
      const { predicate } = testResultStatement(input({ guarantees: { ...UNFILTERED, [aspect]: 'none' } }))
      expect(predicate.result).toBe('WARNED')
      expect(predicate.passedTests).toEqual([])
      expect(predicate.warnedTests).toEqual(['b:tests/1', 'a:tests/unit', 'a:gate/artifacts'])
    },
  )

  it('can be made of a run that has not begun', () => {
    const tool = { name: 'codex-orchestrator', version: '1.2.3' }
    const nothing = startedManifest({ tool, guarantees: null })
    expect(testResultStatement({ manifest: nothing, digests, artifacts: [] })).toMatchObject({
      subject: both,
      predicate: { result: 'FAILED', configuration: [], passedTests: [], warnedTests: [], failedTests: [] },
    })
  })
})

describe('the statement about artifacts', () => {
  it('is provenance of SLSA', () => {
    expect(provenanceStatement(input(), facts)).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: sorted,
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'pkg:npm/codex-orchestrator#run/v1',
          externalParameters: { packs: ['b', 'a'], grants: { a: ['network:example.org:443'] } },
          internalParameters: { guarantees: UNFILTERED, platform: 'linux', arch: 'x64', node: '20.20.2' },
          resolvedDependencies: [
            { name: 'inputs/a/tests/unit.sha256', digest: { sha256: sha256('other') } },
            // The gate of a has the same list; whoever looks for its digest finds it.
            { name: 'inputs/b/tests/1.sha256', digest: { sha256: sha256('list') } },
            ...definitions.toReversed(),
            { name: 'tools/node', digest: { sha256: sha256('node') }, annotations: { version: '20.20.2' } },
          ],
        },
        runDetails: {
          builder: {
            id: 'pkg:npm/codex-orchestrator?sandbox=bubblewrap',
            version: { 'codex-orchestrator': '1.2.3' },
          },
          metadata: { invocationId: facts.run, startedOn: facts.startedAt, finishedOn: facts.finishedAt },
          byproducts: both,
        },
      },
    })
  })

  it('names the run that steps were taken from', () => {
    const replay = { run: '20260101T000000Z-00000001', manifest: sha256('recorded') }
    const statement = provenanceStatement(input(), { ...facts, replay })
    expect(statement?.predicate.buildDefinition.resolvedDependencies).toContainEqual({
      name: 'runs/20260101T000000Z-00000001/manifest.json',
      digest: { sha256: sha256('recorded') },
    })
  })

  it('is about those of packs that passed alone', () => {
    const packs = [pack('b', { verdict: 'failed' }), pack('a')]
    const statement = provenanceStatement(input({ verdict: 'failed', packs }), facts)
    expect(statement?.subject.map(({ name }) => name)).toEqual(['artifacts/a/@workspace/y.json'])
  })

  it('is not made where there are none', () => {
    const packs = [pack('b', { verdict: 'failed' }), pack('a', { verdict: 'interrupted' })]
    expect(provenanceStatement(input({ verdict: 'failed', packs }), facts)).toBeNull()
    expect(provenanceStatement({ manifest: manifest(), digests, artifacts: [] }, facts)).toBeNull()
  })
})

describe('a statement', () => {
  it('is written as canonical JSON', () => {
    const bytes = statementBytes(testResultStatement(input()))
    expect(bytes).toBe(canonicalJson(JSON.parse(bytes) as never))
  })

  it('does not depend on the order in which artifacts are found', () => {
    const turned = { ...input(), artifacts: artifacts.toReversed() }
    expect(statementBytes(testResultStatement(turned))).toBe(statementBytes(testResultStatement(input())))
    expect(provenanceStatement(turned, facts)).toEqual(provenanceStatement(input(), facts))
  })
})
