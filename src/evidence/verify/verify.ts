import type { PublicKey } from '../../model/key.ts'
import type { RecordedRun } from '../../model/ports.ts'
import type { Verification } from '../../model/verification.ts'
import { MANIFEST, RECORD } from '../conclude.ts'
import { JOURNAL } from '../journal.ts'
import { SEAL } from '../seal.ts'
import type { BundlePolicy } from './bundles.ts'
import { checkFiles, readSeal, type Naming } from './digests.ts'
import { createFindings } from './findings.ts'
import { openFolder, type Folder } from './folder.ts'
import { checkKept } from './keys.ts'
import { artifacts, changes, earlierLogs, inputLists, logs, type Named } from './named.ts'
import { checkSignatures } from './signatures.ts'
import { readManifest, readStory, type Story } from './story.ts'

export interface VerifyOptions {
  /** A run has to be signed with one of them; empty: it need not be signed. */
  readonly keys: readonly PublicKey[]
  /** A run has to be signed through sigstore by whom this names; absent: it need not be. */
  readonly bundles?: BundlePolicy | null
}

/**
 * Checks everything that a recorded run says against everything else, reading each byte of it once. Nothing outside of its
 * folder is asked, and nothing in it is believed for being there.
 */
export function verifyRun(run: RecordedRun, { keys, bundles = null }: VerifyOptions): Verification {
  const findings = createFindings()
  const { report } = findings
  const opened = openFolder(run, report)
  if (!opened.ok) {
    report('unreadable', '', { reason: opened.error.message })
    return { ...NOTHING, run: run.name, ...findings.result() }
  }
  const folder = opened.value
  const told = readManifest(folder, report)
  if (told.manifest?.verdict === 'started') {
    report('unfinished', MANIFEST, {})
    return { ...NOTHING, run: run.name, verdict: 'started', manifest: told.manifestDigest, ...findings.result() }
  }
  const story = readStory(folder, told, report)
  const seal = readSeal(folder, report)
  checkKept(folder, story, report)
  const naming = namingOf(folder, story, seal)
  checkFiles(folder, naming, report)
  const signatures = checkSignatures(folder, { story, seal, keys, bundles }, report)
  return { ...summaryOf(folder, story, naming), run: run.name, signatures, ...findings.result() }
}

const NOTHING: Omit<Verification, 'run' | 'problems' | 'more'> = {
  verdict: null,
  manifest: null,
  repaired: false,
  checked: { files: 0, bytes: 0, packs: 0, actions: 0, inputLists: 0, artifacts: 0, logs: 0 },
  signatures: [],
}

function namingOf(folder: Folder, { manifest, journal, record }: Story, seal: Naming['seal']): Naming {
  const isThere = (path: string): boolean => folder.files.has(path) || seal?.has(path) === true
  const written = journal?.written ?? null
  const manifests: readonly Named[] = [
    ...(written === null ? [] : [{ digest: written, size: null, by: JOURNAL }]),
    ...(record ? [{ digest: record.manifest, size: null, by: RECORD }] : []),
  ]
  return {
    seal,
    folders: {
      'inputs/': { by: MANIFEST, files: manifest && inputLists(manifest) },
      'artifacts/': { by: MANIFEST, files: manifest && artifacts(manifest, isThere) },
      'changes/': { by: MANIFEST, files: manifest && changes(manifest) },
      'logs/': { by: RECORD, files: record && logs(record) },
      // No journal tells of them.
      'check/': { by: RECORD, files: written === null ? null : record && earlierLogs(record) },
    },
    closed: journal === null || written !== null,
    others: manifests.map((named) => [MANIFEST, named]),
    required: [MANIFEST, RECORD, JOURNAL, SEAL],
  }
}

function summaryOf(folder: Folder, { manifest, manifestDigest, journal }: Story, { folders }: Naming) {
  const size = (name: string): number => folders[name]?.files?.size ?? 0
  return {
    verdict: manifest?.verdict ?? null,
    manifest: manifestDigest,
    repaired: journal?.written === null,
    checked: {
      ...folder.total(),
      packs: manifest?.packs.length ?? 0,
      actions: manifest?.actions.length ?? 0,
      inputLists: size('inputs/'),
      artifacts: size('artifacts/'),
      logs: size('logs/'),
    },
  }
}
