import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { compareBytes } from '../model/order.ts'
import { placeOf } from '../model/pack.ts'
import type { Output } from './draft.ts'
import { overlaps, type Pattern } from './pattern.ts'

/**
 * Declared outputs by the literal characters that they start with, so that a lookup does not go through all of them.
 */
export class OutputIndex {
  readonly #sorted: readonly Output[]
  readonly #byPrefix = new Map<string, Output[]>()
  readonly #lengths: readonly number[]

  constructor(outputs: readonly Output[]) {
    this.#sorted = outputs.toSorted((a, b) => compareBytes(a.pattern.prefix, b.pattern.prefix))
    const lengths = new Set<number>()
    for (const output of this.#sorted) {
      const { prefix } = output.pattern
      const same = this.#byPrefix.get(prefix)
      if (same) same.push(output)
      else this.#byPrefix.set(prefix, [output])
      lengths.add(prefix.length)
    }
    this.#lengths = [...lengths].toSorted((a, b) => a - b)
  }

  /** Outputs that a pattern with this prefix could meet: their prefix continues it, or it continues theirs. */
  *near(prefix: string): Generator<Output> {
    for (const length of this.#lengths) {
      if (length >= prefix.length) break
      yield* this.#byPrefix.get(prefix.slice(0, length)) ?? []
    }
    for (let at = this.#lowerBound(prefix); at < this.#sorted.length; at++) {
      const output = this.#sorted[at]
      if (!output?.pattern.prefix.startsWith(prefix)) return
      yield output
    }
  }

  #lowerBound(prefix: string): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (compareBytes(this.#sorted[middle]?.pattern.prefix ?? '', prefix) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

/**
 * Outputs that two actions declare: at one path, below the other's folder, or a glob that matches the other's path.
 * Each output is reported once, against an earlier one, so that many copies of a pack do not give a square of
 * complaints.
 *
 * @param outputs in the order in which the earlier one keeps its place
 */
export function collisions(outputs: readonly Output[], index: OutputIndex): Diagnostic[] {
  const rank = new Map(outputs.map((output, place) => [output, place]))
  const found: Diagnostic[] = []
  for (const [place, output] of outputs.entries()) {
    for (const other of index.near(output.pattern.prefix)) {
      if (other.draft === output.draft || (rank.get(other) ?? place) >= place || !collide(output, other)) continue
      found.push(collision(other, output))
      break
    }
  }
  return found
}

export function collidesWithAny(output: Output, index: OutputIndex): boolean {
  for (const other of index.near(output.pattern.prefix)) {
    if (other.draft !== output.draft && collide(output, other)) return true
  }
  return false
}

function collide(one: Output, other: Output): boolean {
  const [left, right] = [one.pattern, other.pattern]
  if (left.kind === 'glob' && right.kind === 'glob') return one.path === other.path
  if (left.kind === 'glob' && right.kind === 'folder') return left.prefix.startsWith(right.prefix)
  if (left.kind === 'folder' && right.kind === 'glob') return right.prefix.startsWith(left.prefix)
  return overlaps(left, right) || isBelow(left, right) || isBelow(right, left)
}

/** A file cannot stand where another action needs a folder. */
function isBelow(left: Pattern, right: Pattern): boolean {
  return right.kind === 'literal' && left.prefix.startsWith(`${right.prefix}/`)
}

function collision(first: Output, second: Output): Diagnostic {
  const facts = { path: second.path, first: first.draft.id, second: second.draft.id }
  const related = [{ location: placeOf(first.draft.pack, first.pointer), note: first.draft.id }]
  return diagnostic('output-collision', placeOf(second.draft.pack, second.pointer), facts, { related })
}
