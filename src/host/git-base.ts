import { spawnSync } from 'node:child_process'
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BaseRecord } from '../model/change.ts'
import type { ChangesProblem } from '../model/changes.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Workspace } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { changesSince } from './git-changes.ts'
import { loadConfigFile, type ConfigFile } from './config-file.ts'
import { findGit } from './git-program.ts'
import { openRepository } from './git-repository.ts'
import { createScratch } from './scratch.ts'
import { diskWorkspace } from './workspace.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A record names at most this many files that are not committed. */
const MOST_NAMED = 20

const NO_COMMIT: BaseRecord = { commit: null, uncommitted: [], more: false }

/** What a workspace (absolute) is, as git knows it. */
export async function recordBase(root: string, env: Environment): Promise<BaseRecord> {
  const git = findGit(env['PATH'] ?? '')
  if (git === null) return NO_COMMIT
  const repository = await openRepository(git, realpathSync(root), env)
  const head = await repository.run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])
  const changes = head.ok ? await changesSince(root, 'HEAD', env) : null
  if (!head.ok || !changes?.ok) return NO_COMMIT
  const paths = changes.value.paths.map(({ path }) => path)
  return { commit: head.value.trim(), uncommitted: paths.slice(0, MOST_NAMED), more: paths.length > MOST_NAMED }
}

/** The files of a workspace as a commit holds them, in a folder of their own. */
export interface CheckedOut {
  /** The whole id of the commit. */
  readonly commit: string
  readonly workspace: Workspace
  readonly config: Result<ConfigFile, Diagnostic>
  release(): void
}

/**
 * Lays out what a commit holds of a workspace (absolute): the bytes that git keeps, through no filter. Folders that are in the
 * workspace only, such as installed packages, are seen as empty, so that they can be mounted.
 */
export async function checkOut(
  root: string,
  ref: string,
  env: Environment,
): Promise<Result<CheckedOut, ChangesProblem>> {
  // Says what is wrong with the repository or the name of the commit, if anything is.
  const changes = await changesSince(root, ref, env)
  if (!changes.ok && changes.error.kind !== 'no-merge-base') return changes
  const git = findGit(env['PATH'] ?? '')
  if (git === null) return err({ kind: 'no-git' })
  const folder = realpathSync(root)
  const repository = await openRepository(git, folder, env)
  const found = await repository.run(['rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`])
  if (!found.ok) return err({ kind: 'failed', detail: found.error.detail })
  const commit = found.value.trim()
  const listed = await repository.run(['ls-tree', '-r', '-z', commit, '--', '.'])
  if (!listed.ok) return err({ kind: 'failed', detail: listed.error.detail })
  const scratch = createScratch()
  try {
    const files = scratch.folder('base')
    layOut(entriesIn(listed.value), { folder: files, contents: contentsFrom(git, folder, env) })
    const config = await loadConfigFile(files)
    return ok({ commit, workspace: baseWorkspace(files, root), config, release: () => scratch.remove() })
  } catch (error) {
    scratch.remove()
    throw error
  }
}

interface Entry {
  readonly mode: string
  readonly id: string
  readonly path: string
}

const LINK = '120000'

/** `100644 blob <id>`, a tab, the path, a NUL. Other repositories are left out. */
function entriesIn(output: string): readonly Entry[] {
  return output.split('\0').flatMap((line) => {
    const [about = '', path] = line.split('\t')
    const [mode = '', kind, id = ''] = about.split(' ')
    return kind === 'blob' && path !== undefined ? [{ mode, id, path }] : []
  })
}

interface Target {
  /** Absolute. */
  readonly folder: string
  readonly contents: (ids: readonly string[]) => readonly Uint8Array[]
}

/** Files that are held in memory at a time. */
const BATCH = 200

function layOut(entries: readonly Entry[], { folder, contents }: Target): void {
  for (let at = 0; at < entries.length; at += BATCH) {
    const batch = entries.slice(at, at + BATCH)
    const bytes = contents(batch.map(({ id }) => id))
    for (const [place, { mode, path }] of batch.entries()) {
      const target = join(folder, path)
      const content = bytes[place] ?? new Uint8Array()
      mkdirSync(dirname(target), { recursive: true })
      if (mode === LINK) symlinkSync(Buffer.from(content), target)
      else writeFileSync(target, content, { mode: mode === '100755' ? 0o755 : 0o644, flag: 'wx' })
    }
  }
}

/** Larger than any batch that is of use in a workspace. */
const MOST_BYTES = 2 * 1024 ** 3

function contentsFrom(git: string, folder: string, env: Environment): Target['contents'] {
  return (ids) => {
    const { stdout, status, error } = spawnSync(git, ['--no-replace-objects', 'cat-file', '--batch'], {
      cwd: folder,
      env: { PATH: env['PATH'], HOME: env['HOME'], GIT_NO_LAZY_FETCH: '1', LC_ALL: 'C' },
      input: `${ids.join('\n')}\n`,
      maxBuffer: MOST_BYTES,
    })
    if (error) throw error
    const contents: Uint8Array[] = []
    for (let at = 0; at < stdout.length;) {
      const end = stdout.indexOf('\n', at)
      const size = Number(stdout.subarray(at, end).toString().split(' ')[2])
      if (end === -1 || !Number.isInteger(size)) break
      contents.push(stdout.subarray(end + 1, end + 1 + size))
      at = end + size + 2
    }
    if (status !== 0 || contents.length !== ids.length) throw new Error('git does not have all files of the commit')
    return contents
  }
}

/** @param files what the commit holds; @param root the workspace; both absolute */
function baseWorkspace(files: string, root: string): Workspace {
  const base = diskWorkspace(files)
  const own = diskWorkspace(root)
  const isOwnFolder = (path: string): boolean => base.kind(path) === null && own.kind(path) === 'dir'
  return {
    ...base,
    list: (path) => (isOwnFolder(path) ? ok([]) : base.list(path)),
    kind: (path) => (isOwnFolder(path) ? 'dir' : base.kind(path)),
    resolve: (path) => (isOwnFolder(path) ? ok(path) : base.resolve(path)),
  }
}
