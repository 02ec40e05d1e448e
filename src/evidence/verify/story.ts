import type { Json } from '../../model/canonical.ts'
import type { Digest } from '../../model/digest.ts'
import type { Manifest } from '../../model/manifest.ts'
import { MANIFEST, RECORD } from '../conclude.ts'
import { JOURNAL } from '../journal.ts'
import { manifestBytes } from '../manifest.ts'
import type { RunRecord } from '../../model/record.ts'
import { recordBytes } from '../record.ts'
import { recordSchema } from '../schema-record.ts'
import { manifestSchema } from '../schema.ts'
import { replayJournal, type Replayed } from '../replay.ts'
import { firstDifference } from './difference.ts'
import { readDocument } from './document.ts'
import type { Report } from './findings.ts'
import type { Folder } from './folder.ts'
import { textOf } from './read.ts'

/** What a run says of itself, in three files; `null`: it can't be believed, which is reported. */
export interface Story {
  readonly manifest: Manifest | null
  readonly journal: Replayed | null
  readonly record: RunRecord | null
  /** SHA-256 of manifest.json as it is, readable or not. */
  readonly manifestDigest: Digest | null
}

export function readManifest(folder: Folder, report: Report): Pick<Story, 'manifest' | 'manifestDigest'> {
  const file = folder.hold(MANIFEST)
  const text = textOf(MANIFEST, file, report)
  const form = { schema: manifestSchema, spell: manifestBytes, report }
  return {
    manifest: text === null ? null : readDocument(MANIFEST, text, form),
    manifestDigest: file?.digest ?? null,
  }
}

/** Reads the other two, and compares what the three say. */
export function readStory(folder: Folder, told: Pick<Story, 'manifest' | 'manifestDigest'>, report: Report): Story {
  const text = textOf(JOURNAL, folder.hold(JOURNAL), report)
  const replayed = text === null ? null : replayJournal(text)
  if (replayed && !replayed.ok) report('journal', JOURNAL, replayed.error)
  const journal = replayed?.ok ? replayed.value : null
  if (journal && told.manifest) compareManifests(journal.manifest, told.manifest, report)
  const record = readRecord(folder, report)
  if (record && told.manifest) compareRecord(record, told.manifest, report)
  if (record && journal && text !== null) compareStart(record, text, report)
  return { ...told, journal, record }
}

function readRecord(folder: Folder, report: Report): RunRecord | null {
  const text = textOf(RECORD, folder.hold(RECORD), report)
  return text === null ? null : readDocument(RECORD, text, { schema: recordSchema, spell: recordBytes, report })
}

function compareManifests(expected: Manifest, found: Manifest, report: Report): void {
  const at = firstDifference(expected as unknown as Json, found as unknown as Json)
  if (at !== null) report('not-journaled', MANIFEST, { at })
}

/** A run that was refused tells in its record of actions that its manifest never came to. */
function compareRecord(record: RunRecord, manifest: Manifest, report: Report): void {
  const told = (found: RunRecord | Manifest): Json => ({
    verdict: found.verdict,
    ...(manifest.verdict === 'refused'
      ? {}
      : {
          actions: found.actions.map(({ id, status }) => ({ id, status })),
        }),
  })
  disagreement(told(manifest), told(record), { by: MANIFEST, report })
}

/** The first line says it; that it has the right shape was seen when the journal was replayed. */
function compareStart(record: RunRecord, journal: string, report: Report): void {
  const started = JSON.parse(journal.slice(0, journal.indexOf('\n'))) as Readonly<Record<string, Json>>
  const { run, executor, jobs } = record
  const found = { run, ...(started['type'] === 'run-started' ? { executor, jobs } : {}) }
  const expected = Object.fromEntries(Object.keys(found).map((member) => [member, started[member] ?? null]))
  disagreement(expected, found, { by: JOURNAL, report })
}

function disagreement(expected: Json, found: Json, { by, report }: { by: string; report: Report }): void {
  const member = firstDifference(expected, found)
  if (member !== null) report('disagrees', RECORD, { member, by })
}
