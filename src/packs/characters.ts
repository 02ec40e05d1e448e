/**
 * What nobody can see and what can hide the meaning of a text: control characters but tab and newline, format characters
 * (bidi overrides, zero-width ones), line and paragraph separators, halves of surrogate pairs.
 */
const HIDDEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

/** Most files, and quick to tell. */
const PLAIN_ASCII = /^[\t\n -~]*$/

export interface HiddenCharacter {
  readonly offset: number
  readonly codePoint: number
}

/** A file that holds more of them is no text at all, and nobody would read of each. */
const MOST = 1000

/** The hidden characters of a file's text, a thousand at most; the CR of a CRLF is none. */
export function hiddenCharacters(text: string): HiddenCharacter[] {
  const found: HiddenCharacter[] = []
  if (PLAIN_ASCII.test(text) || !HIDDEN.test(text)) return found
  for (const match of text.matchAll(new RegExp(HIDDEN, 'gu'))) {
    if (match[0] === '\r' && text[match.index + 1] === '\n') continue
    found.push({ offset: match.index, codePoint: match[0].codePointAt(0) ?? 0 })
    if (found.length === MOST) break
  }
  return found
}

/** The first hidden character of a value, as a code point. */
export function hiddenCharacter(value: string): number | null {
  return HIDDEN.exec(value)?.[0].codePointAt(0) ?? null
}

/** Whether a name of a file can be shown and written in a list of one name a line. */
export function isPlainName(name: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(name)
}
