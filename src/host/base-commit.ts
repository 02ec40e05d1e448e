import { spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import type { FileBytes } from '../model/change.ts'
import { err, ok, type Result } from '../model/result.ts'
import { findGit } from './git-program.ts'

/** An entry of a folder of a commit, as git writes it. */
interface Entry {
  readonly name: string
  readonly mode: string
  readonly id: string
}

/** A commit of the repository around a folder; paths are those of the repository. */
export interface CommitFiles {
  readonly id: string
  readonly tree: string
  /** Where the folder lies in the repository: empty, or with a slash at its end. */
  readonly prefix: string
  /** `null`: there is no such folder. */
  readonly list: (path: string) => readonly Entry[] | null
  /** A regular file; `null`: there is none. */
  readonly file: (path: string) => FileBytes | null
}

export type CommitProblem = 'no-git' | 'no-repository' | 'unknown-commit'

/** Nothing that a repository or a user has set up is run, nothing is fetched, and nothing is put in the place of another object. */
const SETTINGS = [
  ...['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'protocol.allow=never'],
  ...['--no-pager', '--literal-pathspecs', '--no-replace-objects'],
]
const ENVIRONMENT = { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1', LC_ALL: 'C' }
const TIMEOUT_MS = 60_000
const MOST_BYTES = 512 * 1024 * 1024

type Variables = Readonly<Record<string, string | undefined>>
type Git = (...args: readonly string[]) => Buffer | null

function gitIn(folder: string, env: Variables): Git | null {
  const program = findGit(env['PATH'] ?? '')
  if (program === null) return null
  const home = { PATH: env['PATH'], HOME: env['HOME'], XDG_CONFIG_HOME: env['XDG_CONFIG_HOME'] }
  const options = {
    cwd: realpathSync(folder),
    env: { ...home, ...ENVIRONMENT },
    timeout: TIMEOUT_MS,
    maxBuffer: MOST_BYTES,
  }
  return (...args) => {
    const { stdout, status } = spawnSync(program, [...SETTINGS, ...args], options)
    return status === 0 ? stdout : null
  }
}

/** @param folder absolute. @param commit its whole id */
export function readCommit(folder: string, commit: string, env: Variables): Result<CommitFiles, CommitProblem> {
  const git = gitIn(folder, env)
  if (!git) return err('no-git')
  const prefix = git('rev-parse', '--show-prefix')
  if (!prefix) return err('no-repository')
  const tree = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{tree}`)?.toString().trim()
  if (!/^[0-9a-f]{40}$/.test(commit) || tree === undefined) return err('unknown-commit')
  const list = remembering((path: string) => entriesOf(git('ls-tree', '-z', '--full-tree', `${tree}:${path}`)))
  return ok({
    id: commit,
    tree,
    prefix: prefix.toString().replace(/\n$/, ''),
    list,
    file: remembering((path: string) => {
      const at = path.lastIndexOf('/')
      const entry = list(at === -1 ? '' : path.slice(0, at))?.find(({ name }) => name === path.slice(at + 1))
      const executable = entry?.mode === '100755'
      const bytes = entry && (executable || entry.mode === '100644') ? git('cat-file', 'blob', entry.id) : null
      return bytes && { bytes, executable }
    }),
  })
}

function remembering<T>(find: (path: string) => T): (path: string) => T {
  const known = new Map<string, T>()
  return (path) => {
    if (!known.has(path)) known.set(path, find(path))
    return known.get(path) as T
  }
}

/** `100644 blob <id>`, a tab, the name, a NUL. Git writes the mode of a folder with a zero before it. */
function entriesOf(output: Buffer | null): readonly Entry[] | null {
  if (!output) return null
  const lines = output.toString().split('\0')
  return lines.flatMap((line) => {
    const tab = line.indexOf('\t')
    const [mode = '', , id = ''] = line.slice(0, Math.max(0, tab)).split(' ')
    return tab === -1 ? [] : [{ name: line.slice(tab + 1), mode: mode.replace(/^0/, ''), id }]
  })
}

/** The URL of the remote `origin` of the repository around a folder (absolute); `null`: there is none. */
export function originUrl(folder: string, env: Variables): string | null {
  return gitIn(folder, env)?.('remote', 'get-url', 'origin')?.toString().trim() ?? null
}
