// Puts files into a working tree, all or none of them.
import { mkdirSync, renameSync, unlinkSync, type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import type { FileError } from '../../model/ports.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { PutProblem, TreeStep } from '../../model/working-tree.ts'
import { attempt, isSystemError, refusal } from '../file-error.ts'
import { removeJournal, writeJournal, type Journal } from './journal.ts'
import { removeEmptied, removeEmptyFolder, syncFolders, takeBack } from './settle.ts'
import { clear, moveIn, newFile, type Site } from './site.ts'
import { journalOf, stage, Stopped, type Known } from './stage.ts'
import { obstacleAbove, statOf } from './standing.ts'

/**
 * All steps, or none. What comes first touches nothing: every new byte is brought to the disk beside what it is to replace,
 * the old ones are kept, and a note is left of what is going to be done. Then names are changed, one after the other.
 *
 * @param isHeld whether nobody else has taken the tree over
 */
export function putFiles(site: Site, steps: readonly TreeStep[], isHeld: () => boolean): Result<null, PutProblem> {
  const staged = stopping(() => {
    const known = stage(site, steps)
    if (!isHeld()) throw refusal('EBUSY', 'another process has taken the working tree over')
    const journal = journalOf(site.root, steps)
    writeJournal(site.folder, journal)
    return { known, journal }
  })
  if (!staged.ok) {
    stopping(() => clear(site))
    return staged
  }
  const { journal } = staged.value
  const done = new Set<number>()
  const committed = stopping(() => {
    commit({ ...staged.value, site, done })
    removeJournal(site.folder)
  })
  if (committed.ok) {
    stopping(() => clear(site))
    return ok(null)
  }
  const undone = stopping(() => {
    if (!takeBack(site, journal, (index) => done.has(index))) throw refusal('ESTALE', 'a file has changed meanwhile')
    removeJournal(site.folder)
    clear(site)
  })
  return undone.ok ? committed : err({ kind: 'half-done', error: errorOf(committed.error) })
}

function errorOf(problem: PutProblem): FileError {
  if ('error' in problem) return problem.error
  return { code: 'ESTALE', path: problem.path, message: 'it has changed meanwhile' }
}

function stopping<T>(work: () => T): Result<T, PutProblem> {
  try {
    return ok(work())
  } catch (error) {
    if (error instanceof Stopped) return err(error.problem)
    if (!isSystemError(error)) throw error
    return err({ kind: 'host', error: { code: error.code, path: error.path ?? '', message: error.message } })
  }
}

interface Committing {
  readonly site: Site
  readonly journal: Journal
  readonly known: Known
  /** Indexes of the steps that have been done. */
  readonly done: Set<number>
}

/** First what goes, because something else may be to stand in its place; then what comes. */
function commit({ site, journal, known, done }: Committing): void {
  const { root } = site
  const perform = (index: number, path: string, act: (target: string) => void): void => {
    expectUnchanged(root, path, known[index] ?? null)
    act(join(root, path))
    done.add(index)
  }
  for (const [index, { path, after }] of journal.steps.entries()) {
    if (after === null) perform(index, path, unlinkSync)
  }
  // A folder whose files are all gone gives way to a file of its name.
  for (const { path, before, after } of journal.steps) {
    if (after && before === null && obstacleAbove(root, path) === null) removeEmptyFolder(join(root, path))
  }
  for (const path of journal.made) makeFolder(root, path)
  for (const [index, { path, before, after }] of journal.steps.entries()) {
    const move = before === null ? moveIn : renameSync
    if (after) perform(index, path, (target) => move(newFile(site, index), target))
  }
  removeEmptied(root, journal)
  syncFolders(root, journal)
}

/** Not when it was last given or taken a name: that changes with its other names. */
const MEMBERS = ['dev', 'ino', 'size', 'mode', 'mtimeNs'] as const

/** As late as can be: only what happens between this and the next call is not seen. */
function expectUnchanged(root: string, path: string, known: BigIntStats | null): void {
  const isClear = obstacleAbove(root, path) === null
  const stat = isClear ? statOf(join(root, path)) : null
  const isSame = known === null ? stat === null : MEMBERS.every((member) => stat?.[member] === known[member])
  if (!isClear || !isSame) throw new Stopped({ kind: 'meanwhile', path })
}

function makeFolder(root: string, path: string): void {
  if (obstacleAbove(root, path) !== null) throw new Stopped({ kind: 'meanwhile', path })
  const made = attempt(path, () => mkdirSync(join(root, path)))
  if (!made.ok && made.error.code !== 'EEXIST') throw refusal(made.error.code, made.error.message)
}
