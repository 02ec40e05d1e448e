// Which packs are affected by what has changed, in real repositories.
import {
  chmodSync,
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { changesSince } from '../../src/host/git-changes.ts'
import { affectedIn, changesIn, emptyFolder, repositoryOf } from '../support/affected.ts'
import { putFiles, type Files } from '../support/cli.ts'
import { commitAll, git } from '../support/git.ts'
import { pack } from '../support/tasks.ts'

const ARTIFACT = { from: 'base', path: 'out.txt', as: 'in.txt' }
const FILES: Files = {
  '.gitignore': '*.log\n',
  'shared/lock.json': '{}',
  'shared/wrong.txt': '',
  'shared/real.txt': '',
  'elsewhere.txt': '',
  ...pack('base', { steps: [{ id: 'make', run: 'touch out.txt', outputs: ['out.txt'] }] }, { 'src/a.txt': 'a\n' }),
  ...pack('user', { needs: ['base'], inputs: { artifacts: [ARTIFACT] } }, { 'b.txt': 'b\n' }),
  ...pack('last', { needs: ['user'] }),
  ...pack('mounted', { inputs: { mounts: [{ path: '/shared', identity: '/shared/lock.json' }] } }, { 'm.txt': '' }),
  ...pack('wide', { inputs: { files: ['/shared/*.txt', 'task.yml'] } }, { 'spec.md': '', 'other.md': '' }),
  ...pack('linked', {}, { 'link.txt': { link: '../../shared/real.txt' } }),
  ...pack('outer', {}, { 'o.txt': '' }),
  ...pack('outer/inner', { id: 'inner' }, { 'i.txt': '' }),
}

type Change = (root: string) => void

const write =
  (path: string, text = 'changed\n'): Change =>
  (root) =>
    putFiles(root, { [path]: text })
const remove =
  (path: string): Change =>
  (root) =>
    rmSync(join(root, path), { recursive: true })

const cases: readonly (readonly [string, Change, readonly string[]])[] = [
  ['nothing', () => {}, []],
  ['a file, with all that stand on its pack', write('task-packs/base/src/a.txt'), ['base', 'last', 'user']],
  ['a file of a pack that others do not stand on', write('task-packs/last/new.txt'), ['last']],
  [
    'a task.yml',
    (root) =>
      write('task-packs/last/task.yml', `${readFileSync(join(root, 'task-packs/last/task.yml'), 'utf8')}#`)(root),
    ['last'],
  ],
  ['a deleted file', remove('task-packs/user/b.txt'), ['last', 'user']],
  ['a new file', write('task-packs/outer/new/x.txt'), ['outer']],
  ['a new file that git ignores', write('task-packs/outer/x.log'), []],
  ['a new file that no pack reads', write('new.txt'), []],
  ['a file that no pack reads', write('elsewhere.txt'), []],
  ['a file of a pack that it leaves out', write('task-packs/wide/other.md'), []],
  ['a file that only the root names', write('shared/wrong.txt'), ['wide']],
  ['a lock file', write('shared/lock.json'), ['mounted']],
  ['what a link leads to', write('shared/real.txt'), ['linked', 'wide']],
  [
    'a link',
    (root) => {
      rmSync(join(root, 'task-packs/linked/link.txt'))
      symlinkSync('../../elsewhere.txt', join(root, 'task-packs/linked/link.txt'))
    },
    ['linked'],
  ],
  ['a pack below another', write('task-packs/outer/inner/i.txt'), ['inner']],
  ['a deleted file of a pack below another', remove('task-packs/outer/inner/i.txt'), ['inner']],
  ['a pack below another that is new', write('task-packs/outer/second/task.yml', 'version: 1\n'), ['outer']],
  ['a pack below another that is gone', remove('task-packs/outer/inner/task.yml'), ['outer']],
  ['a pack that is gone and needed', remove('task-packs/base'), ['last', 'user']],
  ['the right to be run', (root) => chmodSync(join(root, 'task-packs/last/task.yml'), 0o755), ['last']],
  [
    'a file that is moved between packs',
    (root) => renameSync(join(root, 'task-packs/user/b.txt'), join(root, 'task-packs/outer/b.txt')),
    ['last', 'outer', 'user'],
  ],
  ['a .gitignore of a pack', write('task-packs/outer/.gitignore', '*.tmp\n'), ['inner', 'outer']],
  [
    'a .gitignore above all',
    write('.gitignore', '*.tmp\n'),
    ['base', 'inner', 'last', 'linked', 'mounted', 'outer', 'user', 'wide'],
  ],
  ['a .gitignore beside', write('docs/.gitignore', '*.tmp\n'), []],
  [
    'the configuration',
    write('codex.config.mjs', 'export default {}\n'),
    ['base', 'inner', 'last', 'linked', 'mounted', 'outer', 'user', 'wide'],
  ],
  ['names that are hard to write', write('task-packs/outer/ä "q" \\ \u{1f600}.txt'), ['outer']],
  ['the time of a file', (root) => utimesSync(join(root, 'task-packs/last/task.yml'), 1, 1), []],
]

const template = repositoryOf(FILES)
git(template, 'branch', 'before')

/** The repository of all cases, once more. */
function copied(): string {
  const root = emptyFolder()
  cpSync(template, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  return root
}

describe.concurrent('what has changed', () => {
  it.each(cases)('is seen: %s', async (_name, change, expected) => {
    const root = copied()
    change(root)
    expect(await affectedIn(root, 'before')).toEqual(expected)
  })

  const some = cases.filter(([name]) => /^a (?:deleted file|new file|file that is moved|\.gitignore of)/.test(name))

  it.each(some)('is seen when it is staged, and when it is committed: %s', async (_name, change, expected) => {
    const root = copied()
    change(root)
    git(root, 'add', '--all')
    expect(await affectedIn(root, 'before')).toEqual(expected)
    commitAll(root)
    expect(await affectedIn(root, 'before')).toEqual(expected)
  })
})

describe.concurrent('what counts', () => {
  it('is what this side has changed, not what the other has', async () => {
    const root = copied()
    git(root, 'checkout', '--quiet', '-b', 'topic')
    write('task-packs/last/new.txt')(root)
    commitAll(root)
    git(root, 'checkout', '--quiet', 'main')
    write('task-packs/mounted/m.txt')(root)
    commitAll(root)
    git(root, 'checkout', '--quiet', 'topic')
    expect(await affectedIn(root, 'main')).toEqual(['last'])
  })

  it('is how it looks now: what was taken back has not changed', async () => {
    const root = repositoryOf(FILES)
    write('task-packs/last/task.yml', 'x')(root)
    git(root, 'add', '--all')
    git(root, 'checkout', '--quiet', 'HEAD', '--', 'task-packs/last/task.yml')
    expect(await affectedIn(root)).toEqual([])
  })

  it('is also what git was told not to look at', async () => {
    const root = repositoryOf(FILES)
    git(root, 'update-index', '--assume-unchanged', 'task-packs/last/task.yml')
    git(root, 'update-index', '--skip-worktree', 'task-packs/mounted/m.txt')
    expect(await affectedIn(root)).toEqual(['last', 'mounted'])
  })

  it('is also a file that a pack names and git ignores', async () => {
    const root = repositoryOf({ '.gitignore': 'kept.txt\n', ...pack('a', { inputs: { files: ['/kept.txt'] } }) })
    putFiles(root, { 'kept.txt': '' })
    expect(await affectedIn(root)).toEqual(['a'])
  })

  it('is not what only one machine ignores', async () => {
    const root = repositoryOf(FILES)
    putFiles(root, { '.git/info/exclude': '*.txt\n', 'task-packs/last/new.txt': '' })
    expect(await affectedIn(root)).toEqual(['last'])
  })

  it('has any name that a file can have', async () => {
    const root = repositoryOf({ a: '' })
    const names = ['line\nfeed', 'tab\t"quote"', 'é', ' -x', ':(glob)*']
    putFiles(root, Object.fromEntries(names.map((name) => [name, ''])))
    git(root, 'add', '--all')
    const { paths } = await changesIn(root)
    expect(new Set(paths.map(({ path }) => path))).toEqual(new Set(names))
  })
})

describe.concurrent('a workspace', () => {
  it('may be a folder of a repository', async () => {
    const root = repositoryOf(FILES, 'deep/ws')
    putFiles(root, { 'task-packs/last/x.txt': '', 'deep/ws/task-packs/user/x.txt': '', '.gitignore': '*' })
    expect(await affectedIn(join(root, 'deep/ws'))).toEqual(['last', 'user'])
    git(root, 'add', '--all', '--force')
    expect(await affectedIn(join(root, 'deep/ws'))).toEqual(['last', 'user'])
  })

  it('may be a second working tree', async () => {
    const root = repositoryOf(FILES)
    const tree = join(emptyFolder(), 'tree')
    git(root, 'worktree', 'add', '--quiet', '-b', 'topic', tree)
    write('task-packs/mounted/m.txt')(root)
    write('task-packs/last/x.txt')(tree)
    expect(await affectedIn(tree, 'main')).toEqual(['last'])
  })

  it('may hold another repository, at another commit or changed', async () => {
    const inner = repositoryOf({ 'lib.txt': 'a\n', 'more/deep.txt': '' })
    const reads = { inputs: { files: ['/vendor/**', 'task.yml'] } }
    const root = repositoryOf({ ...FILES, ...pack('vendor', reads) })
    git(root, 'submodule', '--quiet', 'add', inner, 'vendor')
    commitAll(root)
    expect(await affectedIn(root)).toEqual([])
    write('vendor/more/deep.txt')(root)
    expect(await affectedIn(root)).toEqual(['vendor'])
    commitAll(join(root, 'vendor'))
    expect(await affectedIn(root)).toEqual(['vendor'])
    commitAll(root)
    expect(await affectedIn(root)).toEqual([])
    expect(await affectedIn(root, 'HEAD^')).toEqual(['vendor'])
  })
})

describe('a repository that wants to run something', () => {
  it('does not get to, and hides nothing', async () => {
    const root = repositoryOf({ ...FILES, '.gitattributes': '* filter=evil diff=evil\n' })
    const marker = join(emptyFolder(), 'ran')
    const evil = join(root, '.git/evil')
    writeFileSync(evil, `#!/bin/sh\necho ran >>'${marker}'\nexec cat\n`)
    chmodSync(evil, 0o755)
    for (const hook of ['post-index-change', 'fsmonitor-watchman', 'reference-transaction']) {
      putFiles(root, { [`.git/hooks/${hook}`]: { text: `#!/bin/sh\n${evil}\n`, mode: 0o755 } })
    }
    const settings = ['core.fsmonitor', 'diff.external', 'diff.evil.textconv', 'diff.evil.command', 'core.pager']
    for (const name of settings) git(root, 'config', name, evil)
    for (const name of ['clean', 'smudge', 'process']) git(root, 'config', `filter.evil.${name}`, evil)
    git(root, 'config', 'filter.evil.required', 'true')
    for (const [name, value] of [
      ['core.fileMode', 'false'],
      ['diff.relative', 'true'],
      ['diff.ignoreSubmodules', 'all'],
    ]) {
      git(root, 'config', name ?? '', value ?? '')
    }
    write('task-packs/last/task.yml', `${readFileSync(join(root, 'task-packs/last/task.yml'), 'utf8')}#`)(root)
    chmodSync(join(root, 'task-packs/mounted/m.txt'), 0o755)
    utimesSync(join(root, 'task-packs/outer/o.txt'), 1, 1)
    const index = readFileSync(join(root, '.git/index'))
    expect(await affectedIn(root)).toEqual(['last', 'mounted'])
    expect(existsSync(marker)).toBe(false)
    expect(readFileSync(join(root, '.git/index'))).toEqual(index)
  })

  it('would run it for git alone', () => {
    const root = repositoryOf({ a: 'a\n', '.gitattributes': '* filter=evil\n' })
    const marker = join(emptyFolder(), 'ran')
    git(root, 'config', 'filter.evil.clean', `touch '${marker}'; cat`)
    write('a', 'b\n')(root)
    git(root, 'diff', '--raw', 'HEAD')
    expect(existsSync(marker)).toBe(true)
  })
})

describe.concurrent('it is said why nothing can be told', () => {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent' }

  it('where there is no git', async () => {
    const found = await changesSince(repositoryOf({ a: '' }), 'HEAD', { PATH: 'bin:/nonexistent' })
    expect(found).toEqual({ ok: false, error: { kind: 'no-git' } })
  })

  it('where there is no repository', async () => {
    const root = emptyFolder()
    expect(await changesSince(root, 'HEAD', env)).toEqual({ ok: false, error: { kind: 'no-repository', root } })
  })

  it('where the files of the repository lie elsewhere', async () => {
    const root = repositoryOf({ a: '' })
    git(root, 'config', 'core.worktree', emptyFolder())
    expect(await changesSince(root, 'HEAD', env)).toEqual({ ok: false, error: { kind: 'no-repository', root } })
  })

  it('where there is no commit', async () => {
    const root = emptyFolder()
    git(root, 'init', '--quiet')
    expect(await changesSince(root, 'HEAD', env)).toEqual({ ok: false, error: { kind: 'no-commit' } })
  })

  it.each(['mian', '', '-x', '--all', '^main', 'main..main', ':/all', 'HEAD:a', 'main\n', 'a\0b'])(
    'where %j is no commit',
    async (ref) => {
      const root = repositoryOf({ a: '' })
      git(root, 'tag', 'v1')
      const found = await changesSince(root, ref, env)
      const error = { kind: 'unknown-ref', ref, shallow: false, remote: null, known: ['main', 'v1'] }
      expect(found).toEqual({ ok: false, error })
    },
  )

  it.each(['HEAD', 'main', 'v1', 'HEAD~0', 'main^{/all}', '@'])('and %s is one', async (ref) => {
    const root = repositoryOf({ a: '' })
    git(root, 'tag', '--annotate', '--message=m', 'v1')
    expect((await changesIn(root, ref)).paths).toEqual([])
  })

  it('where two histories have nothing in common', async () => {
    const root = repositoryOf({ a: '' })
    git(root, 'checkout', '--quiet', '--orphan', 'other')
    commitAll(root, 'another')
    const error = { kind: 'no-merge-base', ref: 'main', shallow: false, remote: null }
    expect(await changesSince(root, 'main', env)).toEqual({ ok: false, error })
  })
})
