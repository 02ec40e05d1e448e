// How git writes names in patches (git-diff(1), core.quotePath; quote.c).

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 }
const LETTERS = new Map(Object.entries(ESCAPES).map(([letter, byte]) => [byte, letter]))
const QUOTED = /[\u0000-\u001f"\\\u007f-\uffff]/

/** A name as git writes it by default: between quotes, with octal bytes, where it holds anything but printable ASCII. */
export function quoteName(name: string, { always = false }: { readonly always?: boolean } = {}): string {
  if (!always && !QUOTED.test(name)) return name
  let text = ''
  for (const byte of Buffer.from(name)) {
    const letter = LETTERS.get(byte)
    if (letter !== undefined) text += `\\${letter}`
    else if (byte < 0x20 || byte > 0x7e) text += `\\${byte.toString(8).padStart(3, '0')}`
    else text += String.fromCharCode(byte)
  }
  return `"${text}"`
}

/** A name that {@link quoteName} has quoted at the beginning of a text, and what follows; `null`: there is none. */
export function unquoteName(text: string): { readonly name: string; readonly rest: string } | null {
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(text)
  if (!quoted) return null
  const [whole, inner = ''] = quoted
  const bytes: number[] = []
  for (const [part, octal, letter] of inner.matchAll(/\\(?:([0-3][0-7]{2})|(.))|[^\\]+/gs)) {
    if (octal !== undefined) bytes.push(parseInt(octal, 8))
    else if (letter === undefined) bytes.push(...Buffer.from(part))
    else {
      const byte = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined
      if (byte === undefined) return null
      bytes.push(byte)
    }
  }
  const name = utf8(Buffer.from(bytes))
  return name === null ? null : { name, rest: text.slice(whole.length) }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of bytes; `null`: they are not UTF-8. */
export function utf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}
