import { fit } from './columns.ts'
import type { Budget } from './excerpts.ts'
import { imageFacts } from './image.ts'
import type { Preview, ReadPart } from './report-model.ts'
import { escapeLines } from './style.ts'

const TEXT_BYTES = 4 * 1024
const TEXT_LINES = 20
const TEXT_COLUMNS = 200
const IMAGE_BYTES = 512 * 1024

/** How many bytes of images a report holds, and how many previews. */
const IMAGES_BYTES = 1024 * 1024
const MOST_PREVIEWS = 60

/** Shows what is in an artifact, as long as the report has room: the first lines of a text, or a small image. */
export function createPreviewer(read: ReadPart, budget: Budget): (file: string, size: number) => Preview | null {
  let images = IMAGES_BYTES
  let previews = MOST_PREVIEWS
  return (file, size) => {
    if (previews === 0 || size === 0) return null
    const part = read(file, { head: TEXT_BYTES, tail: 0 })
    if (part === null) return null
    const preview = imagePreview(file, { part: part.head, size: part.size, read, room: images }) ?? textPreview(part)
    if (preview === null || (preview.kind === 'text' && !budget.take(preview.lines))) return null
    if (preview.kind === 'image') images -= part.size
    previews -= 1
    return preview
  }
}

interface ImageSource {
  /** The first bytes. */
  readonly part: Uint8Array
  readonly size: number
  readonly read: ReadPart
  readonly room: number
}

function imagePreview(file: string, { part, size, read, room }: ImageSource): Preview | null {
  if (size > Math.min(IMAGE_BYTES, room) || !mayBeImage(part)) return null
  const whole = read(file, { head: IMAGE_BYTES, tail: 0 })
  if (whole === null || whole.size > whole.head.length) return null
  const facts = imageFacts(whole.head)
  return facts && { kind: 'image', ...facts, base64: Buffer.from(whole.head).toString('base64') }
}

function mayBeImage(bytes: Uint8Array): boolean {
  return [0x89, 0xff, 0x47, 0x52].includes(bytes[0] ?? 0)
}

function textPreview({ head, size }: { readonly head: Uint8Array; readonly size: number }): Preview | null {
  const text = textOf(head, size > head.length)
  if (text === null) return null
  const all = escapeLines(text)
  const lines = all.at(-1) === '' ? all.slice(0, -1) : all
  const shown = lines.slice(0, TEXT_LINES).map((line) => fit(line, TEXT_COLUMNS, '…'))
  return { kind: 'text', lines: shown, cut: size > head.length || lines.length > TEXT_LINES }
}

/** `null` where it is no text. The last character may be cut, where there is more of it. */
function textOf(bytes: Uint8Array, more: boolean): string | null {
  if (bytes.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: more })
  } catch {
    return null
  }
}
