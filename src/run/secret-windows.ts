/** How a text is cut, in bytes. */
export interface WindowSizes {
  /** How much further each window is than the one before. */
  readonly step: number
  /** What a window shows of the text before its own part, so that a rule sees whether a word begins there. */
  readonly before: number
  /** What it shows of the text behind, so that what begins in its own part is there to its end. */
  readonly after: number
}

/**
 * The longest that a rule knows by its end as well is a private key, of at most 10,100 characters. What is longer still
 * (a run of words with hyphens, a URL) is known by its beginning.
 */
const WINDOW_SIZES: WindowSizes = { step: 128 * 1024, before: 64, after: 16 * 1024 }

/** A part of a text. What begins in [from, to) belongs to it; the rest of what it shows belongs to its neighbours. */
export interface TextWindow {
  /** ASCII, one character for each byte. Other bytes are DEL: no letter, and so no reason to take a token for a part of a word. */
  readonly text: string
  readonly from: number
  readonly to: number
  /** The line at which it starts, from 1. */
  readonly line: number
  /** Whether it is all of the text. */
  readonly whole: boolean
}

/** Cuts a text into overlapping windows, each of bounded size, so that a text of any size is looked at in bounded memory. */
export function* windowsOf(
  chunks: Iterable<Uint8Array>,
  sizes: WindowSizes = WINDOW_SIZES,
): Generator<TextWindow, void> {
  const { step, before, after } = sizes
  let held: Uint8Array = new Uint8Array(0)
  let from = 0
  let line = 1
  let whole = true
  const window = (to: number, end: number): TextWindow => ({
    text: asciiOf(held.subarray(0, end)),
    from,
    to,
    line,
    whole,
  })
  for (const chunk of chunks) {
    held = Buffer.concat([held, chunk])
    while (held.length > from + step + after) {
      whole = false
      yield window(from + step, from + step + after)
      const past = Math.max(0, from + step - before)
      line += countLineFeeds(held.subarray(0, past))
      held = held.subarray(past)
      from = from + step - past
    }
  }
  if (held.length > from) yield window(held.length, held.length)
}

const DEL = 0x7f

function asciiOf(bytes: Uint8Array): string {
  const ascii = Buffer.from(bytes)
  for (let at = 0; at < ascii.length; at++) if ((ascii[at] ?? 0) > DEL) ascii[at] = DEL
  return ascii.toString('latin1')
}

/** Tells the line of the file on which a character of a window is; each window is gone through once, however often one asks. */
export function lineFinder({ text, line }: TextWindow): (offset: number) => number {
  let ends: readonly number[] | null = null
  return (offset) => {
    ends ??= lineFeedsIn(text)
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return line + low
  }
}

function lineFeedsIn(text: string): readonly number[] {
  const found: number[] = []
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) found.push(at)
  return found
}

const LINE_FEED = 0x0a

function countLineFeeds(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) count++
  return count
}
