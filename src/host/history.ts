import { spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { sha256, type Digest } from '../model/digest.ts'
import { attempt } from './file-error.ts'
import { findGit } from './git-program.ts'
import { diskWorkspace, findRoot } from './workspace.ts'

/** How far back a file is looked for, and how large one may be. */
const COMMITS = 50
const LARGEST = 1024 * 1024

/**
 * Those versions of a file of the workspace around `folder` (absolute) whose SHA-256 are asked for and that can be found: as it
 * is now, and as it was in the last commits that changed it, in repositories of git.
 *
 * @param searchPath where to find git, as PATH says it
 */
export function fileVersions(
  folder: string,
  path: string,
  { digests, searchPath }: { readonly digests: ReadonlySet<Digest>; readonly searchPath: string },
): ReadonlyMap<Digest, Uint8Array> {
  const found = new Map<Digest, Uint8Array>()
  const take = (bytes: Uint8Array): void => {
    const digest = sha256(bytes)
    if (digests.has(digest)) found.set(digest, bytes)
  }
  const real = attempt(folder, () => realpathSync(folder))
  if (!real.ok) return found
  const root = findRoot(real.value)
  const workspace = diskWorkspace(root)
  const place = workspace.resolve(path)
  const now = place.ok ? workspace.readFile(place.value) : place
  if (now.ok) take(now.value)
  if (found.size === digests.size) return found
  const git = findGit(searchPath)
  if (git !== null) for (const bytes of committed(git, root, path)) take(bytes)
  return found
}

/** Nothing that a repository or a user has set up is run, and nothing is fetched. */
const SETTINGS = [
  ...['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'protocol.allow=never'],
  ...['-c', 'log.showSignature=false', '--no-pager', '--literal-pathspecs', '--no-replace-objects'],
]
const ENVIRONMENT = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
  LC_ALL: 'C',
}

function committed(git: string, root: string, path: string): readonly Uint8Array[] {
  if (path.includes('\n')) return []
  const run = (args: readonly string[], input = ''): Buffer => {
    const options = { cwd: root, env: ENVIRONMENT, input, timeout: 10_000, maxBuffer: 2 * COMMITS * LARGEST }
    const { stdout, status } = spawnSync(git, [...SETTINGS, ...args], options)
    return status === 0 ? stdout : Buffer.alloc(0)
  }
  const commits = linesOf(run(['log', '--format=%H', `--max-count=${COMMITS}`, '--full-history', '--', path]))
  const names = commits.flatMap((commit) => [`${commit}:./${path}`, `${commit}^:./${path}`])
  if (names.length === 0) return []
  const described = linesOf(run(['cat-file', '--batch-check'], `${names.join('\n')}\n`))
  const blobs = described.flatMap((line) => {
    const [id = '', kind, size] = line.split(' ')
    return kind === 'blob' && Number(size) <= LARGEST ? [id] : []
  })
  const unique = [...new Set(blobs)]
  return unique.length === 0 ? [] : contentsOf(run(['cat-file', '--batch'], `${unique.join('\n')}\n`))
}

function linesOf(output: Buffer): readonly string[] {
  return output
    .toString()
    .split('\n')
    .filter((line) => line !== '')
}

/** `<id> blob <size>`, a line feed, the bytes, a line feed, and so on. */
function contentsOf(output: Buffer): readonly Uint8Array[] {
  const contents: Uint8Array[] = []
  for (let at = 0; at < output.length;) {
    const end = output.indexOf('\n', at)
    const size = Number(output.subarray(at, end).toString().split(' ')[2])
    if (end === -1 || !Number.isInteger(size)) break
    contents.push(output.subarray(end + 1, end + 1 + size))
    at = end + size + 2
  }
  return contents
}
