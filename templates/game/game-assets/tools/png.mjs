// PNG as the specification has it: https://www.w3.org/TR/png-3/
import { crc32, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
/** Samples of a pixel, by the type of colour. */
const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const DEPTHS = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] }

/**
 * Reads a picture as far as it has to be sound: every chunk with its checksum, and every line of pixels.
 *
 * @param {Buffer} bytes
 * @returns {{ width: number, height: number, depth: number, colour: number }}
 */
export function readPng(bytes) {
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new Error('it is no PNG')
  const chunks = [...chunksOf(bytes)]
  const head = chunks[0]?.type === 'IHDR' ? chunks[0].data : null
  if (head?.length !== 13) throw new Error('it does not begin with its head')
  if (chunks.at(-1)?.type !== 'IEND') throw new Error('its end is missing')
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)]
  const [depth = 0, colour = 0, , , interlaced] = head.subarray(8)
  if (width === 0 || height === 0) throw new Error('it has no pixels')
  if (!DEPTHS[colour]?.includes(depth)) throw new Error(`there is no colour type ${colour} with ${depth} bits`)
  if (interlaced !== 0) throw new Error('it is interlaced, which is not supported here')
  if (colour === 3 && !chunks.some(({ type }) => type === 'PLTE')) throw new Error('its palette is missing')
  checkPixels(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)), {
    height,
    line: 1 + Math.ceil((width * depth * SAMPLES[colour]) / 8),
  })
  return { width, height, depth, colour }
}

function* chunksOf(bytes) {
  for (let at = 8; at < bytes.length;) {
    const length = at + 8 <= bytes.length ? bytes.readUInt32BE(at) : Infinity
    if (at + 12 + length > bytes.length) throw new Error(`it is cut off at byte ${at}`)
    const type = bytes.toString('latin1', at + 4, at + 8)
    const body = bytes.subarray(at + 4, at + 8 + length)
    if (crc32(body) !== bytes.readUInt32BE(at + 8 + length))
      throw new Error(`the checksum of ${type} at byte ${at} is wrong`)
    yield { type, data: body.subarray(4) }
    at += 12 + length
  }
}

function checkPixels(data, { height, line }) {
  const pixels = inflateSync(data, { maxOutputLength: height * line + 1 })
  if (pixels.length !== height * line)
    throw new Error(`it has ${pixels.length} bytes of pixels and not ${height * line}`)
  for (let at = 0; at < pixels.length; at += line) {
    if ((pixels[at] ?? 0) > 4) throw new Error(`line ${at / line} has a filter that does not exist`)
  }
}
