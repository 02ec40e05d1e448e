import type { Json } from '../../model/canonical.ts'
import type { Digest } from '../../model/digest.ts'
import type { PublicKey } from '../../model/key.ts'
import type { CheckedSignature } from '../../model/verification.ts'
import { parseEnvelope, verifyEnvelope, type Envelope } from '../dsse.ts'
import { MANIFEST } from '../conclude.ts'
import { SEAL } from '../seal.ts'
import { artifactsAmong, statementsOf, type AttestedRun } from '../sign.ts'
import { firstDifference } from './difference.ts'
import type { Report } from './findings.ts'
import type { Folder } from './folder.ts'
import type { ReadFile } from './read.ts'
import type { Story } from './story.ts'

const STATEMENT = 'statement.dsse.json'
const ENVELOPES: ReadonlySet<string> = new Set([STATEMENT, 'provenance.dsse.json'])

/** Whether a file of a run's folder signs it: nothing that is signed can name it. */
export function isSignature(path: string): boolean {
  return /^[^/]*\.(dsse|sigstore)\.json$/.test(path)
}

export interface Signed {
  readonly story: Story
  readonly seal: ReadonlyMap<string, Digest> | null
  readonly keys: readonly PublicKey[]
}

/** Checks that what is signed is what follows from the run, and who has signed it. */
export function checkSignatures(folder: Folder, signed: Signed, report: Report): readonly CheckedSignature[] {
  const there = [...folder.files.keys()].filter(isSignature)
  const known = there.filter((path) => ENVELOPES.has(path))
  const run = attestedRun(folder, signed)
  const statements = run && new Map([...statementsOf(run)].map(([name, bytes]) => [`${name}.dsse.json`, bytes]))
  for (const path of there) {
    if (!ENVELOPES.has(path) || statements?.has(path) === false) report('unexpected', path, { by: MANIFEST })
  }
  if (known.length === 0) {
    const given = signed.keys.map(({ keyId }) => keyId)
    if (given.length > 0) report('unsigned', STATEMENT, { given })
    return []
  }
  for (const path of statements?.keys() ?? [STATEMENT]) {
    if (!folder.files.has(path)) report('missing', path, { by: known })
  }
  return known.flatMap((path) => {
    const envelope = readEnvelope(path, folder.hold(path), report)
    if (!envelope) return []
    const expected = statements?.get(path)
    if (expected !== undefined) compareStatement(path, { envelope, expected, report })
    return checkKeys(path, { envelope, keys: signed.keys, report })
  })
}

/** What the statements follow from; `null`: that can't be read, which is reported already. */
function attestedRun(folder: Folder, { story, seal }: Signed): AttestedRun | null {
  const files = folder.hold(SEAL)
  const { manifest, manifestDigest, record } = story
  if (!manifest || manifestDigest === null || !files || !seal) return null
  const digests = { manifest: manifestDigest, files: files.digest }
  return { manifest, digests, artifacts: artifactsAmong(seal), facts: record }
}

function readEnvelope(path: string, file: ReadFile | null, report: Report): Envelope | null {
  if (!file?.bytes) return null
  const envelope = parseEnvelope(file.bytes)
  if (envelope.ok) return envelope.value
  const { error } = envelope
  report('envelope', path, { problem: error.kind, at: 'path' in error ? error.path : '' })
  return null
}

interface Compared {
  readonly envelope: Envelope
  /** Canonical JSON of the statement that follows from the run. */
  readonly expected: string
  readonly report: Report
}

function compareStatement(path: string, { envelope, expected, report }: Compared): void {
  const payload = Buffer.from(envelope.payload).toString()
  if (payload === expected) return
  report('statement', path, { at: differenceOf(expected, payload) })
}

function differenceOf(expected: string, payload: string): string {
  try {
    return firstDifference(JSON.parse(expected) as Json, JSON.parse(payload) as Json) ?? ''
  } catch {
    return ''
  }
}

interface Keyed {
  readonly envelope: Envelope
  readonly keys: readonly PublicKey[]
  readonly report: Report
}

function checkKeys(path: string, { envelope, keys, report }: Keyed): readonly CheckedSignature[] {
  const verified = verifyEnvelope(envelope, keys)
  if (verified.ok) return [{ path, ...verified.value }]
  const { error } = verified
  if (error.kind === 'bad-signature') report('bad-signature', path, { keyId: error.keyId })
  else report('unknown-keys', path, { keyIds: error.keyIds, given: keys.map(({ keyId }) => keyId) })
  return [{ path, signedBy: [], unchecked: error.kind === 'bad-signature' ? [] : error.keyIds }]
}
