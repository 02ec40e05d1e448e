import type { Digest } from '../../model/digest.ts'
import type { Attestor, Signer } from '../../model/ports.ts'
import { ok, type Result } from '../../model/result.ts'
import { envelopeBytes, PAYLOAD_TYPE, signEnvelope } from './dsse.ts'
import {
  provenanceStatement,
  statementBytes,
  testResultStatement,
  type ProvenanceFacts,
  type RunFile,
  type StatementInput,
} from './statement.ts'

/** Where artifacts lie in a run's folder. */
const ARTIFACTS = 'artifacts/'

export interface AttestedRun extends StatementInput {
  /** `null`: nothing was allowed to start, so nothing was made. */
  readonly facts: ProvenanceFacts | null
}

/** An attestor that signs with a private key. */
export function keyAttestor(signer: Signer): Attestor {
  return {
    signedBy: signer.keyId,
    form: 'dsse',
    attest: async (statement) => ok(envelopeBytes(await signEnvelope(statement, [signer]))),
  }
}

/**
 * What is stated about a run, as canonical JSON by the name of its file without its ending: `statement` always,
 * `provenance` where there is an artifact of a pack that passed. It follows from what stands in the run's folder alone.
 */
export function statementsOf(run: AttestedRun): ReadonlyMap<string, string> {
  const provenance = run.facts && provenanceStatement(run, run.facts)
  return new Map([
    ['statement', statementBytes(testResultStatement(run))],
    ...(provenance ? [['provenance', statementBytes(provenance)] as const] : []),
  ])
}

/** The signed statements of a run by the names of their files: all of them, or why there are none. */
export async function attestRun(
  run: AttestedRun,
  attestor: Attestor,
): Promise<Result<ReadonlyMap<string, string>, string>> {
  const files = new Map<string, string>()
  for (const [name, statement] of statementsOf(run)) {
    // One after the other: what a service refuses once is not asked for twice.
    const envelope = await attestor.attest(statement, PAYLOAD_TYPE)
    if (!envelope.ok) return envelope
    files.set(`${name}.${attestor.form}.json`, envelope.value)
  }
  return ok(files)
}

/** What of the files of a run is an artifact. */
export function artifactsAmong(files: Iterable<readonly [string, Digest]>): readonly RunFile[] {
  return [...files].flatMap(([path, digest]) => (path.startsWith(ARTIFACTS) ? [{ path, digest }] : []))
}
