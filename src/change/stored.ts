// zlib (RFC 1950) around stored blocks of deflate (RFC 1951, 3.2.4). What a compressor makes of the same bytes differs
// between versions of zlib, and so between versions of Node; this does not.
import { inflateSync } from 'node:zlib'

const LARGEST_BLOCK = 0xffff

/** Bytes in the form of zlib, not compressed. */
export function store(bytes: Uint8Array): Buffer {
  const blocks = Math.max(1, Math.ceil(bytes.length / LARGEST_BLOCK))
  const result = Buffer.allocUnsafe(2 + blocks * 5 + bytes.length + 4)
  // A window of 32 KiB, the quickest way, and the check bits that belong to these.
  result.writeUInt16BE(0x7801, 0)
  let to = 2
  for (let block = 0; block < blocks; block++) {
    const part = bytes.subarray(block * LARGEST_BLOCK, (block + 1) * LARGEST_BLOCK)
    result[to] = block === blocks - 1 ? 1 : 0
    result.writeUInt16LE(part.length, to + 1)
    result.writeUInt16LE(~part.length & 0xffff, to + 3)
    result.set(part, to + 5)
    to += 5 + part.length
  }
  result.writeUInt32BE(adler32(bytes), to)
  return result
}

/** How many sums of bytes fit into 32 bits before they have to be reduced (zlib's NMAX). */
const RUN = 5552

function adler32(bytes: Uint8Array): number {
  let low = 1
  let high = 0
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(at + RUN, bytes.length)
    for (; at < end; at++) {
      low += bytes[at] ?? 0
      high += low
    }
    low %= 65521
    high %= 65521
  }
  return high * 65536 + low
}

/** What is in bytes in the form of zlib, compressed or not, if that is exactly so many bytes; `null`: it is not. */
export function unstore(stored: Uint8Array, size: number): Buffer | null {
  try {
    // One more than is expected shows that there is more, whatever there would be.
    const result = inflateSync(stored, { maxOutputLength: size + 1 })
    return result.length === size ? result : null
  } catch {
    return null
  }
}
