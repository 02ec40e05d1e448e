import type { DiagnosticCode, DiagnosticFacts } from '../model/diagnostic.ts'
import { escapeText } from './style.ts'

/** What a complaint says: one or more sentences, and what to do about it, possibly in several lines. Both are safe to print. */
export interface Worded {
  readonly message: string
  readonly fix: string | null
}

/** The wording of every code; a code without one does not compile. */
export type Wording = { readonly [Code in DiagnosticCode]: (facts: DiagnosticFacts[Code]) => Worded }

/** `1 error`, `2 errors`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`
}

/** Names in backticks, at most `limit` of them: `` `a`, `b` and 3 more ``. @param more how many there are beside `names` */
export function quoteAll(names: readonly string[], limit = 10, more = 0): string {
  const shown = names.slice(0, limit).map(quote)
  const rest = names.length - shown.length + more
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}

/** A value of unknown origin within a sentence. */
export function quote(text: string): string {
  const bounded = text.length > 200 ? `${text.slice(0, 200)}…` : text
  return `\`${escapeText(bounded)}\``
}

/** Words that came from elsewhere, as the end of a sentence of ours. */
export function plain(words: string): string {
  return quote(words)
    .slice(1, -1)
    .replace(/[.\s]+$/, '')
}

export function didYouMean(suggestion: string | null): string | null {
  return suggestion === null ? null : `Did you mean ${quote(suggestion)}?`
}
