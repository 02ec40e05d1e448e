import { structuredPatch } from 'diff'
import { byteSize } from './bytes.ts'
import { escapeText, type Style } from './style.ts'

/** The bytes of one file in two runs. */
export interface TwoVersions {
  readonly from: Uint8Array
  readonly to: Uint8Array
}

const CONTEXT = 3
/** Beyond these, a difference takes longer to find than anybody reads. */
const TEXT_BYTES = 1024 * 1024
const EDITS = 2000
const COLUMNS = 200

/** How two versions of a file differ: as the lines of a unified diff, or by the first byte. At most `limit` lines, each safe to print. */
export function renderVersions(
  versions: TwoVersions,
  { limit, style }: { readonly limit: number; readonly style: Style },
): readonly string[] {
  const [from, to] = [textOf(versions.from), textOf(versions.to)]
  const lines = from === null || to === null ? null : patchLines(from, to)
  if (lines === null) return [firstByte(versions)]
  const rest = lines.length - limit
  const shown = (rest > 0 ? lines.slice(0, limit) : lines).map((line) => paint(line, style))
  return rest > 0 ? [...shown, style.colors.dim(`${style.glyphs.ellipsis} ${rest} more lines; -v shows them`)] : shown
}

function textOf(bytes: Uint8Array): string | null {
  if (bytes.length > TEXT_BYTES || bytes.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function patchLines(from: string, to: string): readonly string[] | null {
  const patch = structuredPatch('', '', from, to, undefined, undefined, { context: CONTEXT, maxEditLength: EDITS })
  if (!patch) return null
  return patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ])
}

function paint(line: string, { colors, glyphs }: Style): string {
  const text = escapeText(line.slice(0, COLUMNS)) + (line.length > COLUMNS ? glyphs.ellipsis : '')
  if (line.startsWith('+')) return colors.green(text)
  if (line.startsWith('-')) return colors.red(text)
  return line.startsWith('@@') ? colors.cyan(text) : text
}

/** Where two byte strings differ first, from 0: their length, where one begins the other. */
function firstDifference({ from, to }: TwoVersions): number {
  const length = Math.min(from.length, to.length)
  let at = 0
  while (at < length && from[at] === to[at]) at++
  return at
}

function firstByte(versions: TwoVersions): string {
  const { from, to } = versions
  const at = firstDifference(versions)
  const byte = (bytes: Uint8Array): string => {
    const value = bytes[at]
    return value === undefined ? 'its end' : `0x${value.toString(16).padStart(2, '0')}`
  }
  return `${byteSize(from.length)} -> ${byteSize(to.length)}; the first difference is at byte ${at}: ${byte(from)} -> ${byte(to)}`
}
