import { lineEnd } from './lines.ts'
import type { Reader } from './reader.ts'

/** Lines that a hunk stands for, on one side. */
interface Range {
  /** From 0. */
  readonly line: number
  readonly count: number
}

const [SPACE, PLUS, MINUS, BACKSLASH] = [0x20, 0x2b, 0x2d, 0x5c]

/** Puts the hunks that come next on the bytes that they were made from; each has to be where it says, to the byte. */
export function readHunks(reader: Reader, before: Uint8Array): Uint8Array {
  const target = new Target(before)
  eachHunk(reader, target)
  return target.finish()
}

/** Passes over the hunks that come next. */
export function skipHunks(reader: Reader): void {
  eachHunk(reader, null)
}

function eachHunk(reader: Reader, target: Target | null): void {
  for (let head = reader.after('@@ -'); head !== null; head = reader.after('@@ -')) {
    const [old, made] = rangesIn(head) ?? reader.refuse('syntax')
    if (target && (!target.copyTo(old.line) || target.line !== made.line)) reader.refuse('conflict')
    readHunk(reader, target, { old: old.count, made: made.count })
  }
}

function rangesIn(head: string): readonly [Range, Range] | null {
  const parts = /^(\d{1,15})(?:,(\d{1,15}))? \+(\d{1,15})(?:,(\d{1,15}))? @@(?: .*)?$/.exec(head)
  if (!parts) return null
  const [, oldLine = '', oldCount = '1', line = '', count = '1'] = parts
  return [rangeOf(Number(oldLine), Number(oldCount)), rangeOf(Number(line), Number(count))]
}

/** Where there are no lines, the one before them is named. */
function rangeOf(line: number, count: number): Range {
  return { line: count === 0 ? line : line - 1, count }
}

function readHunk(reader: Reader, target: Target | null, { old, made }: { old: number; made: number }): void {
  let [left, toMake] = [old, made]
  while (left > 0 || toMake > 0) {
    const sign = reader.peek()
    if (sign !== SPACE && sign !== PLUS && sign !== MINUS) reader.refuse('syntax', reader.line)
    if (sign !== PLUS) left--
    if (sign !== MINUS) toMake--
    if (left < 0 || toMake < 0) reader.refuse('syntax')
    const line = withoutEnd(reader)
    if (sign !== PLUS && target?.skip(line) === false) reader.refuse('conflict')
    if (sign !== MINUS && target?.add(line) === false) reader.refuse('corrupt')
  }
}

/** What a line of a hunk holds, with its end unless the next line says that it has none. */
function withoutEnd(reader: Reader): Uint8Array {
  const line = reader.take()
  if (line.at(-1) !== 0x0a) reader.refuse('syntax')
  if (reader.peek() !== BACKSLASH) return line.subarray(1)
  reader.take()
  return line.subarray(1, -1)
}

/** Up to so many bytes, a loop takes less time than it takes to call something quicker. */
const SHORT = 32

function isAt(bytes: Uint8Array, at: number, line: Uint8Array): boolean {
  if (line.length > SHORT) return Buffer.compare(bytes.subarray(at, at + line.length), line) === 0
  for (let index = 0; index < line.length; index++) if (bytes[at + index] !== line[index]) return false
  return true
}

/** A file as it comes to be from what it was. */
class Target {
  readonly #before: Uint8Array
  #made: Uint8Array
  #size = 0
  #at = 0
  #lineBefore = 0
  /** How many lines there are by now. */
  line = 0

  constructor(before: Uint8Array) {
    this.#before = before
    this.#made = new Uint8Array(before.length + 1024)
  }

  /** Takes over what stands before a line; false: there is no such line, or it is behind this one. */
  copyTo(line: number): boolean {
    if (line < this.#lineBefore) return false
    let end = this.#at
    for (let at = this.#lineBefore; at < line; at++) {
      if (end === this.#before.length) return false
      end = lineEnd(this.#before, end)
    }
    this.line += line - this.#lineBefore
    this.#lineBefore = line
    this.#push(this.#before.subarray(this.#at, end))
    this.#at = end
    return true
  }

  /** Leaves a line out; false: it is not the one that comes next. */
  skip(line: Uint8Array): boolean {
    const end = this.#at + line.length
    if (this.#at === this.#before.length || !isAt(this.#before, this.#at, line)) return false
    // A line without an end is the last one.
    if (line.at(-1) !== 0x0a && end !== this.#before.length) return false
    this.#at = end
    this.#lineBefore++
    return true
  }

  /** Adds a line; false: the one before it has no end. */
  add(line: Uint8Array): boolean {
    if (this.#size > 0 && this.#made[this.#size - 1] !== 0x0a) return false
    this.#push(line)
    this.line++
    return true
  }

  /** All that there is, with what is left. */
  finish(): Uint8Array {
    this.#push(this.#before.subarray(this.#at))
    return this.#made.slice(0, this.#size)
  }

  #push(bytes: Uint8Array): void {
    const size = this.#size + bytes.length
    if (size > this.#made.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#made.length))
      larger.set(this.#made.subarray(0, this.#size))
      this.#made = larger
    }
    if (bytes.length > SHORT) this.#made.set(bytes, this.#size)
    else for (let index = 0; index < bytes.length; index++) this.#made[this.#size + index] = bytes[index] ?? 0
    this.#size = size
  }
}
