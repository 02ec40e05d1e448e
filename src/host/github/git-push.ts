import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Answer, Forge, ForgeError, GitId, NewCommit } from '../../model/forge.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { findGit } from '../git-program.ts'
import { createScratch, type Scratch } from '../scratch.ts'
import type { SentRequest } from './client.ts'
import { PLACEHOLDER } from './commits.ts'

export interface PushOptions {
  /** Absolute: a folder of the repository that holds the base. */
  readonly folder: string
  /** What is pushed to, over https. */
  readonly url: string
  readonly token: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Told of what would be pushed, and nothing is. */
  readonly dryRun: ((request: SentRequest) => void) | null
}

type Pushing = Pick<Forge, 'makeCommit' | 'makeBranch' | 'moveBranch'>

/**
 * Commits by git, as whoever its configuration says, and a push of that one branch. Nothing is written to the repository: objects
 * are made beside it. No hook, no helper and no filter is run, and the token is on no command line.
 *
 * @returns with what takes the objects away again
 */
export function gitPushing(options: PushOptions): Pushing & { readonly close: () => void } {
  const scratch = createScratch()
  const git = runner(options, scratch)
  let shown: object = {}
  const push = async (branch: string, commit: GitId, from: GitId | null): Answer<null> => {
    const ref = `refs/heads/${branch}`
    if (options.dryRun) {
      options.dryRun({ method: 'git push', path: options.url, body: { ref, from, commit: shown } })
      return ok(null)
    }
    // The lease is for what was seen, and the commit comes after it: nothing is ever forced.
    const lease = `--force-with-lease=${ref}:${from ?? ''}`
    const flags = ['--porcelain', '--no-verify', '--no-signed', '--no-follow-tags', '--recurse-submodules=no']
    const pushed = await git(['push', ...flags, lease, options.url, `${commit}:${ref}`])
    return pushed.ok ? ok(null) : pushed
  }
  return {
    makeCommit: async (commit) => {
      const made = await madeCommit(git, commit, options.url)
      shown = shownCommit(commit)
      // Its id holds the time, so that of the real one would be another, and GitHub knows neither.
      return made.ok && options.dryRun ? ok(PLACEHOLDER) : made
    },
    makeBranch: async (branch, commit) => push(branch, commit, null),
    moveBranch: async (branch, commit, from) => push(branch, commit, from),
    close: () => scratch.remove(),
  }
}

function shownCommit({ message, parents, tree, files }: NewCommit): object {
  const changed = files.map(({ path, content }) => ({ path, mode: content && modeOf(content) }))
  return { message, parents, tree, files: changed }
}

function modeOf({ executable }: { readonly executable: boolean }): string {
  return executable ? '100755' : '100644'
}

type Git = (args: readonly string[], input?: Uint8Array | string) => Promise<Result<string, ForgeError>>

async function madeCommit(git: Git, { message, parents, ...change }: NewCommit, url: string): Answer<GitId> {
  for (const parent of parents) {
    if ((await git(['cat-file', '-e', `${parent}^{commit}`])).ok) continue
    const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--recurse-submodules=no']
    const fetched = await git(['fetch', ...flags, url, parent])
    if (!fetched.ok) return fetched
  }
  const made = await madeTree(git, change)
  if (!made.ok) return made
  const tree = made.value.trim()
  if (tree !== change.tree) {
    return err(failed('write-tree', { kind: 'local', message: `the tree is ${tree}, and not ${change.tree}` }))
  }
  const flags = ['--no-gpg-sign', ...parents.flatMap((parent) => ['-p', parent])]
  const commit = await git(['commit-tree', ...flags, tree], message)
  return commit.ok ? ok(commit.value.trim()) : commit
}

async function madeTree(git: Git, { baseTree, files }: Pick<NewCommit, 'baseTree' | 'files'>): Answer<GitId> {
  const lines: string[] = []
  for (const { path, content } of files) {
    if (!content) {
      lines.push(`0 ${'0'.repeat(40)}\t${path}\0`)
      continue
    }
    const blob = await git(['hash-object', '-w', '--stdin', '--no-filters'], content.bytes)
    if (!blob.ok) return blob
    lines.push(`${modeOf(content)} ${blob.value.trim()}\t${path}\0`)
  }
  // What goes makes room first: a file may become a folder.
  const sorted = lines.toSorted((a, b) => Number(!a.startsWith('0 ')) - Number(!b.startsWith('0 ')))
  const read = await git(['read-tree', baseTree])
  const put = read.ok ? await git(['update-index', '-z', '--index-info'], sorted.join('')) : read
  return put.ok ? git(['write-tree']) : put
}

const TIMEOUT_MS = 300_000

function runner({ folder, url, token, env }: PushOptions, scratch: Scratch): Git {
  const program = findGit(env['PATH'] ?? '')
  const cwd = realpathSync(folder)
  const objects = scratch.folder('objects')
  let own: string | null = null
  return async (args, input = '') => {
    const [command = ''] = args
    if (program === null) return err(failed(command, { kind: 'local', message: 'git is not on PATH' }))
    const settings = settingsFor(url, token)
    const call = async (words: readonly string[], more: Readonly<Record<string, string>>, text: Uint8Array | string) =>
      execa(program, ['--no-pager', '--no-replace-objects', ...words], {
        ...{ cwd, extendEnv: false, reject: false, input: text, timeout: TIMEOUT_MS },
        env: { ...environmentOf(env, settings), ...more },
      })
    own ??= (await call(['rev-parse', '--path-format=absolute', '--git-path', 'objects'], {}, '')).stdout.trim()
    const apart = {
      GIT_OBJECT_DIRECTORY: objects,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(own),
      GIT_INDEX_FILE: join(scratch.path, 'index'),
    }
    const result = await call(args, apart, input)
    if (!result.failed) return ok(result.stdout)
    const said = `${result.stdout}\n${result.stderr}`.trim() || result.shortMessage || ''
    return err(failed(command, { kind: kindOf(command, said), message: wordsOf(said).replaceAll(token, '***') }))
  }
}

/** A list of folders, in which a colon would begin another one. */
function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

function failed(command: string, why: Pick<ForgeError, 'kind' | 'message'>): ForgeError {
  return { method: `git ${command}`, path: '', status: null, ...why }
}

/** What git says of a rejected branch, or of why it did not come to that; a line. */
function wordsOf(said: string): string {
  const lines = said.split('\n').filter((line) => line !== '')
  const told =
    lines.find((line) => line.startsWith('!')) ?? lines.findLast((line) => /^(?:fatal|error|remote):/.test(line))
  return (told ?? lines.at(-1) ?? 'git failed').replaceAll('\t', ' ')
}

function kindOf(command: string, said: string): ForgeError['kind'] {
  if (command !== 'push' && command !== 'fetch') return 'local'
  if (/\[(?:remote )?rejected\]/.test(said)) return 'conflict'
  return /\b40[13]\b|Authentication failed|could not read Username|Permission to/i.test(said)
    ? 'no-rights'
    : 'unreachable'
}

/** The token goes to that one URL, to nothing that it may lead on to, and to no helper. */
function settingsFor(url: string, token: string): readonly (readonly [string, string])[] {
  const { protocol } = new URL(url)
  return [
    ['user.useConfigOnly', 'true'],
    ['core.hooksPath', '/dev/null'],
    ['core.fsmonitor', 'false'],
    ['core.askPass', ''],
    ['credential.helper', ''],
    ['protocol.allow', 'never'],
    [`protocol.${protocol.slice(0, -1)}.allow`, 'always'],
    ['http.followRedirects', 'false'],
    // The longest beginning counts, so that no shorter one leads to ssh, or elsewhere.
    [`url.${url}.insteadOf`, url],
    [`url.${url}.pushInsteadOf`, url],
    ['push.gpgSign', 'false'],
    ['push.pushOption', ''],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    [`http.${url}.extraHeader`, `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`],
  ]
}

/** Who somebody is, where their files are, and which way leads out; nothing that would lead git elsewhere or make it talk. */
const KEPT = [
  'PATH HOME XDG_CONFIG_HOME SSL_CERT_FILE SSL_CERT_DIR https_proxy HTTPS_PROXY no_proxy NO_PROXY',
  'GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL',
].flatMap((names) => names.split(' '))

function environmentOf(env: PushOptions['env'], settings: ReturnType<typeof settingsFor>): Record<string, string> {
  const kept = KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  const pairs = settings.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key] as const,
    [`GIT_CONFIG_VALUE_${at}`, value] as const,
  ])
  return {
    ...(Object.fromEntries([...kept, ...pairs]) as Record<string, string>),
    ...{ GIT_CONFIG_COUNT: String(settings.length), GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1', LC_ALL: 'C' },
  }
}
