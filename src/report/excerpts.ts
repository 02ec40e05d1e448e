import type { LogRecord } from '../model/outcome.ts'
import type { FilePart } from '../model/ports.ts'
import { fit } from './columns.ts'
import { escapeMarkup } from './markup.ts'
import type { LogExcerpt, ReadPart } from './report-model.ts'
import { escapeLines } from './style.ts'

/** How much is shown of a log. */
export interface ExcerptSize {
  /** In bytes, and then in lines. */
  readonly head: { readonly bytes: number; readonly lines: number }
  readonly tail: { readonly bytes: number; readonly lines: number }
}

const COLUMNS = 400

/** What a report may hold in all of texts that others wrote, in bytes of HTML. */
export interface Budget {
  /** Whether there is room for these lines; if so, it is theirs. */
  take(lines: readonly string[]): boolean
}

export function createBudget(bytes: number): Budget {
  let left = bytes
  return {
    take: (lines) => {
      const cost = lines.reduce((sum, line) => sum + Buffer.byteLength(escapeMarkup(line)) + 1, 0)
      if (cost > left) return false
      left -= cost
      return true
    },
  }
}

/** The beginning and the end of a log; `null` where there is none, or nothing was printed. */
export function readExcerpt(log: LogRecord, size: ExcerptSize, read: ReadPart): LogExcerpt | null {
  if (log.path === null || log.totalBytes === 0) return null
  const { path, totalBytes, digest } = log
  const part = read(path, { head: size.head.bytes, tail: size.tail.bytes })
  return part && { path, totalBytes, digest, ...linesOf(part, size), withheld: null }
}

export function withhold(excerpt: LogExcerpt, why: string): LogExcerpt {
  return { ...excerpt, head: [], cut: false, tail: [], withheld: why }
}

function linesOf(part: FilePart, { head, tail }: ExcerptSize): Pick<LogExcerpt, 'head' | 'cut' | 'tail'> {
  const decode = (bytes: Uint8Array): readonly string[] => {
    const lines = escapeLines(new TextDecoder().decode(bytes))
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines
  }
  const first = decode(part.head)
  const whole = part.tail.length === 0
  if (whole && first.length <= head.lines + tail.lines) return { head: narrow(first), cut: false, tail: [] }
  // What was cut within a line is not told as one.
  const last = whole ? first : decode(part.tail).slice(1)
  const shownFirst = (whole ? first : withoutLast(first)).slice(0, head.lines)
  return { head: narrow(shownFirst), cut: true, tail: narrow(last.slice(-tail.lines)) }
}

function withoutLast(lines: readonly string[]): readonly string[] {
  return lines.length > 1 ? lines.slice(0, -1) : lines
}

function narrow(lines: readonly string[]): readonly string[] {
  return lines.map((line) => fit(line, COLUMNS, '…'))
}
