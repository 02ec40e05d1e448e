import { canonicalJson } from '../../model/canonical.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { PAYLOAD_TYPE, type EnvelopeProblem } from './dsse.ts'
import { fromBase64, membersOf, readJson, readUtf8 } from './strict-json.ts'

/** A bundle of sigstore that holds a DSSE envelope of an in-toto statement; nobody has checked its signature. */
export interface Bundle {
  /** The whole, as it stands in its file. */
  readonly text: string
  readonly payload: Uint8Array
}

/** Reads a bundle as codex writes it: as canonical JSON. What certificates and logs say in it is for sigstore to check. */
export function parseBundle(bytes: Uint8Array): Result<Bundle, EnvelopeProblem> {
  const text = readUtf8(bytes)
  if (!text.ok) return text
  const parsed = readJson(text.value)
  if (!parsed.ok) return parsed
  const bundle = membersOf(parsed.value, ['dsseEnvelope', 'mediaType', 'verificationMaterial'], '')
  if (!bundle.ok) return bundle
  const envelope = membersOf(bundle.value['dsseEnvelope'], ['payload', 'payloadType', 'signatures'], 'dsseEnvelope')
  if (!envelope.ok) return envelope
  if (envelope.value['payloadType'] !== PAYLOAD_TYPE) return err({ kind: 'payload-type' })
  const payload = fromBase64(envelope.value['payload'], 'dsseEnvelope.payload')
  if (!payload.ok) return payload
  if (canonicalJson(parsed.value) !== text.value) return err({ kind: 'not-canonical' })
  return ok({ text: text.value, payload: payload.value })
}
