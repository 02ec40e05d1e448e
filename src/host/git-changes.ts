import { copyFileSync, existsSync, lstatSync, realpathSync, statSync, utimesSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ChangedPath, Changes, ChangesProblem } from '../model/changes.ts'
import { compareBytes } from '../model/order.ts'
import { err, ok, type Result } from '../model/result.ts'
import { attempt } from './file-error.ts'
import { findGit } from './git-program.ts'
import { openRepository, type GitFailure, type Repository } from './git-repository.ts'
import { createScratch } from './scratch.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * What differs in a workspace (absolute) from the merge base of HEAD and a commit, as it lies on the disk now. Renames are a
 * file less and a file more.
 */
export async function changesSince(
  root: string,
  ref: string,
  env: Environment,
): Promise<Result<Changes, ChangesProblem>> {
  const git = findGit(env['PATH'] ?? '')
  if (git === null) return err({ kind: 'no-git' })
  const folder = realpathSync(root)
  const repository = await openRepository(git, folder, env)
  const place = await placeOf(repository, folder)
  if (!place.ok) return place
  const base = await mergeBase(repository, ref, place.value.shallow)
  if (!base.ok) return base
  const seen = await look({ repository, folder, base: base.value, git, env })
  if (!seen.ok) return err({ kind: 'failed', detail: seen.error.detail })
  const { changed, kept } = seen.value
  const paths = [...changed].map(([path, kind]): ChangedPath => ({ path, kind }))
  return ok({
    paths: paths.toSorted((a, b) => compareBytes(a.path, b.path)),
    isKept: (path) => kept.has(path),
  })
}

async function placeOf(repository: Repository, folder: string): Promise<Result<{ shallow: boolean }, ChangesProblem>> {
  const asked = await repository.run(['rev-parse', '--is-inside-work-tree', '--is-shallow-repository', '--show-cdup'])
  if (!asked.ok) return err(refusal(asked.error, folder))
  const [inside, shallow, up = ''] = asked.value.split('\n')
  // A repository can say that its files lie elsewhere; `up` leads from here to where they do.
  if (inside !== 'true' || !/^(?:\.\.\/)*$/.test(up)) return err({ kind: 'no-repository', root: folder })
  const head = await repository.run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])
  return head.ok ? ok({ shallow: shallow === 'true' }) : err({ kind: 'no-commit' })
}

function refusal({ exitCode, detail }: GitFailure, folder: string): ChangesProblem {
  if (/not a git repository/.test(detail)) return { kind: 'no-repository', root: folder }
  const owned = /safe\.directory '?([^'\n]+)/.exec(detail)
  if (owned) return { kind: 'not-owned', folder: owned[1] ?? folder }
  return { kind: 'failed', detail: detail || `git ended with exit code ${exitCode}` }
}

async function mergeBase(
  repository: Repository,
  ref: string,
  shallow: boolean,
): Promise<Result<string, ChangesProblem>> {
  // Git takes other words for options, or for everything but a commit.
  const isName = /^[^-^\s][^\n\0]*$/.test(ref)
  const asked = isName
    ? await repository.run(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])
    : null
  const commit = asked?.ok ? asked.value.trim() : ''
  if (!/^[0-9a-f]{40,64}$/.test(commit)) return err(await unknownRef(repository, ref, shallow))
  const base = await repository.run(['merge-base', 'HEAD', commit])
  if (base.ok) return ok(base.value.trim())
  if (base.error.exitCode !== 1) return err({ kind: 'failed', detail: base.error.detail })
  const [remote = null] = await remotesOf(repository, ref)
  return err({ kind: 'no-merge-base', ref, shallow, remote })
}

async function unknownRef(repository: Repository, ref: string, shallow: boolean): Promise<ChangesProblem> {
  const refs = await repository.run([
    'for-each-ref',
    '--format=%(refname:short)',
    'refs/heads',
    'refs/tags',
    'refs/remotes',
  ])
  const known = refs.ok ? refs.value.split('\n').filter((name) => name !== '') : []
  const [name] = await remotesOf(repository, ref)
  const branch = name !== undefined && ref.startsWith(`${name}/`) ? ref.slice(name.length + 1) : null
  return { kind: 'unknown-ref', ref, shallow, remote: name === undefined ? null : { name, branch }, known }
}

/** The remotes, the one that a ref names first, then `origin`. */
async function remotesOf(repository: Repository, ref: string): Promise<readonly string[]> {
  const listed = await repository.run(['remote'])
  const names = listed.ok ? listed.value.split('\n').filter((name) => name !== '') : []
  const rank = (name: string): number => (ref.startsWith(`${name}/`) ? 0 : name === 'origin' ? 1 : 2)
  return names.toSorted((a, b) => rank(a) - rank(b) || b.length - a.length || compareBytes(a, b))
}

interface Looking {
  readonly repository: Repository
  /** Absolute: of the repository, or below its root. */
  readonly folder: string
  /** Any name of a commit. */
  readonly base: string
  readonly git: string
  readonly env: Environment
}

interface Seen {
  readonly changed: Map<string, ChangedPath['kind']>
  readonly kept: Set<string>
}

/** What lies below a folder of a repository, and what of it is not as it was. Paths are relative to the folder. */
async function look(looking: Looking): Promise<Result<Seen, GitFailure>> {
  const { repository, folder, base } = looking
  const listed = await repository.run(['ls-files', '-z', '-s', '-v'])
  if (!listed.ok) return listed
  const options = ['--raw', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', '--no-color', '--relative']
  const compare = ['diff', ...options, '--ignore-submodules=dirty', base, '--']
  const compared = await withIndexCopy(looking, async (index) => repository.run(compare, index))
  if (!compared.ok) return compared
  // By the rules of files that everybody has; what only somebody's own settings ignore is not ignored.
  const added = await repository.run(['ls-files', '-z', '--others', '--exclude-per-directory=.gitignore'])
  if (!added.ok) return added
  const seen: Seen = { changed: changedIn(compared.value), kept: new Set() }
  for (const path of added.value.split('\0')) if (path !== '') seen.changed.set(path, 'added')
  for (const entry of entriesIn(listed.value)) {
    if (entry.isRepository) {
      const below = await lookBelow(looking, entry.path)
      if (!below.ok) return below
      merge(seen, below.value, entry.path)
    } else {
      seen.kept.add(entry.path)
      // Somebody has told git not to look at it.
      if (entry.isHidden && exists(join(folder, entry.path))) seen.changed.set(entry.path, 'changed')
    }
  }
  return ok(seen)
}

/** Git notes in the index which files it has found to be as they were, and nothing is to be written to a repository. */
async function withIndexCopy(
  { repository, folder }: Looking,
  use: (index: string) => ReturnType<Repository['run']>,
): ReturnType<Repository['run']> {
  const place = await repository.run(['rev-parse', '--git-path', 'index'])
  if (!place.ok) return place
  const own = resolve(folder, place.value.replace(/\n$/, ''))
  const temporary = createScratch()
  try {
    const index = join(temporary.path, 'index')
    if (existsSync(own)) copyIndex(own, index)
    return await use(index)
  } finally {
    temporary.remove()
  }
}

/**
 * With its time, or a little earlier: git looks again at files that are not older than the index that says how they were, because
 * they may have changed since within the same tick of the clock.
 */
function copyIndex(own: string, copy: string): void {
  const time = Math.floor(statSync(own).mtimeMs / 1000)
  copyFileSync(own, copy)
  utimesSync(copy, time, time)
}

/** A repository in the repository: what is not committed in it. That it stands at another commit is told by the outer one. */
async function lookBelow({ folder, git, env }: Looking, path: string): Promise<Result<Seen, GitFailure>> {
  const inner = join(folder, path)
  if (!existsSync(join(inner, '.git'))) return ok({ changed: new Map(), kept: new Set() })
  return look({ repository: await openRepository(git, inner, env), folder: inner, base: 'HEAD', git, env })
}

function merge(seen: Seen, below: Seen, path: string): void {
  for (const [inner, kind] of below.changed) seen.changed.set(`${path}/${inner}`, kind)
  for (const inner of below.kept) seen.kept.add(`${path}/${inner}`)
}

const KINDS: Readonly<Record<string, ChangedPath['kind']>> = { A: 'added', D: 'deleted' }

const REPOSITORY_MODE = '160000'

/** `:100644 100644 <id> <id> M`, the path, and so on, each with a NUL at its end. */
function changedIn(output: string): Map<string, ChangedPath['kind']> {
  const changed = new Map<string, ChangedPath['kind']>()
  const parts = output.split('\0')
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [before, after, , , status = ''] = (parts[at] ?? '').slice(1).split(' ')
    const isRepository = before === REPOSITORY_MODE || after === REPOSITORY_MODE
    const path = parts[at + 1] ?? ''
    changed.set(isRepository ? `${path}/` : path, KINDS[status[0] ?? ''] ?? 'changed')
  }
  return changed
}

interface Entry {
  readonly path: string
  readonly isRepository: boolean
  readonly isHidden: boolean
}

/** `H 100644 <id> 0`, a tab, the path, a NUL; a small letter or S stands for files that git was told not to look at. */
function entriesIn(output: string): Entry[] {
  return output.split('\0').flatMap((line) => {
    const tab = line.indexOf('\t')
    if (tab === -1) return []
    const [tag = '', mode] = line.slice(0, tab).split(' ')
    return [{ path: line.slice(tab + 1), isRepository: mode === REPOSITORY_MODE, isHidden: !/^[HMRCK]$/.test(tag) }]
  })
}

function exists(path: string): boolean {
  return attempt(path, () => lstatSync(path)).ok
}
