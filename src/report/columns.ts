import stringWidth from 'string-width'

/** Terminal columns of a text without escape sequences. */
export function widthOf(text: string): number {
  return stringWidth(text)
}

/** The text, cut to so many columns; `ellipsis` stands for what was cut. */
export function fit(text: string, columns: number, ellipsis: string): string {
  if (text.length <= columns && isPlain(text)) return text
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

function isPlain(text: string): boolean {
  return /^[\x20-\x7E]*$/.test(text)
}
