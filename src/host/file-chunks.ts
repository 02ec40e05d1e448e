import { closeSync, constants, openSync, readSync } from 'node:fs'

const CHUNK_BYTES = 128 * 1024

/** Reads a file of ours (absolute path) in pieces of at most 128 KiB, each in a buffer of its own. A link is not followed. */
export function* fileChunks(path: string): Generator<Uint8Array, void> {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
      const got = readSync(file, buffer, 0, CHUNK_BYTES, null)
      if (got === 0) return
      yield buffer.subarray(0, got)
    }
  } finally {
    closeSync(file)
  }
}
