import { canonicalJson, type Json } from '../../model/canonical.ts'
import type { Digest } from '../../model/digest.ts'
import type { PublicKey } from '../../model/key.ts'
import { compareBytes } from '../../model/order.ts'
import type { Signer } from '../../model/ports.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { fromBase64, membersOf, readJson, readUtf8, toBase64, type FormProblem } from './strict-json.ts'

/** What the payload of every envelope is: an in-toto statement. */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json'

/** Of an ed25519 signature (RFC 8032). */
const SIGNATURE_BYTES = 64

const KEY_ID = /^[0-9a-f]{64}$/

export interface EnvelopeSignature {
  /** SHA-256 of the signer's public key as DER SubjectPublicKeyInfo. */
  readonly keyId: Digest
  readonly signature: Uint8Array
}

/** A DSSE envelope (v1.0) of an in-toto statement. */
export interface Envelope {
  readonly payload: Uint8Array
  /** Sorted by key id, each key once; at least one. */
  readonly signatures: readonly EnvelopeSignature[]
}

/** Why bytes are no envelope as codex writes it. */
export type EnvelopeProblem =
  | FormProblem
  | { readonly kind: 'payload-type' }
  | { readonly kind: 'signature-length'; readonly path: string }
  | { readonly kind: 'no-signature' }
  /** Key ids that are not sorted, or one that occurs twice. */
  | { readonly kind: 'signature-order' }

/** Why an envelope is not signed by whom it should be. */
export type SignatureProblem =
  /** `keyIds`: who claims to have signed it. */
  | { readonly kind: 'unknown-keys'; readonly keyIds: readonly Digest[] }
  | { readonly kind: 'bad-signature'; readonly keyId: Digest }

export interface VerifiedSignatures {
  /** At least one: keys that were given, and whose signatures hold. */
  readonly signedBy: readonly Digest[]
  /** Key ids of signatures that nobody could check, because their keys were not given. */
  readonly unchecked: readonly Digest[]
}

/** PAE of DSSE v1: what a signature is made over. Lengths count bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType)
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload])
}

/** Signs a payload (canonical JSON of a statement), once for each signer. */
export async function signEnvelope(payload: Uint8Array | string, signers: readonly Signer[]): Promise<Envelope> {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
  const signed = preAuthEncoding(PAYLOAD_TYPE, bytes)
  const signatures = await Promise.all(
    signers.map(async (signer) => ({ keyId: signer.keyId, signature: await signer.sign(signed) })),
  )
  return { payload: bytes, signatures: inOrder(signatures) }
}

/**
 * One envelope with the signatures of two; of a key that signed both, the one in `other`.
 *
 * @throws RangeError for two payloads
 */
export function countersigned(envelope: Envelope, other: Envelope): Envelope {
  if (!Buffer.from(envelope.payload).equals(other.payload)) throw new RangeError('they are about different statements')
  const again = new Set(other.signatures.map(({ keyId }) => keyId))
  const signatures = [...envelope.signatures.filter(({ keyId }) => !again.has(keyId)), ...other.signatures]
  return { payload: envelope.payload, signatures: inOrder(signatures) }
}

/** The envelope as it stands in a file: canonical JSON (RFC 8785) without a line break at its end. */
export function envelopeBytes({ payload, signatures }: Envelope): string {
  return canonicalJson({
    payload: toBase64(payload),
    payloadType: PAYLOAD_TYPE,
    signatures: signatures.map(({ keyId, signature }) => ({ keyid: keyId, sig: toBase64(signature) })),
  })
}

/**
 * Reads exactly what {@link envelopeBytes} writes: one form for each envelope, so that no byte can change unseen. DSSE lets
 * a verifier take more (other white space, URL-safe base64, no key ids); what codex signs has none of that.
 */
export function parseEnvelope(bytes: Uint8Array): Result<Envelope, EnvelopeProblem> {
  const text = readUtf8(bytes)
  if (!text.ok) return text
  const parsed = readJson(text.value)
  if (!parsed.ok) return parsed
  const envelope = readEnvelope(parsed.value)
  if (!envelope.ok) return envelope
  return envelopeBytes(envelope.value) === text.value ? envelope : err({ kind: 'not-canonical' })
}

/**
 * Checks the signatures of the keys that are given: at least one must be there, and each one that is there must hold. A key id
 * says only which key to try; whoever signed is told by the key that verified.
 */
export function verifyEnvelope(
  { payload, signatures }: Envelope,
  keys: readonly PublicKey[],
): Result<VerifiedSignatures, SignatureProblem> {
  const known = new Map(keys.map((key) => [key.keyId, key]))
  const signed = preAuthEncoding(PAYLOAD_TYPE, payload)
  const signedBy: Digest[] = []
  const unchecked: Digest[] = []
  for (const { keyId, signature } of signatures) {
    const key = known.get(keyId)
    if (key === undefined) unchecked.push(keyId)
    else if (key.verify(signed, signature)) signedBy.push(keyId)
    else return err({ kind: 'bad-signature', keyId })
  }
  return signedBy.length > 0 ? ok({ signedBy, unchecked }) : err({ kind: 'unknown-keys', keyIds: unchecked })
}

function inOrder(signatures: readonly EnvelopeSignature[]): readonly EnvelopeSignature[] {
  return signatures.toSorted((a, b) => compareBytes(a.keyId, b.keyId))
}

function readEnvelope(value: Json): Result<Envelope, EnvelopeProblem> {
  const members = membersOf(value, ['payload', 'payloadType', 'signatures'], '')
  if (!members.ok) return members
  const { payloadType, payload, signatures } = members.value
  if (payloadType !== PAYLOAD_TYPE) return err({ kind: 'payload-type' })
  const bytes = fromBase64(payload, 'payload')
  if (!bytes.ok) return bytes
  const read = readSignatures(signatures)
  return read.ok ? ok({ payload: bytes.value, signatures: read.value }) : read
}

function readSignatures(value: Json | undefined): Result<readonly EnvelopeSignature[], EnvelopeProblem> {
  if (!Array.isArray(value)) return err({ kind: 'shape', path: 'signatures' })
  const signatures: EnvelopeSignature[] = []
  for (const [index, each] of (value as readonly Json[]).entries()) {
    const signature = readSignature(each, `signatures[${index}]`)
    if (!signature.ok) return signature
    const last = signatures.at(-1)
    if (last && last.keyId >= signature.value.keyId) return err({ kind: 'signature-order' })
    signatures.push(signature.value)
  }
  return signatures.length > 0 ? ok(signatures) : err({ kind: 'no-signature' })
}

function readSignature(value: Json, path: string): Result<EnvelopeSignature, EnvelopeProblem> {
  const members = membersOf(value, ['keyid', 'sig'], path)
  if (!members.ok) return members
  const { keyid, sig } = members.value
  if (typeof keyid !== 'string' || !KEY_ID.test(keyid)) return err({ kind: 'shape', path: `${path}.keyid` })
  const signature = fromBase64(sig, `${path}.sig`)
  if (!signature.ok) return signature
  if (signature.value.length !== SIGNATURE_BYTES) return err({ kind: 'signature-length', path: `${path}.sig` })
  return ok({ keyId: keyid, signature: signature.value })
}
