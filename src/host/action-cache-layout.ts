import { join } from 'node:path'
import type { Digest } from '../model/digest.ts'

// `actions/<2 hex>/<key>.json` and `blobs/<2 hex>/<sha256>`, in folders of 256 so that none grows long.
export const ACTIONS = 'actions'
export const BLOBS = 'blobs'

/** What the name of a file begins with that is not written to its end. */
export const TEMPORARY = '.new-'

/** An entry with 100,000 outputs has about as much; what is larger is none of ours. */
export const MOST_ENTRY_BYTES: number = 64 * 1024 * 1024

export function entryPath(cache: string, key: Digest): string {
  return join(cache, ACTIONS, key.slice(0, 2), `${key}.json`)
}

export function blobPath(cache: string, digest: Digest): string {
  return join(cache, BLOBS, digest.slice(0, 2), digest)
}

/** Small files take a block each on most file systems. */
const BLOCK_BYTES = 4096

export function bytesOnDisk(size: number): number {
  return Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES
}
