import type { PatchProblem } from '../model/change.ts'
import { lineEnd } from './lines.ts'
import { utf8 } from './names.ts'

/** Ends the reading of a patch; it leaves this room as a value. */
export class Refused extends Error {
  readonly problem: PatchProblem

  constructor(problem: PatchProblem) {
    super(problem.kind)
    this.problem = problem
  }
}

const END = 0x0a
/** No line but those of files is longer, in bytes. */
const LONGEST = 32 * 1024

/** A patch, line by line. */
export class Reader {
  readonly #patch: Uint8Array
  #at = 0
  /** The number of the next line, from 1. */
  line = 1
  /** The file that is read at this moment. */
  path: string | null = null

  constructor(patch: Uint8Array) {
    this.#patch = patch
  }

  isOver(): boolean {
    return this.#at >= this.#patch.length
  }

  /** The line that was read last is what is wrong, unless another is named. */
  refuse(kind: PatchProblem['kind'], line: number = Math.max(1, this.line - 1)): never {
    throw new Refused({ kind, line, path: this.path })
  }

  /** The first byte of the next line; -1 at the end. */
  peek(): number {
    return this.#patch[this.#at] ?? -1
  }

  /** The next line with its end, which may be missing at the end of the patch. */
  take(): Uint8Array {
    const end = lineEnd(this.#patch, this.#at)
    const line = this.#patch.subarray(this.#at, end)
    this.#at = end
    this.line++
    return line
  }

  /** All lines up to an empty one, which is passed over; `null`: there is none. */
  takeBlock(): Uint8Array | null {
    const start = this.#at
    for (let end = start; ; end = this.#at) {
      const line = this.take()
      if (line.at(-1) !== END) return null
      if (line.length === 1) return this.#patch.subarray(start, end)
    }
  }

  /** The next line without its end if it begins so, what follows that; `null`: another one is next. */
  after(prefix: string): string | null {
    const start = Buffer.from(prefix)
    if (Buffer.compare(this.#patch.subarray(this.#at, this.#at + start.length), start) !== 0) return null
    const end = lineEnd(this.#patch, this.#at)
    if (end - this.#at > LONGEST || this.#patch[end - 1] !== END) this.refuse('syntax')
    const text = utf8(this.#patch.subarray(this.#at + start.length, end - 1))
    if (text === null) this.refuse('syntax')
    this.take()
    return text
  }

  /** What follows in a line that has to begin so. */
  need(prefix: string): string {
    return this.after(prefix) ?? this.refuse('syntax', this.line)
  }
}
