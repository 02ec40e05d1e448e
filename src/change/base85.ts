// The base85 of git's binary patches: RFC 1924's alphabet over big-endian groups of 32 bits (git's base85.c).

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~'
const CODES = Buffer.from(ALPHABET)
const VALUES = new Int8Array(256).fill(-1)
for (const [value, code] of CODES.entries()) VALUES[code] = value

/** Bytes that one line of a patch carries. */
const LINE = 52

/** Bytes as the lines of a binary patch: how many there are as a letter, then five characters for each four, zeros filled up. */
export function encodeLines(bytes: Uint8Array): Buffer {
  const full = Math.floor(bytes.length / LINE)
  const rest = bytes.length % LINE
  const text = Buffer.allocUnsafe(full * lineLength(LINE) + (rest === 0 ? 0 : lineLength(rest)))
  let to = 0
  for (let at = 0; at < bytes.length; at += LINE) {
    const count = Math.min(LINE, bytes.length - at)
    text[to++] = count <= 26 ? 0x40 + count : 0x60 + count - 26
    for (let group = 0; group < count; group += 4) to = encodeGroup(bytes, at + group, { text, to })
    text[to++] = 0x0a
  }
  return text
}

function lineLength(count: number): number {
  return 2 + Math.ceil(count / 4) * 5
}

function encodeGroup(bytes: Uint8Array, at: number, { text, to }: { text: Buffer; to: number }): number {
  // What lies behind the end counts as zeros; what lies behind this line is never reached, since a line is whole groups.
  let value =
    (bytes[at] ?? 0) * 0x1000000 + (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
  for (let digit = 4; digit >= 0; digit--) {
    text[to + digit] = CODES[value % 85] ?? 0
    value = (value / 85) >>> 0
  }
  return to + 5
}

/** Reads one line (without its end) into `target` at `to`; gives how many bytes it held, -1: it is none. */
export function decodeLine(line: Uint8Array, target: Uint8Array, to: number): number {
  const count = countOf(line[0] ?? 0)
  if (count === 0 || line.length !== lineLength(count) - 1 || to + count > target.length) return -1
  for (let group = 0; group * 4 < count; group++) {
    let value = 0
    for (let digit = 0; digit < 5; digit++) {
      const code = VALUES[line[1 + group * 5 + digit] ?? 0] ?? -1
      if (code < 0) return -1
      value = value * 85 + code
    }
    if (value > 0xffffffff) return -1
    for (let byte = 0; byte < 4; byte++) {
      const bits = (value >>> (24 - 8 * byte)) & 0xff
      if (group * 4 + byte < count) target[to + group * 4 + byte] = bits
      else if (bits !== 0) return -1
    }
  }
  return count
}

function countOf(letter: number): number {
  if (letter >= 0x41 && letter <= 0x5a) return letter - 0x40
  return letter >= 0x61 && letter <= 0x7a ? letter - 0x60 + 26 : 0
}
