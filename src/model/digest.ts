import { hash } from 'node:crypto'

/** A SHA-256 in 64 lower-case hexadecimal digits. */
export type Digest = string

export function sha256(bytes: Uint8Array | string): Digest {
  return hash('sha256', bytes, 'hex')
}
