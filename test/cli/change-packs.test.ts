// Packs whose steps change files of the workspace: what they see, what is kept of it, and what is refused.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/model/change.ts'
import { sha256 } from '../../src/model/digest.ts'
import {
  actionOf,
  codex,
  LATEST,
  manifestOf,
  placeFor,
  putFiles,
  read,
  recordOf,
  statusesOf,
  type Files,
  type Place,
} from '../support/cli.ts'
import { pack } from '../support/tasks.ts'

/** A pack that changes the workspace by shell commands, each a step, in the order of their names. */
function changing(
  id: string,
  scope: readonly string[],
  steps: Readonly<Record<string, string>>,
  fields: object = {},
): Files {
  return pack(id, {
    constraints: { scope },
    steps: Object.entries(steps).map(([name, run]) => ({ id: name, run })),
    ...fields,
  })
}

function changeOf(place: Place, id: string): Change {
  const found = manifestOf(place).packs.find((each) => each.id === id)?.change
  if (!found) throw new Error(`${id} has no change`)
  return found
}

function git(place: Place, ...args: readonly string[]): string {
  const env = { PATH: process.env['PATH'], HOME: place.home, GIT_CONFIG_NOSYSTEM: '1' }
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...identity, ...args], { cwd: place.root, env, encoding: 'utf8' })
}

function committed(files: Files): Place {
  const place = placeFor(files)
  git(place, 'init', '-q')
  git(place, 'add', '-A')
  git(place, 'commit', '-qm', 'base')
  return place
}

const RUN = { args: ['run', '--sandbox=none', '-q'] } as const
const BUMP = { bump: 'cd ../..; printf 2.0.0 >VERSION; printf "%s\\n" "- 2.0.0" >>CHANGELOG.md' }
const BASE: Files = { VERSION: '1.0.0', 'CHANGELOG.md': '- 1.0.0\n', 'src/a.txt': 'a\n', 'src/b.txt': 'b\n' }
const SCOPE = ['/VERSION', '/CHANGELOG.md']

describe.concurrent('a change pack', () => {
  it('changes nothing in the working tree, and leaves a patch that git applies to exactly the tree of the manifest', async () => {
    const accepted = { acceptance: { tests: [{ run: 'test "$(cat ../../VERSION)" = 2.0.0' }] } }
    const place = committed({ ...BASE, ...changing('bump', SCOPE, BUMP, accepted) })
    await codex(place, { args: ['run'], exitCode: 0 })
    expect(read(place, 'VERSION')).toBe('1.0.0')
    expect(git(place, 'status', '--porcelain')).toBe('')
    const change = changeOf(place, 'bump')
    expect(change.files.map(({ path }) => path)).toEqual(['CHANGELOG.md', 'VERSION'])
    expect(change.lines).toEqual({ added: 2, removed: 1 })
    expect(change.patch).toBe(sha256(read(place, `${LATEST}/changes/bump.patch`)))
    git(place, 'apply', '--index', join(place.root, LATEST, 'changes/bump.patch'))
    const list = `${sha256('- 1.0.0\n- 2.0.0\n')}  CHANGELOG.md\n${sha256('2.0.0')}  VERSION\n`
    expect(change.tree).toBe(sha256(list))
    expect(read(place, 'CHANGELOG.md')).toBe('- 1.0.0\n- 2.0.0\n')
    expect(recordOf(place).base).toEqual({
      commit: git(place, 'rev-parse', 'HEAD~0').trim(),
      uncommitted: [],
      more: false,
    })
  })

  it('lets its steps see what those before them have changed, in plan order', async () => {
    const steps = {
      a: 'cd ../../src; echo one >a.txt; echo new >c.txt; rm b.txt',
      b: 'cd ../../src; test "$(cat a.txt)" = one; test ! -e b.txt; echo two >>a.txt; chmod +x c.txt; mkdir b.txt; echo x >b.txt/in',
      c: 'cd ../../src; test "$(cat b.txt/in)" = x; test -x c.txt; mv a.txt d.txt',
    }
    const tests = {
      acceptance: {
        tests: [{ run: 'cd ../../src; test -x c.txt; test ! -e a.txt; test "$(cat d.txt)" = "one\ntwo"' }],
      },
    }
    const place = placeFor({ ...BASE, ...changing('edit', ['/src/**'], steps, tests) })
    await codex(place, { ...RUN, exitCode: 0 })
    const { files } = changeOf(place, 'edit')
    expect(files.map(({ path, before, after }) => [path, before !== null, after?.executable ?? null])).toEqual([
      ['src/a.txt', true, null],
      ['src/b.txt', true, null],
      ['src/b.txt/in', false, false],
      ['src/c.txt', false, true],
      ['src/d.txt', false, false],
    ])
  })

  it('changes what the packs that need it see, each on top of the one before', async () => {
    const later = { needs: ['bump'], inputs: { files: ['**', '/VERSION'] } }
    const place = committed({
      ...BASE,
      ...changing('bump', SCOPE, BUMP),
      ...changing(
        'tag',
        ['/CHANGELOG.md', '/TAG'],
        { tag: 'cd ../..; cp VERSION TAG; echo tagged >>CHANGELOG.md' },
        later,
      ),
      ...pack('reader', {
        needs: ['tag'],
        inputs: { files: ['**', '/VERSION', '/TAG'] },
        acceptance: { tests: [{ run: 'cd ../..; test "$(cat VERSION TAG)" = 2.0.02.0.0' }] },
      }),
    })
    await codex(place, { ...RUN, exitCode: 0 })
    for (const id of ['bump', 'tag']) git(place, 'apply', '--index', join(place.root, LATEST, `changes/${id}.patch`))
    expect(read(place, 'CHANGELOG.md')).toBe('- 1.0.0\n- 2.0.0\ntagged\n')
    expect(changeOf(place, 'tag').base).not.toBe(changeOf(place, 'bump').base)
  })

  it('may change nothing, and then has no patch', async () => {
    const place = placeFor({ ...BASE, ...changing('same', ['/src/**'], { same: 'cd ../../src; echo a >a.txt' }) })
    await codex(place, { ...RUN, exitCode: 0 })
    expect(changeOf(place, 'same')).toMatchObject({ files: [], patch: null, lines: { added: 0, removed: 0 } })
    expect(changeOf(place, 'same').tree).toBe(changeOf(place, 'same').base)
  })

  it('gives one manifest whatever the number of jobs and the sandbox, and the same twice with --check', async () => {
    const files = {
      ...BASE,
      ...changing('bump', SCOPE, BUMP),
      ...changing('edit', ['/src/**'], { edit: 'echo x >>../../src/a.txt' }),
    }
    const place = placeFor(files)
    const manifest = async (...args: readonly string[]): Promise<string> => {
      await codex(place, { args: ['run', '-q', ...args], exitCode: 0 })
      return read(place, `${LATEST}/manifest.json`)
    }
    const first = await manifest()
    expect(await manifest('-j1')).toBe(first)
    expect(await manifest('--check', '-j3')).toBe(first)
    expect(await manifest('--cache')).toBe(first)
    expect(await manifest('--cache')).toBe(first)
  })

  it('is caught where it does not do the same twice', async () => {
    const place = placeFor({
      ...BASE,
      ...changing('dice', ['/src/**'], { roll: 'cat /proc/sys/kernel/random/uuid >../../src/a.txt' }),
    })
    await codex(place, { args: ['run', '-q', '--check'], exitCode: 5 })
    expect(actionOf(manifestOf(place), 'dice:steps/roll').reason).toEqual({
      kind: 'nondeterministic',
      paths: ['src/a.txt'],
    })
  })
})

describe.concurrent('what a change pack may not change', () => {
  const cases: readonly (readonly [string, readonly string[], string, object])[] = [
    [
      'what lies outside of its scope',
      ['/src/**'],
      'echo x >../../VERSION',
      { kind: 'altered-inputs', paths: ['VERSION'] },
    ],
    [
      'what git ignores',
      ['/src/**'],
      'echo x >../../src/x.log',
      { kind: 'scope', refused: [{ path: 'src/x.log', problem: 'ignored' }] },
    ],
    [
      'its own task.yml',
      ['**'],
      'echo >>task.yml',
      { kind: 'scope', refused: [{ path: 'task-packs/p/task.yml', problem: 'definition' }] },
    ],
    [
      'the configuration',
      ['/**'],
      'echo >../../codex.config.mjs',
      { kind: 'scope', refused: [{ path: 'codex.config.mjs', problem: 'definition' }] },
    ],
    [
      'hooks of git',
      ['/**'],
      'mkdir -p ../../.git/hooks ../../.git.; echo >../../.git/hooks/x; echo >../../.git./x',
      { kind: 'scope', refused: ['.git./x', '.git/hooks/x'].map((path) => ({ path, problem: 'git' })) },
    ],
    [
      'workflows that scope does not name',
      ['/**'],
      'mkdir -p ../../.github/workflows; echo >../../.github/workflows/x.yml',
      { kind: 'scope', refused: [{ path: '.github/workflows/x.yml', problem: 'workflow' }] },
    ],
    [
      'what is behind a link',
      ['/**'],
      'rm -rf ../../link; mkdir ../../link; echo >../../link/x',
      { kind: 'scope', refused: [{ path: 'link/x', problem: 'obstacle' }] },
    ],
    [
      'more files than it may',
      ['/src/**'],
      'cd ../../src; for i in 1 2 3 4; do echo >$i; done',
      { kind: 'changes', limit: 'changed_files', most: 3, found: 4 },
    ],
    [
      'more lines than it may',
      ['/src/**'],
      'cd ../../src; seq 9 >a.txt',
      { kind: 'changes', limit: 'changed_lines', most: 9, found: 10 },
    ],
  ]

  it.each(cases)('%s', async (_, scope, run, reason) => {
    const limits = { changed_files: 3, changed_lines: 9 }
    const place = placeFor({
      ...BASE,
      '.gitignore': '*.log\n',
      link: { link: 'src' },
      ...pack('p', {
        constraints: { scope, limits },
        inputs: { files: ['**', '/VERSION'] },
        steps: [{ id: 'edit', run }],
      }),
    })
    const { stderr } = await codex(place, {
      args: ['run', '--sandbox=none'],
      exitCode: (reason as { kind: string }).kind === 'changes' ? 4 : 1,
    })
    const manifest = manifestOf(place)
    const failed = manifest.actions.find(({ status }) => status !== 'passed' && status !== 'skipped')
    expect(failed?.reason).toEqual(reason)
    expect(manifest.verdict).toBe('failed')
    expect(manifest.packs[0]?.change).toBeUndefined()
    for (const path of JSON.stringify(reason).match(/(?<="path":")[^"]+/g) ?? []) expect(stderr).toContain(path)
  })

  it('lets a workflow be changed that scope names', async () => {
    const place = placeFor({
      '.github/workflows/ci.yml': 'on: push\n',
      ...changing('ci', ['/.github/workflows/ci.yml'], { edit: 'echo "on: [push]" >../../.github/workflows/ci.yml' }),
    })
    await codex(place, { ...RUN, exitCode: 0 })
    expect(changeOf(place, 'ci').files).toHaveLength(1)
  })

  it('names both packs that change one file with nothing to order them', async () => {
    const edit = { edit: 'echo x >>../../src/a.txt' }
    const place = placeFor({ ...BASE, ...changing('a', ['/src/**'], edit), ...changing('b', ['/src/*.txt'], edit) })
    await codex(place, { args: ['run', '--sandbox=none'], exitCode: 1, stderr: [/`a` changes the same files/] })
    expect(actionOf(manifestOf(place), 'b:gate/scope').reason).toEqual({
      kind: 'conflict',
      pack: 'a',
      paths: ['src/a.txt'],
    })
    putFiles(place.root, changing('b', ['/src/*.txt'], edit, { needs: ['a'] }))
    await codex(place, { ...RUN, exitCode: 0 })
    expect(statusesOf(manifestOf(place))).toMatchObject({ 'a:gate/scope': 'passed', 'b:gate/scope': 'passed' })
  })

  it('finds a credential in what was changed', async () => {
    const token = `ghp_${'a1B2'.repeat(9)}`
    const place = placeFor({
      ...BASE,
      ...changing('leak', ['/src/**'], { edit: `printf '%s%s' ghp_ ${token.slice(4)} >../../src/a.txt` }),
    })
    await codex(place, { ...RUN, exitCode: 1 })
    expect(actionOf(manifestOf(place), 'leak:gate/secrets').reason).toMatchObject({
      kind: 'secrets',
      findings: [{ path: 'src/a.txt' }],
    })
  })
})

describe.concurrent('what judges a change', () => {
  it('stays what it was: a step that weakens a check outside of scope changes nothing', async () => {
    const files = { ...BASE, 'check.sh': 'grep -q good src/a.txt\n' }
    const fields = { inputs: { files: ['**', '/check.sh'] }, acceptance: { tests: [{ run: 'cd ../..; sh check.sh' }] } }
    const place = placeFor({
      ...files,
      ...changing('weak', ['/src/**'], { edit: 'echo bad >../../src/a.txt' }, fields),
    })
    await codex(place, { ...RUN, exitCode: 1 })
    expect(statusesOf(manifestOf(place))['weak:tests/1']).toBe('failed')
  })
})

describe.concurrent('the base of a run', () => {
  it('is the working tree, of which it says what is not committed, or what a commit holds', async () => {
    const place = committed({ ...BASE, ...changing('bump', SCOPE, { bump: 'echo more >>../../CHANGELOG.md' }) })
    putFiles(place.root, { 'CHANGELOG.md': '- dirty\n' })
    await codex(place, { ...RUN, exitCode: 0 })
    expect(read(place, `${LATEST}/changes/bump.patch`)).toContain(' - dirty')
    expect(recordOf(place).base?.uncommitted).toEqual(['CHANGELOG.md'])
    await codex(place, { args: [...RUN.args, '--base', 'HEAD'], exitCode: 0 })
    expect(read(place, `${LATEST}/changes/bump.patch`)).toContain(' - 1.0.0')
    expect(recordOf(place).base).toEqual({
      commit: git(place, 'rev-parse', 'HEAD').trim(),
      uncommitted: [],
      more: false,
    })
    mkdirSync(join(place.root, 'sub'))
    await codex(place, { args: ['run', '--base', 'nowhere'], exitCode: 2, stderr: [/nowhere/] })
  })
})
