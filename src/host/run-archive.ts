import { existsSync, lstatSync, readdirSync, readlinkSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { compareBytes } from '../model/order.ts'
import type { HeldRun, RunArchive } from '../model/ports.ts'
import { replaceAtomically } from './atomic-file.ts'
import { attempt } from './file-error.ts'
import { fileChunks } from './file-chunks.ts'
import { filesIn, recordedRunAt } from './recorded-run.ts'
import { pointLatest } from './run-folder.ts'
import { isMarked, markRun } from './run-mark.ts'
import { LATEST } from './run-names.ts'
import { removeTree } from './scratch.ts'

/** Opens a folder of runs (absolute). One that is not there holds none. */
export function openArchive(folder: string): RunArchive {
  return {
    path: folder,
    names: () => namesIn(folder),
    open: (name) => recordedRunAt(join(folder, name)),
    isAlive: (name) => isMarked(folder, name),
    hold: (name) => hold(folder, name),
    remove: (name) => remove(folder, name),
  }
}

/** What is no folder with a manifest in it is not a run, and so is a link to one. */
function namesIn(folder: string): readonly string[] {
  const entries = attempt(folder, () => readdirSync(folder, { withFileTypes: true }))
  if (!entries.ok) return []
  return entries.value
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && isFile(join(folder, entry.name)))
    .map(({ name }) => name)
    .toSorted(compareBytes)
}

function isFile(run: string): boolean {
  const stat = attempt(run, () => lstatSync(join(run, 'manifest.json')))
  return stat.ok && stat.value.isFile()
}

function hold(folder: string, name: string): HeldRun | null {
  const mark = markRun(folder, name)
  if (mark === null) return null
  const path = join(folder, name)
  return {
    name: basename(path),
    path,
    list: () => filesIn(path),
    chunks: (file) => fileChunks(join(path, file)),
    writeAtomically: (file, bytes) => replaceAtomically(join(path, file), bytes),
    remove: (file) => rmSync(join(path, file), { force: true }),
    release: () => mark.remove(),
  }
}

/** Renamed first: a kill must not leave half of a run that looks like one. */
function remove(folder: string, name: string): boolean {
  const mark = markRun(folder, name)
  if (mark === null) return false
  try {
    const removed = join(folder, `.${name}.removed`)
    renameSync(join(folder, name), removed)
    putLatestRight(folder)
    removeTree(removed)
  } finally {
    mark.remove()
  }
  return true
}

/** Only where it leads to a run that is gone: what somebody else has put in its place is theirs. */
function putLatestRight(folder: string): void {
  const latest = join(folder, LATEST)
  const target = attempt(latest, () => readlinkSync(latest))
  if (!target.ok || target.value.includes('/') || existsSync(join(folder, target.value))) return
  const newest = namesIn(folder).at(-1)
  if (newest === undefined) rmSync(latest)
  else pointLatest(folder, newest)
}
