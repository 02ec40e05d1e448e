import type { Location, SourceText } from '../model/source.ts'
import { widthOf } from './columns.ts'
import { escapeText, type Style } from './style.ts'

/** A part of a line as the screen shows it: escaped, with the columns that it covers. */
interface Cell {
  readonly shown: string
  readonly from: number
  readonly to: number
}

/** A line as the screen shows it. */
interface Shown {
  readonly cells: readonly Cell[]
  /** The columns of the marked range. */
  readonly from: number
  readonly to: number
}

interface Window {
  readonly from: number
  readonly to: number
}

/** More than any terminal shows; keeps a line of megabytes from being measured whole. */
const REACH = 1000
const TAB = 4

/**
 * The place in its text: the line before, the line, and carets under the range. Lines longer than `width` are cut around the
 * carets; what a terminal would obey or hide is shown as an escape.
 */
export function codeFrame(source: SourceText, location: Location, options: { style: Style; width: number }): string {
  const { colors, glyphs } = options.style
  const { line } = location.start
  if (line > source.lineStarts.length) return ''
  const digits = String(line).length
  const marked = measure(lineOf(source, line), location)
  const window = windowAround(marked, Math.max(20, options.width - digits - 5))
  const rows: string[] = []
  const row = (gutter: string, text: string): void => {
    rows.push(`${colors.dim(`${gutter.padStart(digits)} ${glyphs.bar}`)} ${text}`.trimEnd())
  }
  if (line > 1) {
    const before = lineOf(source, line - 1)
    if (before.trim() !== '') row(String(line - 1), cut(measure(before, null).cells, window, glyphs.ellipsis))
  }
  row(String(line), cut(marked.cells, window, glyphs.ellipsis))
  row('', colors.red(carets(marked, window)))
  return rows.map((text) => `  ${text}\n`).join('')
}

function lineOf(source: SourceText, line: number): string {
  const start = source.lineStarts[line - 1] ?? source.text.length
  const end = source.lineStarts[line] ?? source.text.length + 1
  return source.text.slice(start, end - 1).replace(/\r$/, '')
}

function measure(line: string, location: Location | null): Shown {
  const mark = location ? rangeIn(line, location) : { from: 0, to: 0 }
  const first = Math.max(0, mark.from - REACH)
  const last = Math.min(line.length, Math.min(mark.to, mark.from + REACH) + REACH)
  const cells: Cell[] = []
  let column = 0
  let from: number | null = null
  let to: number | null = null
  let offset = first
  for (const character of line.slice(first, last)) {
    if (from === null && offset >= mark.from) from = column
    if (to === null && offset >= mark.to) to = column
    const shown = character === '\t' ? ' '.repeat(TAB - (column % TAB)) : escapeText(character)
    const end = column + widthOf(shown)
    cells.push({ shown, from: column, to: end })
    column = end
    offset += character.length
  }
  return { cells, from: from ?? column, to: to ?? column }
}

/** 0-based offsets of the marked part of its first line. */
function rangeIn(line: string, location: Location): Window {
  const from = Math.min(location.start.column - 1, line.length)
  const endsHere = location.end.line === location.start.line
  const to = endsHere ? Math.min(location.end.column - 1, line.length) : line.length
  return { from, to: Math.max(from, to) }
}

/** The columns to show: all where they fit, otherwise with a third of the room before the carets. */
function windowAround(line: Shown, room: number): Window {
  const end = line.cells.at(-1)?.to ?? 0
  if (end <= room) return { from: 0, to: room }
  const from = Math.max(0, Math.min(line.from - Math.floor(room / 3), end - room))
  return { from, to: from + room }
}

function cut(cells: readonly Cell[], window: Window, ellipsis: string): string {
  const end = cells.at(-1)?.to ?? 0
  const left = window.from > 0 && end > 0 ? ellipsis : ''
  const right = end > window.to ? ellipsis : ''
  const from = window.from + widthOf(left)
  const to = window.to - widthOf(right)
  let shown = ''
  let column = from
  for (const cell of cells) {
    if (cell.from < from || cell.to > to) continue
    shown += ' '.repeat(Math.max(0, cell.from - column)) + cell.shown
    column = Math.max(column, cell.to)
  }
  return `${left}${shown}${right}`
}

function carets(line: Shown, window: Window): string {
  const from = Math.min(Math.max(line.from, window.from), window.to)
  const to = Math.min(Math.max(line.to, from + 1), Math.max(window.to, from + 1))
  return ' '.repeat(from - window.from) + '^'.repeat(to - from)
}
