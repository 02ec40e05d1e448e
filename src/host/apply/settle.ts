// What becomes of files that somebody was putting in place who was killed.
import { existsSync, mkdirSync, chmodSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '../../model/result.ts'
import { APPLY_FOLDER, type Settled, type Standing, type TreeProblem } from '../../model/working-tree.ts'
import { syncFolder } from '../atomic-file.ts'
import { attempt } from '../file-error.ts'
import { readJournal, removeJournal, type Journal } from './journal.ts'
import { clear, foldersAbove, moveIn, oldFile, type Site } from './site.ts'
import { isSameState, isState, standingAt, stateOf, statOf } from './standing.ts'

/** Finishes or takes back what is half done; `null`: nothing is. Errors of the file system are thrown. */
export function settle(site: Site): Result<Settled | null, TreeProblem> {
  const read = readJournal(site.folder)
  if (!read.ok) return err({ kind: 'journal', path: APPLY_FOLDER })
  const journal = read.value
  if (journal === null) {
    clear(site)
    return ok(null)
  }
  const standings = journal.steps.map((step) => ({ ...step, now: standingAt(site.root, step.path) }))
  const isDone = standings.every(({ path, now, after }) =>
    after === null ? isInPassing(journal, path, now.kind) : isState(now, after),
  )
  const edited = standings.flatMap(({ path, before, after, now }, index) => {
    const isKnown = isState(now, before) || isState(now, after) || isInPassing(journal, path, now.kind)
    return isKnown ? [] : [{ path, kept: keptAs(site, index) }]
  })
  if (!isDone && edited.length > 0) return err({ kind: 'edited', files: edited })
  if (isDone) removeEmptied(site.root, journal)
  else if (!takeBack(site, journal, () => true)) return err({ kind: 'edited', files: [] })
  removeJournal(site.folder)
  clear(site)
  return ok(isDone ? 'finished' : 'taken-back')
}

/** Where a file gives way to a folder of its name or the other way round, each is seen in place of the other's files. */
function isInPassing({ steps }: Journal, path: string, kind: Standing['kind']): boolean {
  if (kind === 'nothing') return true
  if (kind === 'folder') return steps.some((step) => step.path.startsWith(`${path}/`))
  return kind === 'below' && steps.some((step) => path.startsWith(`${step.path}/`))
}

function keptAs(site: Site, index: number): string | null {
  return existsSync(oldFile(site, index)) ? `${APPLY_FOLDER}/old/${index}` : null
}

/**
 * Puts back what stood there before those steps that count. False: something stands there by now that neither they nor
 * anybody before them has made; that is left as it is.
 */
export function takeBack(site: Site, journal: Journal, counts: (index: number) => boolean): boolean {
  const { root } = site
  let all = true
  for (const [index, { path, before, after }] of journal.steps.entries()) {
    if (after === null || before !== null || !counts(index)) continue
    const now = standingAt(root, path)
    if (isState(now, after)) unlinkSync(join(root, path))
    else if (now.kind === 'file' || now.kind === 'other') all = false
  }
  for (const path of journal.made.toReversed()) attempt(path, () => rmdirSync(join(root, path)))
  for (const { path, mode } of journal.folders) remakeFolder(join(root, path), mode)
  for (const [index, { path, before, after }] of journal.steps.entries()) {
    if (before === null || !counts(index)) continue
    const now = standingAt(root, path)
    if (isState(now, before)) continue
    const old = oldFile(site, index)
    const isFree = now.kind === 'nothing' || (after !== null && isState(now, after))
    if (!isFree || !isSameState(stateOf(old), before)) all = false
    else if (now.kind === 'nothing') moveIn(old, join(root, path))
    else renameSync(old, join(root, path))
  }
  syncFolders(root, journal)
  return all
}

function remakeFolder(absolute: string, mode: number): void {
  if (!attempt(absolute, () => mkdirSync(absolute)).ok) return
  chmodSync(absolute, mode)
}

/** Removes the folders in which nothing is left, as git does. */
export function removeEmptied(root: string, { steps }: Journal): void {
  const folders = new Set(steps.flatMap(({ path, after }) => (after === null ? foldersAbove(path) : [])))
  for (const path of [...folders].toReversed()) attempt(path, () => rmdirSync(join(root, path)))
}

/** Removes a folder (absolute) that holds no file, with all those in it. */
export function removeEmptyFolder(absolute: string): void {
  if (statOf(absolute)?.isDirectory() !== true) return
  for (const name of readdirSync(absolute, { encoding: 'buffer' })) {
    removeEmptyFolder(join(absolute, name.toString()))
  }
  attempt(absolute, () => rmdirSync(absolute))
}

/** Brings to the disk which names there are. */
export function syncFolders(root: string, { steps }: Journal): void {
  for (const folder of new Set(steps.flatMap(({ path }) => ['', ...foldersAbove(path)]))) {
    attempt(folder, () => syncFolder(join(root, folder)))
  }
}
