import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

const CHUNK_BYTES = 128 * 1024

/** Reads a file of ours (absolute path) in pieces of at most 128 KiB, each in a buffer of its own. A link is not followed. */
export function* fileChunks(path: string): Generator<Uint8Array, void> {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    let left = fstatSync(file).size
    for (;;) {
      // One byte more than there should be tells that there is none: most files are small, and so are their buffers.
      const buffer = Buffer.allocUnsafe(left < 0 ? CHUNK_BYTES : Math.min(left + 1, CHUNK_BYTES))
      const got = readSync(file, buffer, 0, buffer.length, null)
      if (got === 0) return
      left -= got
      yield buffer.subarray(0, got)
    }
  } finally {
    closeSync(file)
  }
}
