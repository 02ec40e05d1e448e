import { canonicalJson, type Json } from '../../model/canonical.ts'
import type { Digest } from '../../model/digest.ts'
import { actionPath } from '../../model/graph.ts'
import type { Manifest, ManifestPack } from '../../model/manifest.ts'
import { compareBytes } from '../../model/order.ts'
import type { Guarantees, Tool } from '../../model/plan.ts'
import type { RunRecord } from '../../model/record.ts'

/** in-toto Attestation Framework v1, Statement. */
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
export const TEST_RESULT_TYPE = 'https://in-toto.io/attestation/test-result/v0.1'
export const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v1'

/** The package as a purl. What `codex run` does with packs is the build type; its parameters are described in README.md. */
const BUILDER = 'pkg:npm/codex-orchestrator'
const BUILD_TYPE = `${BUILDER}#run/v1`

/** A file that is known by its digest; `name` is its path in the run's folder, or where it came from. */
export interface ResourceDescriptor {
  readonly name: string
  readonly digest: { readonly sha256: Digest }
  readonly annotations?: Readonly<Record<string, string>>
}

export interface Statement<Type extends string = string, Predicate = unknown> {
  readonly _type: typeof STATEMENT_TYPE
  readonly subject: readonly ResourceDescriptor[]
  readonly predicateType: Type
  readonly predicate: Predicate
}

/** The test-result predicate v0.1 of in-toto. */
export interface TestResult {
  readonly result: 'PASSED' | 'WARNED' | 'FAILED'
  readonly configuration: readonly ResourceDescriptor[]
  readonly passedTests: readonly string[]
  readonly warnedTests: readonly string[]
  readonly failedTests: readonly string[]
}

/** The provenance predicate v1 of SLSA. */
export interface Provenance {
  readonly buildDefinition: {
    readonly buildType: string
    readonly externalParameters: Readonly<Record<string, Json>>
    readonly internalParameters: Readonly<Record<string, Json>>
    readonly resolvedDependencies: readonly ResourceDescriptor[]
  }
  readonly runDetails: {
    readonly builder: { readonly id: string; readonly version: Readonly<Record<string, string>> }
    readonly metadata: { readonly invocationId: string; readonly startedOn: string; readonly finishedOn: string }
    readonly byproducts: readonly ResourceDescriptor[]
  }
}

/** A file in the folder of a run. */
export interface RunFile {
  /** Relative to the run's folder. */
  readonly path: string
  readonly digest: Digest
}

export interface StatementInput {
  readonly manifest: Manifest
  /** SHA-256 of manifest.json and of files.sha256. */
  readonly digests: { readonly manifest: Digest; readonly files: Digest }
  /** What files.sha256 lists below `artifacts/`, in any order. */
  readonly artifacts: readonly RunFile[]
}

/** What of run.json is told about how artifacts came to be. The machine's name and its paths are not. */
export interface ProvenanceFacts extends Pick<RunRecord, 'run' | 'startedAt' | 'finishedAt' | 'executor' | 'replay'> {
  readonly host: Pick<RunRecord['host'], 'platform' | 'arch' | 'node'>
  readonly tools: readonly Pick<Tool, 'name' | 'version' | 'digest'>[]
}

/** What was accepted and what was not: one for each run, whatever its verdict. */
export function testResultStatement(input: StatementInput): Statement<typeof TEST_RESULT_TYPE, TestResult> {
  const { manifest, digests, artifacts } = input
  const byStatus = (passed: boolean): readonly string[] =>
    manifest.actions.filter(({ status }) => (status === 'passed') === passed).map(({ id }) => id)
  const confined = isConfined(manifest.guarantees)
  return {
    _type: STATEMENT_TYPE,
    subject: [...run(digests), ...artifacts.map(descriptor).toSorted(byName)],
    predicateType: TEST_RESULT_TYPE,
    predicate: {
      result: resultOf(manifest, confined),
      configuration: definitions(manifest.packs),
      passedTests: confined ? byStatus(true) : [],
      warnedTests: confined ? [] : byStatus(true),
      failedTests: byStatus(false),
    },
  }
}

/** How the artifacts of the packs that passed were made; `null` where there are none. */
export function provenanceStatement(
  input: StatementInput,
  facts: ProvenanceFacts,
): Statement<typeof PROVENANCE_TYPE, Provenance> | null {
  const { manifest, digests } = input
  const passed = new Set(manifest.packs.filter(({ verdict }) => verdict === 'passed').map(({ id }) => id))
  const artifacts = input.artifacts.filter(({ path }) => passed.has(path.split('/')[1] ?? ''))
  if (artifacts.length === 0) return null
  return {
    _type: STATEMENT_TYPE,
    subject: artifacts.map(descriptor).toSorted(byName),
    predicateType: PROVENANCE_TYPE,
    predicate: { buildDefinition: buildDefinition(manifest, facts), runDetails: runDetails(manifest, digests, facts) },
  }
}

/** The payload of an envelope: canonical JSON (RFC 8785) without a line break at its end. */
export function statementBytes(statement: Statement): string {
  return canonicalJson(statement as unknown as Json)
}

/** `WARNED`: all passed, but in a run that was let do without a guarantee that no run does without unasked. */
function resultOf({ verdict }: Manifest, confined: boolean): TestResult['result'] {
  if (verdict !== 'passed') return 'FAILED'
  return confined ? 'PASSED' : 'WARNED'
}

/** The system call filter is one more line behind the others; a sandbox without it is taken without being asked. */
function isConfined(guarantees: Guarantees | null): boolean {
  if (guarantees === null) return false
  const { network, filesystem, processes, environment } = guarantees
  return [network, filesystem, processes, environment].every((aspect) => aspect === 'enforced')
}

function buildDefinition(manifest: Manifest, facts: ProvenanceFacts): Provenance['buildDefinition'] {
  const { packs, guarantees } = manifest
  const granted = packs.filter(({ grants }) => grants.length > 0).map(({ id, grants }) => [id, grants] as const)
  return {
    buildType: BUILD_TYPE,
    externalParameters: { packs: packs.map(({ id }) => id), grants: Object.fromEntries(granted) },
    internalParameters: {
      guarantees: { ...guarantees },
      platform: facts.host.platform,
      arch: facts.host.arch,
      node: facts.host.node,
    },
    resolvedDependencies: [
      ...definitions(packs),
      ...facts.tools.map(({ name, version, digest }) => ({
        ...descriptor({ path: `tools/${name}`, digest }),
        annotations: { version },
      })),
      ...inputLists(manifest),
      ...(facts.replay
        ? [descriptor({ path: `runs/${facts.replay.run}/manifest.json`, digest: facts.replay.manifest })]
        : []),
    ].toSorted(byName),
  }
}

function runDetails(
  { tool }: Manifest,
  digests: StatementInput['digests'],
  facts: ProvenanceFacts,
): Provenance['runDetails'] {
  return {
    // How it isolates decides what may be trusted, and SLSA wants an id of its own for each such mode.
    builder: { id: `${BUILDER}?sandbox=${facts.executor}`, version: { [tool.name]: tool.version } },
    metadata: { invocationId: facts.run, startedOn: facts.startedAt, finishedOn: facts.finishedAt },
    byproducts: run(digests),
  }
}

/** The two files that say everything else. */
function run({ manifest, files }: StatementInput['digests']): readonly ResourceDescriptor[] {
  return [descriptor({ path: 'manifest.json', digest: manifest }), descriptor({ path: 'files.sha256', digest: files })]
}

function definitions(packs: readonly ManifestPack[]): readonly ResourceDescriptor[] {
  return packs.map(({ id, definition }) => descriptor({ path: `packs/${id}/task.yml`, digest: definition }))
}

/** Lists of the files that actions have seen. Many actions have one in common; it is named by the first in plan order. */
function inputLists({ actions }: Manifest): readonly ResourceDescriptor[] {
  const lists = new Map<Digest, ResourceDescriptor>()
  for (const { id, inputs } of actions) {
    if (inputs === null || lists.has(inputs)) continue
    lists.set(inputs, descriptor({ path: `inputs/${actionPath(id)}.sha256`, digest: inputs }))
  }
  return [...lists.values()]
}

function descriptor({ path, digest }: RunFile): ResourceDescriptor {
  return { name: path, digest: { sha256: digest } }
}

function byName(a: ResourceDescriptor, b: ResourceDescriptor): number {
  return compareBytes(a.name, b.name)
}
