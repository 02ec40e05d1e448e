import { decodeLine } from './base85.ts'
import { lineEnd } from './lines.ts'
import type { Reader } from './reader.ts'
import { unstore } from './stored.ts'

/** The bytes of one side of a binary file. @param most how many there may be */
export function readLiteral(reader: Reader, most: number): Uint8Array {
  const size = sizeOf(reader)
  if (size > most) reader.refuse('too-large')
  return unstore(decoded(reader), size) ?? reader.refuse('corrupt')
}

/** Passes over one side of a binary file. */
export function skipLiteral(reader: Reader): void {
  sizeOf(reader)
  if (!reader.takeBlock()) reader.refuse('syntax')
}

function sizeOf(reader: Reader): number {
  if (reader.after('delta ') !== null) reader.refuse('unsupported')
  const size = reader.need('literal ')
  return /^\d{1,15}$/.test(size) ? Number(size) : reader.refuse('syntax')
}

/** Lines of base85 up to an empty one. */
function decoded(reader: Reader): Uint8Array {
  const block = reader.takeBlock() ?? reader.refuse('syntax')
  // Four bytes stand in five characters, and a line has two more.
  const target = new Uint8Array(Math.ceil(block.length / 5) * 4)
  let size = 0
  for (let at = 0; at < block.length;) {
    const end = lineEnd(block, at)
    const count = decodeLine(block.subarray(at, end - 1), target, size)
    if (count === -1) reader.refuse('corrupt')
    size += count
    at = end
  }
  return target.subarray(0, size)
}
