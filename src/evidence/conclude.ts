import { sha256 } from '../model/digest.ts'
import type { Emit, RunEvent } from '../model/event.ts'
import type { Manifest } from '../model/manifest.ts'
import type { Attestor, RunFolder } from '../model/ports.ts'
import { JOURNAL } from './journal.ts'
import { manifestBytes } from './manifest.ts'
import { SEAL, sealBytes } from './seal.ts'
import { artifactsAmong, attestRun, type AttestedRun } from './sign/sign.ts'
import type { ProvenanceFacts } from './sign/statement.ts'

export const MANIFEST = 'manifest.json'
export const RECORD = 'run.json'

export type RunFinished = Extract<RunEvent, { type: 'run-finished' }>

export interface Conclusion {
  readonly manifest: Manifest
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  /** Whether a signal ended the run. */
  readonly interrupted: boolean
  /** Adds what follows from the end of the run, before all that is in the folder is sealed; gives what provenance tells of it. */
  readonly addTo: (folder: RunFolder, finished: RunFinished) => ProvenanceFacts | null | Promise<ProvenanceFacts | null>
  /** Who signs the statements about the run; `null`: nobody. */
  readonly attestor: Attestor | null
}

/** What came of signing. */
export interface Signing {
  /** Who signed; `null`: nobody. */
  readonly signed: string | null
  /** Why nobody did although somebody should have, in the words of whoever refused. */
  readonly signingProblem: string | null
}

export interface Concluded extends Signing {
  readonly finished: RunFinished
}

/**
 * Writes the last of a run's evidence, and the manifest after all else, because it is what says that a run has passed: journal,
 * record and list of files are on the disk before it is. So no signed run is not whole; one that can't be signed is kept without.
 */
export async function conclude(
  folder: RunFolder,
  journal: Emit,
  { manifest, at, interrupted, addTo, attestor }: Conclusion,
): Promise<Concluded> {
  const bytes = manifestBytes(manifest)
  const digest = sha256(bytes)
  const { verdict, partial = false } = manifest
  const finished: RunFinished = { type: 'run-finished', at, verdict, manifest: digest, partial, interrupted }
  journal(finished)
  const facts = await addTo(folder, finished)
  const files = folder.digests()
  const seal = sealBytes(new Map([...files, [MANIFEST, digest]]))
  folder.flush(JOURNAL)
  folder.writeAtomically(SEAL, seal)
  const digests = { manifest: digest, files: sha256(seal) }
  const signingProblem =
    attestor && (await sign(folder, { manifest, digests, artifacts: artifactsAmong(files), facts }, attestor))
  folder.writeAtomically(MANIFEST, bytes)
  const signed = attestor && signingProblem === null ? attestor.signedBy : null
  return { finished: { ...finished, signed }, signed, signingProblem }
}

async function sign(folder: RunFolder, run: AttestedRun, attestor: Attestor): Promise<string | null> {
  const signed = await attestRun(run, attestor)
  if (!signed.ok) return signed.error
  for (const [path, envelope] of signed.value) folder.writeAtomically(path, envelope)
  return null
}
