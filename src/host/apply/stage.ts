// What is done before anything in a working tree is touched.
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  writeSync,
  type BigIntStats,
} from 'node:fs'
import { join } from 'node:path'
import type { PutProblem, TreeStep } from '../../model/working-tree.ts'
import { syncFolder } from '../atomic-file.ts'
import { attempt } from '../file-error.ts'
import type { Journal } from './journal.ts'
import { clear, foldersAbove, newFile, oldFile, type Site } from './site.ts'
import { isExecutable, isSameState, obstacleAbove, stateOf, statOf } from './standing.ts'

/** Ends putting files in place; it leaves this folder as a value. */
export class Stopped extends Error {
  readonly problem: PutProblem

  constructor(problem: PutProblem) {
    super(problem.kind)
    this.problem = problem
  }
}

/** How each file was when its old bytes were seen to be the right ones; `null`: it was not there. */
export type Known = readonly (BigIntStats | null)[]

/** Brings all new bytes to the disk, and keeps the old ones. */
export function stage(site: Site, steps: readonly TreeStep[]): Known {
  clear(site)
  for (const name of ['new', 'old']) mkdirSync(join(site.folder, name), { mode: 0o700 })
  for (const [index, step] of steps.entries()) writeNew(site, index, step)
  const known = steps.map((step, index) => keepOld(site, index, step))
  for (const name of ['new', 'old', '.']) syncFolder(join(site.folder, name))
  return known
}

function writeNew(site: Site, index: number, { path, after, before, chunks }: TreeStep): void {
  if (after === null) return
  const target = newFile(site, index)
  const hash = createHash('sha256')
  const file = openSync(target, 'wx', after.executable ? 0o777 : 0o666)
  let size = 0
  try {
    for (const chunk of chunks()) {
      hash.update(chunk)
      size += chunk.length
      // Whatever else it is, it is not what was promised, and may have no end.
      if (size > after.size) break
      for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at)
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  if (size !== after.size || hash.digest('hex') !== after.digest) throw new Stopped({ kind: 'source', path })
  const old = before === null ? null : statOf(join(site.root, path))
  if (old?.isFile()) makeLike(target, after.executable, old)
}

/** A file that takes another's place lets the same people do the same, and has its owner where that may be said. */
function makeLike(target: string, executable: boolean, old: BigIntStats): void {
  const own = lstatSync(target, { bigint: true })
  const { uid, gid } = old
  if (own.uid !== uid || own.gid !== gid) attempt(target, () => chownSync(target, Number(uid), Number(gid)))
  const mode = Number(old.mode) & 0o777
  const runnable = isExecutable(mode) ? mode : mode | ((mode & 0o444) >> 2)
  chmodSync(target, executable ? runnable : mode & ~0o111)
}

function keepOld(site: Site, index: number, { path, before }: TreeStep): BigIntStats | null {
  if (before === null) return null
  const target = join(site.root, path)
  if (obstacleAbove(site.root, path) !== null || statOf(target)?.isFile() !== true) {
    throw new Stopped({ kind: 'meanwhile', path })
  }
  const kept = oldFile(site, index)
  // The file itself under another name, so that it can come back as what it was; not every file system has that.
  if (!attempt(target, () => linkSync(target, kept)).ok) copy(target, kept)
  const seen = statOf(target)
  if (seen === null || !isSameState(stateOf(kept), before)) throw new Stopped({ kind: 'meanwhile', path })
  return seen
}

function copy(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_EXCL)
  chmodSync(to, lstatSync(from).mode & 0o777)
  const file = openSync(to, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** What is going to be done, and which folders it takes. */
export function journalOf(root: string, steps: readonly TreeStep[]): Journal {
  const made = new Set<string>()
  const folders = new Map<string, number>()
  for (const { path, after } of steps) {
    for (const above of foldersAbove(path)) {
      const stat = statOf(join(root, above))
      if (stat?.isDirectory()) folders.set(above, Number(stat.mode) & 0o7777)
      else if (after) made.add(above)
    }
  }
  return {
    steps: steps.map(({ path, before, after }) => ({ path, before, after })),
    made: [...made],
    folders: [...folders].map(([path, mode]) => ({ path, mode })),
  }
}
