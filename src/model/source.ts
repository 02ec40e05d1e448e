/** 1-based line and column, counted in UTF-16 units as editors and SARIF do. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A range of a file; `end` is exclusive. `file` is relative to the workspace root. */
export interface Location {
  readonly file: string
  readonly start: Position
  readonly end: Position
}

/** Half-open range of offsets into a text. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A text with the means to turn offsets into positions. */
export interface SourceText {
  readonly file: string
  readonly text: string
  /** The offset at which each line starts. */
  readonly lineStarts: readonly number[]
}

export function sourceText(file: string, text: string): SourceText {
  const lineStarts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1)
  return { file, text, lineStarts }
}

export function locationOf(source: SourceText, span: Span): Location {
  return { file: source.file, start: positionAt(source, span.start), end: positionAt(source, span.end) }
}

function positionAt(source: SourceText, offset: number): Position {
  let low = 0
  let high = source.lineStarts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((source.lineStarts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (source.lineStarts[low] ?? 0) + 1 }
}
