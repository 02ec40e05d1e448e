import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imageFacts } from '../../src/report/image.ts'

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))))

const png = (width: number, height: number): Uint8Array => {
  const size = Buffer.alloc(8)
  size.writeUInt32BE(width, 0)
  size.writeUInt32BE(height, 4)
  return bytes('\x89PNG\r\n\x1a\n', [0, 0, 0, 13], 'IHDR', [...size], [8, 6, 0, 0, 0, 0, 0, 0, 0])
}
const JPEG_HEAD = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0]
const JPEG_FRAME = [0xff, 0xc2, 0, 11, 8, 0, 48, 0, 64, 1, 0, 0, 0]

describe('an image', () => {
  it.each([
    ['a PNG', png(640, 480), { type: 'image/png', width: 640, height: 480 }],
    ['a GIF', bytes('GIF89a', [64, 1, 200, 0, 0, 0, 0]), { type: 'image/gif', width: 320, height: 200 }],
    ['a JPEG', bytes(JPEG_HEAD, JPEG_FRAME), { type: 'image/jpeg', width: 64, height: 48 }],
    [
      'a lossy WebP',
      bytes(
        'RIFF',
        [0, 0, 0, 0],
        'WEBPVP8 ',
        Array.from({ length: 10 }, () => 0),
        [16, 0, 9, 0],
      ),
      { type: 'image/webp', width: 16, height: 9 },
    ],
    [
      'a lossless WebP',
      bytes(
        'RIFF',
        [0, 0, 0, 0],
        'WEBPVP8L',
        [0, 0, 0, 0, 0x2f, 15, 0, 2, 0],
        Array.from({ length: 9 }, () => 0),
      ),
      { type: 'image/webp', width: 16, height: 9 },
    ],
    [
      'an extended WebP',
      bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8X', [10, 0, 0, 0, 0, 0, 0, 0], [15, 0, 0, 8, 0, 0]),
      { type: 'image/webp', width: 16, height: 9 },
    ],
  ] as const)('is known by its bytes: %s', (_, image, facts) => {
    expect(imageFacts(image)).toEqual(facts)
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['a picture of vectors', bytes('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
    ['a page', bytes('<!doctype html><script>alert(1)</script>')],
    ['a head alone', bytes('\x89PNG\r\n\x1a\n')],
    ['no size', png(0, 10)],
    ['more pixels than a reader has memory for', png(50_000, 50_000)],
    ['a JPEG without a frame', bytes(JPEG_HEAD, [0xff, 0xd9, 0, 0, 0, 0, 0, 0, 0])],
  ])('is not shown where it is none, or too large: %s', (_, data) => {
    expect(imageFacts(data)).toBeNull()
  })

  it('is asked of any bytes', () => {
    const heads = fc.constantFrom(png(4, 4), bytes(JPEG_HEAD), bytes('GIF89a'), bytes('RIFF    WEBPVP8X'), bytes(''))
    fc.assert(
      fc.property(heads, fc.uint8Array({ maxLength: 40 }), fc.nat(60), (head, rest, length) => {
        const facts = imageFacts(Buffer.concat([head, rest]).subarray(0, length))
        expect(facts === null || facts.width * facts.height > 0).toBe(true)
      }),
    )
  })
})
