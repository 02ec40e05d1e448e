import { sha256, type Digest } from '../../model/digest.ts'
import type { RecordedRun } from '../../model/ports.ts'
import { ok, type Result } from '../../model/result.ts'
import { parseChecksums } from '../checksums.ts'
import { MANIFEST, RECORD } from '../conclude.ts'
import { countersigned, envelopeBytes, parseEnvelope, type EnvelopeProblem } from './dsse.ts'
import { recordSchema } from '../schema-record.ts'
import { manifestSchema } from '../schema.ts'
import { SEAL } from '../seal.ts'
import { artifactsAmong, type AttestedRun } from './sign.ts'

/**
 * What is stated about a run that has been and was verified.
 *
 * @returns `null` where its folder is no longer what was verified
 */
export function readAttestedRun(run: RecordedRun, manifest: Digest): AttestedRun | null {
  const text = (path: string): string | null => {
    const bytes = run.read(path)
    return bytes.ok ? Buffer.from(bytes.value).toString() : null
  }
  const [told, sealed, record] = [text(MANIFEST), text(SEAL), text(RECORD)]
  if (told === null || sealed === null || sha256(told) !== manifest) return null
  const files = parseChecksums(sealed)
  if (!files.ok) return null
  const read = manifestSchema.safeParse(JSON.parse(told))
  const facts = record === null ? null : recordSchema.safeParse(JSON.parse(record))
  if (!read.success || facts?.success === false) return null
  return {
    manifest: read.data,
    digests: { manifest, files: sha256(sealed) },
    artifacts: artifactsAmong(files.value),
    facts: facts?.data ?? null,
  }
}

/**
 * Adds signatures to those that stand in a run's folder already.
 *
 * @param old the file there, `null`: none; @param envelope the same statement, signed
 * @returns the file as it should be; an error for an envelope that is none
 */
export function withOtherSignatures(old: Uint8Array | null, envelope: string): Result<string, EnvelopeProblem> {
  if (old === null) return ok(envelope)
  const there = parseEnvelope(old)
  if (!there.ok) return there
  const added = parseEnvelope(Buffer.from(envelope))
  return added.ok ? ok(envelopeBytes(countersigned(there.value, added.value))) : added
}
