import { randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../model/digest.ts'
import { TEMPORARY } from './action-cache-layout.ts'
import { planPruning } from './action-cache-prune.ts'
import { readBounded } from './action-cache-read.ts'
import { attempt, isSystemError, refusal } from './file-error.ts'

/** How much there was when it was last counted, and below it what runs have added since: a line each, in bytes. */
const USAGE = 'usage'
/** So many lines are counted anew. */
const MOST_LINES = 1_000

export interface Usage {
  /** Absolute path of the cache. */
  readonly path: string
  /** What a run has added, in bytes. */
  readonly added: number
  /** Keys of what it has reused or kept, which stays. */
  readonly used: ReadonlySet<Digest>
}

/**
 * Keeps a cache below `maxBytes`, at the end of a run. A cache may hold millions of files, so they are counted only when the sum
 * of what was added says that it is time to. That nothing can be written or removed is no failure of the run.
 */
export function boundCache({ path, added, used }: Usage, maxBytes: number): void {
  if (added === 0) return
  try {
    const sum = attempt(path, () => addUsage(join(path, USAGE), added))
    if (!sum.ok || sum.value === null || sum.value > maxBytes) recount(path, maxBytes, used)
  } catch (error) {
    if (!isSystemError(error)) throw error
  }
}

/** The sum, or `null` where it is not known. */
function addUsage(file: string, added: number): number | null {
  appendLine(file, `${added}\n`)
  const read = readBounded(file, (size) => size <= MOST_LINES * 16)
  return read && sumOf(read.bytes.toString('latin1'))
}

/** One write, so that what several runs add stays apart; not where a link leads, and without waiting for whoever reads a FIFO. */
function appendLine(path: string, line: string): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants
  const file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o666)
  try {
    if (!fstatSync(file).isFile()) throw refusal('EINVAL', 'not a regular file')
    writeSync(file, line)
  } finally {
    closeSync(file)
  }
}

/** Counts, and removes down to nine tenths of the bound where it is passed, so that not every run has to. */
function recount(path: string, maxBytes: number, used: ReadonlySet<Digest>): void {
  const bounds = { unusedForMs: Infinity, now: Date.now() }
  const counted = planPruning(path, { ...bounds, maxBytes }, used)
  if (counted.before.bytes <= maxBytes) return writeUsage(path, counted.before.bytes)
  const { before, going, carryOut } = planPruning(path, { ...bounds, maxBytes: Math.floor(maxBytes * 0.9) }, used)
  carryOut()
  writeUsage(path, before.bytes - going.bytes)
}

/** Says anew how much there is. */
export function writeUsage(path: string, bytes: number): void {
  const temporary = join(path, `${TEMPORARY}${randomBytes(8).toString('hex')}`)
  writeFileSync(temporary, `counted\n${bytes}\n`, { flag: 'wx' })
  try {
    renameSync(temporary, join(path, USAGE))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** `null`: it was never counted, or long ago, or the file says something else. */
function sumOf(text: string): number | null {
  const [head, ...lines] = text.trimEnd().split('\n')
  if (head !== 'counted' || lines.length > MOST_LINES || !lines.every((line) => /^\d{1,15}$/.test(line))) return null
  return lines.reduce((sum, line) => sum + Number(line), 0)
}
