import { sha256 } from '../model/digest.ts'
import type { Emit, RunEvent } from '../model/event.ts'
import type { Manifest } from '../model/manifest.ts'
import type { RunFolder } from '../model/ports.ts'
import { manifestBytes } from './manifest.ts'
import { SEAL, sealBytes } from './seal.ts'

export const MANIFEST = 'manifest.json'
export const RECORD = 'run.json'

export type RunFinished = Extract<RunEvent, { type: 'run-finished' }>

export interface Conclusion {
  readonly manifest: Manifest
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  /** Whether a signal or a crash ended the run. */
  readonly interrupted: boolean
  /** Adds what follows from the end of the run, before all that is in the folder is sealed. */
  readonly addTo: (folder: RunFolder, finished: RunFinished) => void
}

/** Writes the last of a run's evidence, and the manifest after all else, because it is what says that a run has passed. */
export function conclude(
  folder: RunFolder,
  journal: Emit,
  { manifest, at, interrupted, addTo }: Conclusion,
): RunFinished {
  const bytes = manifestBytes(manifest)
  const digest = sha256(bytes)
  const { verdict, partial = false } = manifest
  const finished: RunFinished = { type: 'run-finished', at, verdict, manifest: digest, partial, interrupted }
  journal(finished)
  addTo(folder, finished)
  folder.write(SEAL, sealBytes(new Map([...folder.digests(), [MANIFEST, digest]])))
  folder.writeAtomically(MANIFEST, bytes)
  return finished
}
