import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import type { FileError, RecordedRun, RunFolder, RunNotFound, Workspace } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { loadConfigFile, type ConfigFile } from './config-file.ts'
import { attempt } from './file-error.ts'
import { findRun } from './recorded-run.ts'
import { createRunFolder, replaceAtomically } from './run-folder.ts'
import { diskWorkspace, findRoot } from './workspace.ts'

/** Where codex keeps what it makes, in the workspace. */
const STATE = '.codex'

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

/** `out` is absolute; `null`: below the workspace. `at`: milliseconds since the Unix epoch. */
export function runFolderFor(workspace: string, out: string | null, at: number): RunFolder {
  if (out !== null) return createRunFolder(out, at, null)
  const state = join(workspace, STATE)
  return createRunFolder(join(state, 'runs'), at, state)
}

/** The run that somebody in `cwd` means, where the workspace is the one around `folder`; both absolute. */
export function recordedRun(text: string, cwd: string, folder: string): Result<RecordedRun, RunNotFound> {
  const real = attempt(folder, () => realpathSync(folder))
  const root = findRoot(real.ok ? real.value : folder)
  return findRun(text, { runs: join(root, STATE, 'runs'), path: resolve(cwd, text) })
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
