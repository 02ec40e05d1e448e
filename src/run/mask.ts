/** What stands where a secret was. */
const MASK = Buffer.from('***')

/** Hides the values of secrets in bytes that come in pieces. */
export interface Masker {
  /** What may be told so far; the rest waits until it is known that no secret begins in it. */
  push(chunk: Uint8Array): Uint8Array
  /** The rest. */
  flush(): Uint8Array
}

/**
 * Hides each value, and each line of one with several, as it is, in base64 and base64url at any offset, in hex, and escaped for URLs and
 * JSON. What is hidden doesn't show how long it was.
 */
export function createMasker(values: readonly string[]): Masker {
  const needles = needlesOf(values)
  const longest = Math.max(0, ...needles.map(({ length }) => length))
  if (longest === 0) return { push: (chunk) => chunk, flush: () => new Uint8Array() }
  let held: Buffer = Buffer.alloc(0)
  /** How many bytes at the start of `held` belong to what is hidden already. */
  let hidden = 0
  const release = (bytes: Buffer, cut: number): Buffer => {
    const { told, rest } = hide(bytes, { ranges: rangesIn(bytes, needles, hidden), hidden, cut })
    hidden = rest
    held = Buffer.from(bytes.subarray(cut))
    return told
  }
  return {
    push: (chunk) => {
      const bytes = Buffer.concat([held, chunk])
      return release(bytes, Math.max(0, bytes.length - longest + 1))
    },
    flush: () => release(held, held.length),
  }
}

/** The same for a text that is at hand as a whole. */
export function maskText(text: string, values: readonly string[]): string {
  const masker = createMasker(values)
  const told = [masker.push(Buffer.from(text)), masker.flush()]
  return Buffer.concat(told).toString()
}

interface Range {
  readonly start: number
  readonly end: number
}

/** Where something is to be hidden: ascending, and none overlaps another. */
function rangesIn(bytes: Buffer, needles: readonly Buffer[], hidden: number): readonly Range[] {
  const found: Range[] = hidden > 0 ? [{ start: 0, end: hidden }] : []
  for (const needle of needles) {
    for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + 1)) {
      found.push({ start: at, end: at + needle.length })
    }
  }
  const merged: Range[] = []
  for (const range of found.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last && range.start < last.end) merged[merged.length - 1] = { ...last, end: Math.max(last.end, range.end) }
    else merged.push(range)
  }
  return merged
}

interface Hiding {
  readonly ranges: readonly Range[]
  /** How many bytes at the start have been told as hidden. */
  readonly hidden: number
  /** Where the bytes end that may be told. */
  readonly cut: number
}

/** `rest`: how many bytes behind the cut belong to what is told as hidden before it. */
function hide(bytes: Buffer, { ranges, hidden, cut }: Hiding): { readonly told: Buffer; readonly rest: number } {
  const parts: Buffer[] = []
  let at = 0
  for (const { start, end } of ranges) {
    if (start >= cut) break
    parts.push(bytes.subarray(at, start))
    if (start > 0 || hidden === 0) parts.push(MASK)
    at = end
  }
  if (at < cut) parts.push(bytes.subarray(at, cut))
  return { told: Buffer.concat(parts), rest: Math.max(0, Math.max(at, hidden) - cut) }
}

function needlesOf(values: readonly string[]): readonly Buffer[] {
  const pieces = values.flatMap((value) => [value, ...value.split(/\r\n|[\r\n]/)]).filter((piece) => piece !== '')
  const texts = new Set(pieces.flatMap(spellings))
  return [...texts].map((text) => Buffer.from(text))
}

function spellings(text: string): readonly string[] {
  const bytes = Buffer.from(text)
  const url = encodeURIComponent(text)
  const hex = bytes.toString('hex')
  const json = JSON.stringify(text).slice(1, -1)
  return [
    ...[text, json, asciiJson(json), json.replaceAll('/', '\\/')],
    ...[url, strictUrl(url), url.replaceAll('%20', '+'), strictUrl(url).replaceAll('%20', '+')].flatMap(bothCases),
    ...[hex, hex.toUpperCase()],
    ...base64Spellings(bytes),
  ]
}

/** As Python and others write JSON: every character beyond ASCII escaped. */
function asciiJson(json: string): string {
  return json.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** RFC 3986 reserves these as well, and many encoders escape them. */
function strictUrl(url: string): string {
  return url.replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

function bothCases(url: string): readonly string[] {
  return [url, url.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())]
}

/** Fewer characters than these would hide what is no secret. */
const LEAST_BASE64 = 4

/**
 * Inside of longer data a value starts at one of three offsets in a group of three bytes, and the characters at its borders hold bits of
 * its neighbours: those between are the same whatever stands around them.
 */
function base64Spellings(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replaceAll('=', '')
    const first = Math.ceil((offset * 8) / 6)
    const last = Math.floor(((offset + bytes.length) * 8) / 6)
    const inner = padded.slice(first, last)
    if (inner.length < LEAST_BASE64) return []
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
