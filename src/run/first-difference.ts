import type { Twice } from '../model/check.ts'

export interface FirstDifference {
  /** From 0. */
  readonly offset: number
  /** From 1, counted in line feeds; `null` where a byte of zero comes before it, as in no text. */
  readonly line: number | null
  /** `null`: the bytes have ended there. */
  readonly bytes: Twice<number | null>
}

const LINE_FEED = 0x0a

/** Compares two files piece by piece, whatever the pieces are; `null`: they are the same. */
export function firstDifference(earlier: Iterable<Uint8Array>, later: Iterable<Uint8Array>): FirstDifference | null {
  const [left, right] = [cursor(earlier), cursor(later)]
  let offset = 0
  let line: number | null = 1
  for (;;) {
    const [a, b] = [left.rest(), right.rest()]
    const length = Math.min(a.length, b.length)
    const same = length > 0 && Buffer.compare(a.subarray(0, length), b.subarray(0, length)) === 0
    const equal = same ? length : commonStart(a, b)
    line = linesAfter(line, a.subarray(0, equal))
    if (!same) {
      if (a.length === 0 && b.length === 0) return null
      const bytes = [a[equal] ?? null, b[equal] ?? null] as const
      return { offset: offset + equal, line: bytes.includes(0) ? null : line, bytes }
    }
    offset += length
    left.take(length)
    right.take(length)
  }
}

/** The bytes on both sides of an offset, at most `reach` on each. */
export function bytesAround(chunks: Iterable<Uint8Array>, offset: number, reach: number): Buffer {
  const kept: Uint8Array[] = []
  let at = 0
  for (const chunk of chunks) {
    if (at + chunk.length > offset - reach) {
      kept.push(Buffer.from(chunk.subarray(Math.max(0, offset - reach - at), Math.max(0, offset + reach - at))))
    }
    at += chunk.length
    if (at >= offset + reach) break
  }
  return Buffer.concat(kept)
}

interface Cursor {
  /** What is left of the current piece; empty at the end. */
  rest(): Uint8Array
  take(length: number): void
}

const NOTHING = new Uint8Array()

function cursor(chunks: Iterable<Uint8Array>): Cursor {
  const iterator = chunks[Symbol.iterator]()
  let current: Uint8Array = NOTHING
  return {
    rest: () => {
      while (current.length === 0) {
        const next = iterator.next()
        if (next.done) return NOTHING
        current = next.value
      }
      return current
    },
    take: (length) => {
      current = current.subarray(length)
    },
  }
}

function commonStart(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  let at = 0
  while (at < length && a[at] === b[at]) at++
  return at
}

function linesAfter(line: number | null, bytes: Uint8Array): number | null {
  if (line === null || bytes.includes(0)) return null
  let count = line
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) count++
  return count
}
