import { sha256 } from '../model/digest.ts'
import { MANIFEST, RECORD } from './conclude.ts'
import { manifestBytes, startedManifest, type ManifestHead } from './manifest.ts'
import { buildRecord, recordBytes, type RecordInput } from './record.ts'

/** What is known of a run before anything can fail. */
export type RunHead = Pick<RecordInput, 'run' | 'startedAt' | 'host' | 'workspace' | 'jobs' | 'argv' | 'granted'>

/** What stands in a run's folder from its first moment: a manifest that says `started`, and what is known of the run, by path. */
export function openingFiles(tool: ManifestHead['tool'], head: RunHead): Readonly<Record<string, string>> {
  const manifest = manifestBytes(startedManifest({ tool, guarantees: null }))
  const record = buildRecord({
    ...head,
    ...{ finishedAt: head.startedAt, executor: null, limiter: null, signal: null },
    ...{ tools: [], warnings: [], outcomes: [] },
    verdict: 'started',
    manifest: sha256(manifest),
  })
  return { [MANIFEST]: manifest, [RECORD]: recordBytes(record) }
}
