import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import type { FileError, RecordedRun, RunFolder, RunNotFound, Workspace } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { loadConfigFile, type ConfigFile } from './config-file.ts'
import { replaceAtomically } from './atomic-file.ts'
import { attempt } from './file-error.ts'
import { findRun } from './recorded-run.ts'
import { createRunFolder, ignoreItself, type Opening } from './run-folder.ts'
import { diskWorkspace, findRoot } from './workspace.ts'

/** Where codex keeps what it makes, in the workspace. */
export const STATE = '.codex'

export interface OpenedWorkspace {
  readonly workspace: Workspace
  /** The folder that was opened, relative to the workspace root; empty: the root itself. */
  readonly start: string
  readonly config: Result<ConfigFile, Diagnostic>
}

/** Opens the workspace that a folder (absolute) belongs to. */
export async function openWorkspace(folder: string): Promise<Result<OpenedWorkspace, Diagnostic>> {
  const stat = attempt(folder, () => statSync(folder))
  if (!stat.ok) return err(diagnostic('unreadable', null, { path: folder, reason: stat.error.message }))
  if (!stat.value.isDirectory()) return err(diagnostic('unreadable', null, { path: folder, reason: 'not a folder' }))
  // Links are followed first, so that what lies above the folder is what lies above it on the disk.
  const real = realpathSync(folder)
  const root = findRoot(real)
  const start = relative(root, real).split(sep).join('/')
  return ok({ workspace: diskWorkspace(root), start, config: await loadConfigFile(root) })
}

export interface RunPlace {
  /** Where runs are to be kept (absolute); `null`: below the workspace. */
  readonly out: string | null
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  readonly opening?: Opening
}

/** Makes the folder of a new run. */
export function runFolderFor(workspace: string, { out, at, opening }: RunPlace): RunFolder {
  if (out === null) ignoreItself(join(workspace, STATE))
  return createRunFolder(out ?? runsOf(workspace), at, opening)
}

/** Where the runs of a workspace (absolute) are kept. */
function runsOf(workspace: string): string {
  return join(workspace, STATE, 'runs')
}

/** The root of the workspace that a folder (absolute) belongs to; `null` where there is no such folder. */
export function workspaceRoot(folder: string): string | null {
  const real = attempt(folder, () => realpathSync(folder))
  return real.ok && statSync(real.value).isDirectory() ? findRoot(real.value) : null
}

/** The folder of runs of the workspace around `folder`; both absolute. */
export function runsAround(folder: string): string {
  return runsOf(workspaceRoot(folder) ?? folder)
}

/** The run that somebody in `cwd` means, where the workspace is the one around `folder`; both absolute. */
export function recordedRun(text: string, cwd: string, folder: string): Result<RecordedRun, RunNotFound> {
  return findRun(text, { runs: runsAround(folder), path: resolve(cwd, text) })
}

/** Puts a file into the folder of a run that has been, or replaces it, as a whole. */
export function writeToRun(run: RecordedRun, path: string, bytes: string): Result<void, FileError> {
  return attempt(path, () => replaceAtomically(join(run.path, path), bytes))
}

export function readTail(path: string, bytes: number): Uint8Array | null {
  const read = attempt(path, () => {
    const file = openSync(path, 'r')
    try {
      const from = Math.max(0, fstatSync(file).size - bytes)
      const buffer = Buffer.alloc(bytes)
      return buffer.subarray(0, readSync(file, buffer, 0, bytes, from))
    } finally {
      closeSync(file)
    }
  })
  return read.ok ? read.value : null
}
