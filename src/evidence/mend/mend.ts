// Completes a run that was left without a manifest: by a crash, or by a kill and a later repair.
import { sha256, type Digest } from '../../model/digest.ts'
import { actionPath } from '../../model/graph.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { RecordedFile, RunFiles, RunFolder } from '../../model/ports.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { MANIFEST, RECORD } from '../conclude.ts'
import { digestOf } from './digest-of.ts'
import { JOURNAL } from '../journal.ts'
import { completeJournal, type Completed, type LastEvent } from './journal.ts'
import { recordFromJournal, type Told } from './record.ts'
import { manifestBytes } from '../manifest.ts'
import type { JournalProblem } from '../replay.ts'
import { SEAL, sealBytes } from '../seal.ts'
import { readManifest } from '../read.ts'

/** Why a run can't be completed; nothing of it was changed. */
export type MendProblem =
  /** It has a manifest that says how it ended. */
  | { readonly kind: 'complete' }
  | { readonly kind: 'unreadable'; readonly path: string; readonly message: string }
  /** Something that no run makes: a link, a FIFO, a device. */
  | { readonly kind: 'foreign'; readonly path: string }
  | { readonly kind: 'journal'; readonly problem: JournalProblem | null }
  /** run.json is not what a run writes at its start. */
  | { readonly kind: 'record' }
  /** The journal tells of it, and it is not there or not as it was told. */
  | { readonly kind: 'lost'; readonly path: string }

export interface Mended {
  readonly manifest: Manifest
  /** SHA-256 of manifest.json. */
  readonly digest: Digest
  /** Bytes of a line that was cut off, now kept in the journal's last one. */
  readonly torn: number
}

/**
 * Rebuilds manifest.json from the journal and seals what is there. Nothing is lost: what was told to have ended stays as it
 * was told, and logs and artifacts of what had not ended stay beside it. Nothing passes that did not: only a journal that holds
 * the end of a run which passed makes one that did.
 *
 * A half of a line at the end of the journal goes into the line that says so; every whole line stays where it is.
 */
export function mend(run: RunFiles, last: LastEvent): Result<Mended, MendProblem> {
  const listed = run.list()
  if (!listed.ok) return err({ kind: 'unreadable', path: listed.error.path, message: listed.error.message })
  const foreign = listed.value.find(({ kind }) => kind !== 'file')
  if (foreign) return err({ kind: 'foreign', path: foreign.path })
  const started = readManifest(run)
  if (started.ok && started.value.verdict !== 'started') return err({ kind: 'complete' })
  const tool = started.ok ? started.value.tool : null
  const journal = completeJournal(bytesOf(run, JOURNAL, listed.value), { ...last, run: run.name, tool })
  if (!journal.ok) return err({ kind: 'journal', problem: journal.error })
  return complete(run, journal.value, listed.value)
}

/**
 * Completes the evidence of a run in which codex or its machine failed; it does not pass. Where the machine refuses that as well
 * (a full disk), the manifest goes on to say `started`, which no one takes for a pass, and the run can be repaired.
 */
export function mendCrashed(folder: RunFolder, error: unknown, at: number): void {
  try {
    folder.closeFile(JOURNAL)
    mend(folder, { type: 'run-crashed', at, error: errorWords(error) })
  } catch {
    // The caller is told of the first error, which is the cause of this one or the graver.
  }
}

/** Words for an error that nobody expected, with what it was caused by. */
function errorWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = `${error.name}: ${error.message}`
  return error.cause === undefined ? own : `${own}; caused by ${errorWords(error.cause)}`
}

function complete(
  run: RunFiles,
  { text, replayed, torn }: Completed,
  listed: readonly RecordedFile[],
): Result<Mended, MendProblem> {
  const { manifest } = replayed
  const bytes = manifestBytes(manifest)
  const digest = sha256(bytes)
  const left = listed.filter(({ path }) => isLeftover(path)).map(({ path }) => path)
  const kept = listed.filter(({ path }) => !left.includes(path) && !REWRITTEN.has(path))
  const digests = new Map(kept.map(({ path }) => [path, digestOf(run, path)]))
  const record = recordFromJournal(run, { text, manifest, digest })
  if (record === null) return err({ kind: 'record' })
  const lost = lostFile(record.told, manifest, digests)
  if (lost !== null) return err({ kind: 'lost', path: lost })

  for (const path of left) run.remove(path)
  run.writeAtomically(JOURNAL, text)
  run.writeAtomically(RECORD, record.bytes)
  const rewritten = [
    [JOURNAL, sha256(text)],
    [RECORD, sha256(record.bytes)],
    [MANIFEST, digest],
  ] as const
  run.writeAtomically(SEAL, sealBytes(new Map([...digests, ...rewritten])))
  run.writeAtomically(MANIFEST, bytes)
  return ok({ manifest, digest, torn })
}

const REWRITTEN: ReadonlySet<string> = new Set([MANIFEST, RECORD, JOURNAL, SEAL])

/** What was made from evidence that is another now, and what was cut off in the middle of being replaced. */
function isLeftover(path: string): boolean {
  return /^(?:[^/]+\.(?:dsse|sigstore)\.json|report\.(?:md|html)|[^/]+\.[0-9a-f]{8})$/.test(path)
}

function bytesOf(run: RunFiles, path: string, listed: readonly RecordedFile[]): Uint8Array {
  return listed.some((file) => file.path === path) ? Buffer.concat([...run.chunks(path)]) : Buffer.alloc(0)
}

/** A file that the journal tells of and that is not as it was told, as after a loss of power; `null`: all is there. */
function lostFile(told: Told, manifest: Manifest, digests: ReadonlyMap<string, Digest>): string | null {
  const named: (readonly [string, Digest])[] = []
  for (const { id, inputs } of manifest.actions)
    if (inputs !== null) named.push([`inputs/${actionPath(id)}.sha256`, inputs])
  for (const { log } of [...told.attempts.values()].flat()) {
    if (log.path !== null && log.digest !== null) named.push([log.path, log.digest])
  }
  const lost = named.find(([path, digest]) => digests.get(path) !== digest)
  return lost ? lost[0] : lostArtifact(manifest, digests)
}

/** Where an artifact is kept depends on its pack's folder, which no manifest holds: its bytes have to be among the pack's. */
function lostArtifact({ packs }: Manifest, digests: ReadonlyMap<string, Digest>): string | null {
  for (const { id, artifacts } of packs) {
    const kept = new Set(
      [...digests].filter(([path]) => path.startsWith(`artifacts/${id}/`)).map(([, digest]) => digest),
    )
    const lost = artifacts.find(({ digest }) => !kept.has(digest))
    if (lost) return `artifacts/${id}/${lost.path}`
  }
  return null
}
