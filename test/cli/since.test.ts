// Packs that are affected by changes, and what is said where that can't be told.
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { codex, placeFor, putFiles, type Files, type Place } from '../support/cli.ts'
import { commitAll, git } from '../support/git.ts'
import { pack } from '../support/tasks.ts'

const FILES: Files = {
  ...pack('base', { tags: ['x'] }, { 'a.txt': '' }),
  ...pack('user', { needs: ['base'] }, { 'b.txt': '' }),
  ...pack('other', { pillar: 'web' }, { 'c.txt': '' }),
}

function repository(files: Files = FILES): Place {
  const place = placeFor(files)
  git(place.root, 'init', '--quiet')
  commitAll(place.root)
  return place
}

const NONE = 'No pack is affected by what has changed since HEAD.\n'

describe.concurrent('--since selects packs', () => {
  it('in every command that takes packs, with what they need and what needs them', async () => {
    const place = repository()
    putFiles(place.root, { 'task-packs/user/new.txt': '' })
    const { stdout } = await codex(place, { args: ['graph', '--json', '--since', 'HEAD'], exitCode: 0, stderr: '' })
    expect(stdout).toContain('user:tests/1')
    expect(stdout).toContain('base:tests/1')
    expect(stdout).not.toContain('other:')
    await codex(place, { args: ['validate', '--since', 'HEAD'], exitCode: 0, stdout: ['2 packs valid'] })
    await codex(place, { args: ['list', '--since=main'], exitCode: 0, stdout: [/ user /, / base /, /^2 packs$/m] })
    const stderr = ['PASSED: 6 passed']
    await codex(place, { args: ['run', '--sandbox=none', '--since', 'HEAD'], exitCode: 0, stderr })
  })

  it('together with names, pillars and tags', async () => {
    const place = repository()
    putFiles(place.root, { 'task-packs/base/new.txt': '', 'task-packs/other/new.txt': '' })
    const since = ['validate', '--since', 'HEAD']
    await codex(place, { args: since, exitCode: 0, stdout: ['3 packs valid'] })
    await codex(place, { args: [...since, 'other'], exitCode: 0, stdout: ['1 pack valid'] })
    await codex(place, { args: [...since, '--pillar', 'web'], exitCode: 0, stdout: ['1 pack valid'] })
    await codex(place, { args: [...since, '--tag', 'x'], exitCode: 0, stdout: ['1 pack valid'] })
    await codex(place, { args: [...since, 'nothing'], exitCode: 2, stderr: ['unknown-selector'] })
  })

  it('and says where there is none, without a run that would prove nothing', async () => {
    const place = repository()
    await codex(place, { args: ['run', '--since', 'HEAD'], exitCode: 0, stdout: '', stderr: NONE })
    await codex(place, { args: ['run', '-n', '--since', 'HEAD'], exitCode: 0, stderr: [NONE] })
    const { stdout } = await codex(place, { args: ['run', '--json', '--since', 'HEAD'], exitCode: 0, stderr: NONE })
    expect(JSON.parse(stdout)).toMatchObject({ verdict: null, exitCode: 0, run: null })
    expect(existsSync(join(place.root, '.codex'))).toBe(false)
    await codex(place, { args: ['validate', '--since', 'HEAD'], exitCode: 0, stdout: ['0 packs valid'], stderr: NONE })
    await codex(place, { args: ['list', '-q', '--since', 'HEAD'], exitCode: 0, stdout: '0 packs\n', stderr: '' })
  })

  it('and tells of a pack that can not be read, because it may be one of them', async () => {
    const place = repository({ ...FILES, 'task-packs/broken/task.yml': 'version: 1\n' })
    const stderr = ['task-packs/broken/task.yml:1:1 error missing-key']
    await codex(place, { args: ['validate', '--since', 'HEAD'], exitCode: 2, stdout: '', stderr })
    await codex(place, { args: ['run', '--since', 'HEAD'], exitCode: 2, stderr })
  })

  it('and of a need that is gone', async () => {
    const place = repository()
    rmSync(join(place.root, 'task-packs/base'), { recursive: true })
    await codex(place, { args: ['validate', '--since', 'HEAD'], exitCode: 2, stderr: ['There is no pack `base`.'] })
  })
})

/** A repository with a branch of three commits, and a shallow clone of its end. */
function shallow(...options: readonly string[]): { readonly origin: Place; readonly clone: Place } {
  const origin = repository()
  git(origin.root, 'branch', 'release')
  git(origin.root, 'tag', 'v1')
  for (const text of ['1', '2', '3']) {
    putFiles(origin.root, { 'task-packs/other/c.txt': text })
    commitAll(origin.root, text)
  }
  const clone = placeFor({})
  git(clone.root, 'clone', '--quiet', '--depth=1', ...options, pathToFileURL(origin.root).href, '.')
  return { origin, clone }
}

/** The command that a message tells to use. */
function fixIn(stderr: string): string {
  return /^ {2}fix: (git .*)$/m.exec(stderr)?.[1] ?? ''
}

describe.concurrent('a shallow clone', () => {
  it.each([
    [
      'a branch of the remote',
      'origin/release',
      'git fetch --unshallow origin +refs/heads/release:refs/remotes/origin/release',
    ],
    ['a branch', 'release', 'git fetch --unshallow origin release:release'],
    ['a tag', 'v1', 'git fetch --unshallow origin v1:v1'],
  ])('that lacks %s is told the command that helps, and it does', async (_, ref, fix) => {
    const { clone } = shallow()
    const args = ['validate', '--since', ref]
    const { stderr } = await codex(clone, { args, exitCode: 2, stdout: '' })
    expect(stderr).toBe(`error: \`${ref}\` is no commit of this shallow clone.\n  fix: ${fix}\n`)
    git(clone.root, ...fixIn(stderr).split(' ').slice(1))
    await codex(clone, { args, exitCode: 0, stdout: ['1 pack valid'], stderr: [/^$|control/] })
  })

  it('that lacks a commit as well', async () => {
    const { origin, clone } = shallow()
    const commit = git(origin.root, 'rev-parse', 'release').trim()
    const args = ['validate', '--since', commit]
    const { stderr } = await codex(clone, { args, exitCode: 2, stdout: '' })
    expect(fixIn(stderr)).toBe(`git fetch --unshallow origin ${commit}`)
    git(clone.root, ...fixIn(stderr).split(' ').slice(1))
    await codex(clone, { args, exitCode: 0, stdout: ['1 pack valid'] })
  })

  it('that does not reach back far enough is told so', async () => {
    const { clone } = shallow('--no-single-branch')
    const args = ['validate', '--since', 'origin/release']
    const { stderr } = await codex(clone, { args, exitCode: 2, stdout: '' })
    expect(stderr).toContain('does not reach back to where HEAD and `origin/release` parted')
    expect(fixIn(stderr)).toBe('git fetch --unshallow origin')
    git(clone.root, ...fixIn(stderr).split(' ').slice(1))
    await codex(clone, { args, exitCode: 0, stdout: ['1 pack valid'] })
  })
})

describe.concurrent('what is wrong is said with a way out', () => {
  it('for a word that is nearly that of a branch', async () => {
    const stderr = 'error: `mian` is no commit of this repository.\n  fix: Did you mean `main`?\n'
    await codex(repository(), { args: ['list', '--since', 'mian'], exitCode: 2, stdout: '', stderr })
  })

  it('for a word that is none', async () => {
    const stderr = ['`\\n--all` is no commit', 'fix: git branch --all']
    await codex(repository(), { args: ['run', '--since=\n--all'], exitCode: 2, stdout: '', stderr })
  })

  it('without a repository', async () => {
    const stderr = ['is in no git repository', 'git clone']
    await codex(FILES, { args: ['graph', '--since', 'HEAD'], exitCode: 2, stdout: '', stderr })
  })

  it('without a commit', async () => {
    const place = placeFor(FILES)
    git(place.root, 'init', '--quiet')
    await codex(place, { args: ['graph', '--since', 'HEAD'], exitCode: 2, stdout: '', stderr: ['fix: git commit\n'] })
  })

  it.each(['list --since HEAD', 'run --base HEAD'])('without git, of codex %s', async (command) => {
    const stderr =
      'error: There is no git to read the repository with.\n  fix: Install git, or leave out --since or --base.\n'
    await codex(repository(), { args: command.split(' '), env: { PATH: '/nonexistent' }, exitCode: 2, stderr })
  })

  it('with the repository of another user, until its owner is trusted', async () => {
    const place = repository()
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
    const text = `#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec ${real} "$@"\n`
    putFiles(place.temporary, { git: { text, mode: 0o755 } })
    const env = { PATH: `${place.temporary}:${process.env['PATH']}` }
    const { stderr } = await codex(place, { args: ['list', '--since', 'HEAD'], env, exitCode: 2 })
    expect(fixIn(stderr)).toBe(`git config --global --add safe.directory ${place.root}`)
    execFileSync(real, fixIn(stderr).split(' ').slice(1), { env: { ...env, HOME: place.home } })
    await codex(place, { args: ['list', '--since', 'HEAD'], env, exitCode: 0, stdout: '0 packs\n' })
  })
})
