import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { sha256, type Digest } from './digest.ts'
import { err, ok, type Result } from './result.ts'

/** An ed25519 public key (RFC 8032). */
export interface PublicKey {
  /** {@link keyIdOf} it. */
  readonly keyId: Digest
  /** SubjectPublicKeyInfo (RFC 8410) as PEM (RFC 7468). */
  readonly pem: string
  verify(bytes: Uint8Array, signature: Uint8Array): boolean
}

/** Why a text is not the key that was needed. Nothing of the text is in it. */
export type KeyProblem =
  | { readonly kind: 'not-a-key' }
  /** The private half of an OpenSSH key, which has a form of its own. */
  | { readonly kind: 'openssh' }
  | { readonly kind: 'several-keys' }
  | { readonly kind: 'encrypted' }
  | { readonly kind: 'algorithm'; readonly found: string }
  /** A public key where a private one is needed, or the other way round. */
  | { readonly kind: 'public-key' }
  | { readonly kind: 'private-key' }

/** Why a file is not taken for the key that it should hold. */
export type KeyFileProblem =
  | KeyProblem
  | { readonly kind: 'unreadable'; readonly message: string }
  | { readonly kind: 'not-a-file' }
  | { readonly kind: 'too-large'; readonly limit: number }
  /** A private key that others can get at; `mode`: its permission bits. */
  | { readonly kind: 'exposed'; readonly mode: number }
  /** A private key of somebody who is neither the caller nor root. */
  | { readonly kind: 'foreign'; readonly owner: number }

/** What a PEM text says that it is. */
export type KeyLabel = 'PRIVATE KEY' | 'PUBLIC KEY'

/** Of a key, private or public: the SHA-256 of its public half as DER SubjectPublicKeyInfo. */
export function keyIdOf(key: KeyObject): Digest {
  return sha256(publicHalf(key).export({ type: 'spki', format: 'der' }))
}

export function publicPemOf(key: KeyObject): string {
  return publicHalf(key).export({ type: 'spki', format: 'pem' }).toString()
}

/** Reads an ed25519 public key as `openssl pkey -pubout` writes it. */
export function readPublicKey(pem: string): Result<PublicKey, KeyProblem> {
  const label = labelOf(pem)
  if (!label.ok) return label
  if (label.value === 'PRIVATE KEY') return err({ kind: 'private-key' })
  const key = keyFrom(() => createPublicKey(pem))
  if (!key.ok) return key
  return ok({
    keyId: keyIdOf(key.value),
    pem: publicPemOf(key.value),
    verify: (bytes, signature) => verify(null, bytes, key.value, signature),
  })
}

/** Which key a PEM text holds, told by its label alone. */
export function labelOf(pem: string): Result<KeyLabel, KeyProblem> {
  const labels = [...pem.matchAll(/^-----BEGIN ([A-Z0-9 ]+)-----\r?$/gm)].map(([, label]) => label)
  const [label] = labels
  if (label === undefined) return err({ kind: 'not-a-key' })
  if (labels.length > 1) return err({ kind: 'several-keys' })
  if (label === 'ENCRYPTED PRIVATE KEY' || pem.includes('Proc-Type: 4,ENCRYPTED')) return err({ kind: 'encrypted' })
  if (label === 'OPENSSH PRIVATE KEY') return err({ kind: 'openssh' })
  const algorithm = /^(RSA|EC|DSA) (?:PRIVATE|PUBLIC) KEY$/.exec(label)?.[1]
  if (algorithm !== undefined) return err({ kind: 'algorithm', found: algorithm.toLowerCase() })
  return label === 'PRIVATE KEY' || label === 'PUBLIC KEY' ? ok(label) : err({ kind: 'not-a-key' })
}

/** Runs what reads a key; what it says about bytes that are none may hold some of them, so it is not told. */
export function keyFrom(read: () => KeyObject): Result<KeyObject, KeyProblem> {
  let key: KeyObject
  try {
    key = read()
  } catch {
    return err({ kind: 'not-a-key' })
  }
  const found = key.asymmetricKeyType
  return found === 'ed25519' ? ok(key) : err({ kind: 'algorithm', found: found ?? 'unknown' })
}

function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'public' ? key : createPublicKey(key)
}
