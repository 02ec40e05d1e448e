import { eastAsianWidth } from 'get-east-asian-width'

const ASCII = /^[\x20-\x7E]*$/
/** Accents that stand on the character before, and the selectors between text and emoji shapes. */
const NO_WIDTH = /^[\p{Mn}\p{Me}]$/u

/**
 * Terminal columns of an escaped text without colours. Counted by code points: an `Intl.Segmenter` takes a third of the start of
 * Node to load, and what joins code points into one is escaped anyway.
 */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length
  let width = 0
  for (const character of text) width += widthOfCharacter(character)
  return width
}

function widthOfCharacter(character: string): number {
  if (NO_WIDTH.test(character)) return 0
  return eastAsianWidth(character.codePointAt(0) ?? 0)
}

/** The text, cut to so many columns; `ellipsis` stands for what was cut. */
export function fit(text: string, columns: number, ellipsis: string): string {
  if (text.length <= columns * 4 && widthOf(text) <= columns) return text
  const room = columns - widthOf(ellipsis)
  let shown = ''
  let used = 0
  for (const character of text) {
    used += widthOf(character)
    if (used > room) break
    shown += character
  }
  return room < 0 ? '' : `${shown}${ellipsis}`
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

/** Rows of cells with every column but the last as wide as its widest cell, without trailing blanks. */
export function alignColumns(rows: readonly (readonly string[])[], gap = '  '): readonly string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, widthOf(cell))
  }
  return rows.map((row) =>
    row
      .map((cell, index) => padEnd(cell, widths[index] ?? 0))
      .join(gap)
      .trimEnd(),
  )
}
