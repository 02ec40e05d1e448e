import { diffArrays } from 'diff'
import { anchorsOf } from './anchors.ts'
import { commonEnds, countIn, lineEnd, type Lines } from './lines.ts'

/** Lines of one text that stand where those of another stood. */
export interface Edit {
  readonly before: Lines
  readonly after: Lines
}

/** Beyond these, the least difference is not looked for: what it takes grows with the square of the edits. */
const MOST_EDITS = 1000
const MOST_LINES = 1_000_000
const MOST_BYTES = 64 * 1024 * 1024

/**
 * What differs between two texts, line by line, in order. The same for the same texts, however long it takes to find; where
 * they differ in much, there may be a smaller difference than this one.
 */
export function editsOf(before: Uint8Array, after: Uint8Array): readonly Edit[] {
  const { first, last } = commonEnds(before, after)
  const line = countIn(before, 0, first)
  const whole: Edit = {
    before: linesIn(before, { at: first, end: before.length - last, line }),
    after: linesIn(after, { at: first, end: after.length - last, line }),
  }
  if (whole.before.count === 0 && whole.after.count === 0) return []
  if (whole.before.count === 0 || whole.after.count === 0 || isTooLarge(whole)) return [whole]
  const [left, right] = [starts(before, whole.before), starts(after, whole.after)]
  const ids = new Map<string, number>()
  const [from, to] = [identify(before, left, ids), identify(after, right, ids)]
  return runsOf(from, to).map((run) => ({
    before: part(left, whole.before, { from: run.before, count: run.removed }),
    after: part(right, whole.after, { from: run.after, count: run.added }),
  }))
}

function isTooLarge({ before, after }: Edit): boolean {
  return before.count + after.count > MOST_LINES || before.end - before.at + after.end - after.at > MOST_BYTES
}

function linesIn(bytes: Uint8Array, lines: Omit<Lines, 'count'>): Lines {
  return { ...lines, count: countIn(bytes, lines.at, lines.end) }
}

/** Where each line begins, and where the last one is over. */
function starts(bytes: Uint8Array, { at, end, count }: Lines): Uint32Array {
  const result = new Uint32Array(count + 1)
  let from = at
  for (let line = 0; line <= count; line++) {
    result[line] = from
    from = lineEnd(bytes, from, end)
  }
  return result
}

function part(begins: Uint32Array, whole: Lines, { from, count }: { from: number; count: number }): Lines {
  return { at: begins[from] ?? 0, end: begins[from + count] ?? 0, line: whole.line + from, count }
}

/** A number for each line, the same for the same bytes. */
function identify(bytes: Uint8Array, begins: Uint32Array, ids: Map<string, number>): number[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const numbers: number[] = []
  for (let line = 0; line + 1 < begins.length; line++) {
    const text = buffer.toString('latin1', begins[line], begins[line + 1])
    const id = ids.get(text) ?? ids.size
    ids.set(text, id)
    numbers.push(id)
  }
  return numbers
}

/** Where lines stand that others take the place of, in two lists. */
interface Run {
  readonly before: number
  readonly after: number
  readonly removed: number
  readonly added: number
}

/**
 * The least difference, if it is found in so many steps; otherwise what stands once in each list and in the same order holds
 * both together, and each part between is looked at by itself.
 */
function runsOf(from: readonly number[], to: readonly number[]): readonly Run[] {
  const least = leastRuns(from, to, MOST_EDITS)
  if (least) return least
  const runs: Run[] = []
  // All parts together may take no longer than the whole.
  let left = MOST_EDITS ** 2
  let [before, after] = [0, 0]
  for (const anchor of [...anchorsOf(from, to), { before: from.length, after: to.length }]) {
    const [old, made] = [from.slice(before, anchor.before), to.slice(after, anchor.after)]
    const most = Math.min(old.length + made.length, Math.floor(Math.sqrt(left)))
    const found = leastRuns(old, made, most)
    left -= (found ? found.reduce((edits, { removed, added }) => edits + removed + added, 0) : most) ** 2
    for (const run of found ?? [{ before: 0, after: 0, removed: old.length, added: made.length }]) {
      runs.push({ ...run, before: run.before + before, after: run.after + after })
    }
    ;[before, after] = [anchor.before + 1, anchor.after + 1]
  }
  return joined(runs)
}

/** `null`: it takes more than so many lines added and removed. */
function leastRuns(from: readonly number[], to: readonly number[], most: number): readonly Run[] | null {
  const parts = diffArrays([...from], [...to], { maxEditLength: most })
  if (!parts) return null
  const runs: Run[] = []
  let [before, after] = [0, 0]
  for (const { added, removed, count } of parts) {
    if (added || removed) {
      runs.push({ before, after, removed: removed ? count : 0, added: added ? count : 0 })
    }
    if (!added) before += count
    if (!removed) after += count
  }
  return joined(runs)
}

/** Runs with nothing between them are one. */
function joined(runs: readonly Run[]): readonly Run[] {
  const result: Run[] = []
  for (const run of runs) {
    const last = result.at(-1)
    if (last && last.before + last.removed === run.before && last.after + last.added === run.after) {
      result.pop()
      result.push({ ...last, removed: last.removed + run.removed, added: last.added + run.added })
    } else if (run.removed + run.added > 0) result.push(run)
  }
  return result
}
