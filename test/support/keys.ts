import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { publicPemOf, readPublicKey, type PublicKey } from '../../src/model/key.ts'
import type { Signer } from '../../src/model/ports.ts'

export interface KeyPair extends Signer {
  readonly publicKey: PublicKey
  readonly privatePem: string
}

/** An ed25519 key from its seed of 32 bytes (RFC 8410, section 7); of a letter, that byte 32 times. */
export function keyPair(seed: string): KeyPair {
  const hex = seed.length === 1 ? Buffer.alloc(32, seed).toString('hex') : seed
  const der = Buffer.from(`302e020100300506032b657004220420${hex}`, 'hex')
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const publicKey = publicKeyOf(key)
  return {
    keyId: publicKey.keyId,
    publicKey,
    privatePem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    sign: async (bytes) => sign(null, bytes, key),
  }
}

function publicKeyOf(key: KeyObject): PublicKey {
  const read = readPublicKey(publicPemOf(key))
  if (!read.ok) throw new Error(read.error.kind)
  return read.value
}

/** Keys that codex does not sign with, as PEM. */
export function otherKeys(type: 'rsa' | 'x25519' | 'ed448'): {
  readonly privatePem: string
  readonly publicPem: string
} {
  const { privateKey, publicKey } =
    type === 'rsa' ? generateKeyPairSync(type, { modulusLength: 2048 }) : generateKeyPairSync(type as 'ed448')
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}
