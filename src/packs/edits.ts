import type { Diagnostic, DiagnosticFacts } from '../model/diagnostic.ts'
import { PILLARS, RISKS } from '../model/pack.ts'
import type { SourceText, Span } from '../model/source.ts'
import { onlyClose } from '../model/suggest.ts'
import { respelledDuration, respelledSize } from './units.ts'

/** A range of a text and what is to stand there instead. */
export interface Edit extends Span {
  readonly by: string
}

/** The edit that corrects what a complaint is about; `null` where there is not one right answer. */
export function editFor(complaint: Diagnostic, source: SourceText): Edit | null {
  const span = spanOf(complaint, source)
  if (!span) return null
  const written = source.text.slice(span.start, span.end)
  switch (complaint.code) {
    case 'unknown-key': {
      const key = onlyClose(complaint.facts.key, complaint.facts.known)
      return key === null ? null : { ...span, by: key }
    }
    case 'not-a-string':
      // Nothing may stand for an empty text as well as for the word.
      return complaint.facts.found === 'nothing' ? null : { ...span, by: quoted(written) }
    case 'missing-key':
      return complaint.facts.parent === '' && complaint.facts.key === 'version' ? versionAt(span.start, source) : null
    case 'wrong-type':
      return unquoted(complaint.facts, { span, written })
    case 'invalid-value': {
      const value = rightValue(complaint.facts)
      return value === null ? null : { ...span, by: inStyleOf(written, value) }
    }
    default:
      return null
  }
}

/** Whether there is likely one right answer; it may still turn out to make something worse. */
export function isCorrectable(complaint: Diagnostic, sources: ReadonlyMap<string, SourceText>): boolean {
  const source = sources.get(complaint.location?.file ?? '')
  return source !== undefined && editFor(complaint, source) !== null
}

/** What is wrong is a key or a value in one line. */
function spanOf({ location }: Diagnostic, { lineStarts }: SourceText): Span | null {
  if (!location || location.start.line !== location.end.line) return null
  const line = lineStarts[location.start.line - 1]
  if (line === undefined) return null
  return { start: line + location.start.column - 1, end: line + location.end.column - 1 }
}

function quoted(written: string): string {
  return `'${written.replaceAll("'", "''")}'`
}

/** Before the first key, which stands at the beginning of its line or behind the brace of a flow mapping. */
function versionAt(start: number, { text }: SourceText): Edit | null {
  if (text[start] === '{') {
    const empty = /^\{\s*\}/.test(text.slice(start))
    return { start: start + 1, end: start + 1, by: empty ? ' version: 1 ' : ' version: 1,' }
  }
  const end = /\r\n|\n/.exec(text)?.[0] ?? '\n'
  const isFirst = start === 0 || text[start - 1] === '\n'
  return isFirst ? { start, end: start, by: `version: 1${end}` } : null
}

interface Written {
  readonly span: Span
  readonly written: string
}

/** A whole number in quotes, where a number belongs. */
function unquoted({ expected, found }: DiagnosticFacts['wrong-type'], { span, written }: Written): Edit | null {
  const [, number] = /^(['"])(0|[1-9]\d*)\1$/.exec(written)?.slice(1) ?? []
  if (found !== 'a string' || number === undefined) return null
  return ['a whole number', 'the number 1'].includes(expected) ? { ...span, by: number } : null
}

/** Words of which one has to stand here, by the key. */
const WORDS: Readonly<Record<string, readonly string[]>> = { pillar: PILLARS, risk: RISKS }

const MEASURES: Readonly<Record<string, (text: string) => string | null>> = {
  timeout: respelledDuration,
  memory: respelledSize,
  log: respelledSize,
  output: respelledSize,
}

/** Paths whose separators alone are wrong; `paths.ts` says what is expected. */
const SEPARATORS: ReadonlySet<string> = new Set([
  'a path with / between its parts',
  'a path without empty parts',
  'a file',
])

function rightValue({ key, found, expected, suggestion }: DiagnosticFacts['invalid-value']): string | null {
  const words = WORDS[key]
  if (words) return onlyClose(found, words)
  const measure = /(?:^|\.)limits\.(\w+)$/.exec(key)?.[1]
  if (measure !== undefined) return MEASURES[measure]?.(found) ?? null
  // A backslash before a wildcard may be meant to take its meaning away.
  return SEPARATORS.has(expected) && !/\\[^\w.-]/.test(found) ? suggestion : null
}

/** In the quotes that there were. Whether a plain text stays one is seen when it is read again. */
function inStyleOf(written: string, value: string): string {
  if (written.startsWith("'")) return quoted(value)
  return written.startsWith('"') ? JSON.stringify(value) : value
}
