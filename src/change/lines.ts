import { isUtf8 } from 'node:buffer'

const END = 0x0a
const NEAR = 32

/** Some lines of a text that follow each other: bytes from `at` up to `end`, the first of them line `line`, from 0. */
export interface Lines {
  readonly at: number
  readonly end: number
  readonly line: number
  readonly count: number
}

/** Whether the bytes of a file are lines that a patch can show; others it carries as a whole. */
export function isText(bytes: Uint8Array): boolean {
  return !bytes.includes(0) && isUtf8(bytes)
}

/** How many lines there are from `at` up to `end`; what follows the last end of a line is one more. */
export function countIn(bytes: Uint8Array, at: number, end: number): number {
  let count = 0
  for (let from = at; from < end; count++) from = lineEnd(bytes, from, end)
  return count
}

/** Where the line that begins at `at` is over, its end included. */
export function lineEnd(bytes: Uint8Array, at: number, end: number = bytes.length): number {
  // Most lines are short, and a call of what looks through long ones costs more than to look.
  const near = Math.min(at + NEAR, end)
  for (let place = at; place < near; place++) if (bytes[place] === END) return place + 1
  const found = bytes.indexOf(END, near)
  return found === -1 || found >= end ? end : found + 1
}

/** Where the line begins that is over at `end`. */
function lineStart(bytes: Uint8Array, end: number): number {
  return end < 2 ? 0 : bytes.lastIndexOf(END, end - 2) + 1
}

/** Up to `most` lines that stand before others. */
export function linesBefore(bytes: Uint8Array, { at: end, line }: Pick<Lines, 'at' | 'line'>, most: number): Lines {
  let at = end
  let count = 0
  for (; count < most && at > 0; count++) at = lineStart(bytes, at)
  return { at, end, line: line - count, count }
}

/** Up to `most` lines that stand behind others. */
export function linesAfter(bytes: Uint8Array, { end: at, line, count: above }: Lines, most: number): Lines {
  let end = at
  let count = 0
  for (; count < most && end < bytes.length; count++) end = lineEnd(bytes, end)
  return { at, end, line: line + above, count }
}

/** How many bytes both begin with, and then how many both end with; each ends where a line does. */
export function commonEnds(before: Uint8Array, after: Uint8Array): { readonly first: number; readonly last: number } {
  const shorter = Math.min(before.length, after.length)
  let same = 0
  while (same < shorter && before[same] === after[same]) same++
  const first = same === before.length && same === after.length ? same : startOf(before, same)
  let last = 0
  while (last < shorter - first && before[before.length - 1 - last] === after[after.length - 1 - last]) last++
  return { first, last: last - untilStart(before, after, last) }
}

/** The beginning of the line that byte `at` belongs to. */
function startOf(bytes: Uint8Array, at: number): number {
  return at === 0 ? 0 : bytes.lastIndexOf(END, at - 1) + 1
}

/** How many of the last bytes belong to a line that begins before them in either. */
function untilStart(before: Uint8Array, after: Uint8Array, last: number): number {
  const isStart = (bytes: Uint8Array): boolean => last === bytes.length || bytes[bytes.length - last - 1] === END
  if (last === 0 || (isStart(before) && isStart(after))) return 0
  return lineEnd(before, before.length - last) - (before.length - last)
}
