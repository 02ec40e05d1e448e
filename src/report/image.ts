/** What an image says of itself in its first bytes. */
export interface ImageFacts {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp'
  /** In pixels. */
  readonly width: number
  readonly height: number
}

/** A picture of more than so many pixels takes a reader's memory, however few bytes it has. */
const MOST_PIXELS = 16 * 1024 * 1024

/**
 * Tells a PNG, JPEG, GIF or WebP image by its bytes, whatever its name says; `null` for anything else, and for one that is
 * too large to be shown. Nothing that could hold a script, as SVG can, is an image here.
 */
export function imageFacts(bytes: Uint8Array): ImageFacts | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const facts = pngFacts(view) ?? gifFacts(view) ?? webpFacts(view) ?? jpegFacts(view)
  if (facts === null || facts.width < 1 || facts.height < 1) return null
  return facts.width * facts.height <= MOST_PIXELS ? facts : null
}

function starts(view: DataView, offset: number, text: string): boolean {
  if (view.byteLength < offset + text.length) return false
  return Array.from(text).every((character, index) => view.getUint8(offset + index) === character.charCodeAt(0))
}

/** PNG (ISO/IEC 15948), 11.2.2: IHDR is the first chunk. */
function pngFacts(view: DataView): ImageFacts | null {
  if (view.byteLength < 33 || !starts(view, 0, '\x89PNG\r\n\x1a\n') || !starts(view, 12, 'IHDR')) return null
  return { type: 'image/png', width: view.getUint32(16), height: view.getUint32(20) }
}

/** GIF89a, 18: the logical screen descriptor. */
function gifFacts(view: DataView): ImageFacts | null {
  if (view.byteLength < 13 || !(starts(view, 0, 'GIF87a') || starts(view, 0, 'GIF89a'))) return null
  return { type: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) }
}

/** RFC 9649: the first chunk is VP8, VP8L or VP8X. */
function webpFacts(view: DataView): ImageFacts | null {
  if (view.byteLength < 30 || !starts(view, 0, 'RIFF') || !starts(view, 8, 'WEBP')) return null
  const type = 'image/webp'
  if (starts(view, 12, 'VP8X')) return { type, width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) }
  if (starts(view, 12, 'VP8L')) {
    const bits = view.getUint32(21, true)
    return { type, width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
  }
  if (!starts(view, 12, 'VP8 ')) return null
  return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
}

function uint24(view: DataView, offset: number): number {
  return view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16)
}

/** ITU-T T.81, B.2.2: the first frame header, found by walking from segment to segment. */
function jpegFacts(view: DataView): ImageFacts | null {
  if (!starts(view, 0, '\xff\xd8\xff')) return null
  for (let at = 2; at + 9 <= view.byteLength && view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint8(at + 1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { type: 'image/jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
  }
  return null
}
