import type { LogRecord } from '../model/outcome.ts'
import { byteSize } from './bytes.ts'
import { fit } from './columns.ts'
import { escapeLines, type Style } from './style.ts'

/** Reads at most the last `bytes` bytes of a log, whose path is relative to the run's folder; `null` where it can't be read. */
export type ReadLog = (path: string, bytes: number) => Uint8Array | null

export interface Tail {
  /** Escaped, without prefix. */
  readonly lines: readonly string[]
  /** Whether the log holds more than `lines`. */
  readonly cut: boolean
}

/** How much of the end of a log is shown at most. */
export interface TailSize {
  readonly bytes: number
  readonly lines: number
}

const SHORT: TailSize = { bytes: 16 * 1024, lines: 20 }

export function readTail(log: LogRecord, read: ReadLog, most: TailSize = SHORT): Tail {
  const bytes = log.path === null ? null : read(log.path, most.bytes)
  if (bytes === null || bytes.length === 0) return { lines: [], cut: false }
  const lines = escapeLines(new TextDecoder().decode(bytes))
  // Fewer bytes than were asked for are the whole file, whatever was printed: masking changes lengths.
  const partial = bytes.length >= most.bytes && lines.length > 1
  const whole = partial ? lines.slice(1) : lines
  const printed = whole.at(-1) === '' ? whole.slice(0, -1) : whole
  return { lines: printed.slice(-most.lines), cut: partial || printed.length > most.lines }
}

/** The tail with a bar before each line, so that no line of a command starts a line of the screen. */
export function renderTail(tail: Tail, log: LogRecord, options: { style: Style; columns: number }): readonly string[] {
  const { colors, glyphs } = options.style
  const bar = `  ${colors.dim(glyphs.bar)} `
  const whole = byteSize(log.totalBytes)
  const note = tail.cut ? [`${bar}${colors.dim(`${glyphs.ellipsis} the end of ${whole}`)}`] : []
  return [...note, ...tail.lines.map((line) => `${bar}${fit(line, options.columns - 4, glyphs.ellipsis)}`.trimEnd())]
}
