import { decodeLine } from './base85.ts'
import { lineEnd } from './lines.ts'
import type { Reader } from './reader.ts'
import { unstore } from './stored.ts'

/** The bytes of one side of a binary file. @param most how many there may be */
export function readLiteral(reader: Reader, most: number): Uint8Array {
  if (reader.after('delta ') !== null) reader.refuse('unsupported')
  const size = reader.need('literal ')
  if (!/^\d{1,15}$/.test(size)) reader.refuse('syntax')
  if (Number(size) > most) reader.refuse('too-large')
  const bytes = unstore(decoded(reader), Number(size))
  return bytes ?? reader.refuse('corrupt')
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
