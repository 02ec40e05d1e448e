// From a run to a pull request on a GitHub of this machine, as somebody types it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  codex,
  LATEST,
  manifestText,
  placeFor,
  putFiles,
  read,
  type Call,
  type Expected,
  type Place,
} from '../support/cli.ts'
import { sha256 } from '../../src/model/digest.ts'
import { commitAll, git } from '../support/git.ts'
import { startGithub, type Github } from '../support/github/server.ts'
import { addRepository, githubState, TOKEN, type Repository } from '../support/github/state.ts'
import { pack, test } from '../support/tasks.ts'

const HOSTILE = 'Bump @everybody, Fixes #1 <img src=x> [skip ci] <!-- codex:end -->'

const BUMP = {
  ...pack('bump', {
    ...test('grep -q 2 ../../version'),
    title: HOSTILE,
    constraints: { scope: ['/version', '/docs/**'] },
    steps: [{ id: 'bump', run: 'cd ../.. && echo 2 > version && printf "a\\0b" > docs/binary && rm docs/old' }],
  }),
  ...pack('note', {
    ...test('grep -q note ../../note'),
    constraints: { scope: ['/note'] },
    steps: [{ id: 'note', run: 'cd ../.. && echo note > note' }],
  }),
  version: '1\n',
  'docs/old': 'old\n',
}

const folder = mkdtempSync(join(tmpdir(), 'codex-pr-'))
let github: Github
let shop: Repository
let ran: Place

/** As somebody has it whose repository is on GitHub. */
beforeAll(async () => {
  github = await startGithub(githubState(folder), true)
  shop = addRepository(github.state, 'acme/shop')
  ran = placeFor(BUMP)
  git(ran.root, 'init', '--quiet', '--initial-branch=main')
  commitAll(ran.root)
  git(ran.root, 'push', '--quiet', shop.store.folder, 'main')
  git(ran.root, 'remote', 'add', 'origin', 'git@github.com:acme/shop.git')
  await codex(ran, { args: ['run', 'bump', '--sandbox=none', '-q'], exitCode: 0 })
})

afterAll(async () => {
  await github.close()
  rmSync(folder, { recursive: true })
})

const pr = async (args: readonly string[], expected: Expected, env: Call['env'] = {}): ReturnType<typeof codex> =>
  codex(ran, { args: ['pr', ...args], env: { GITHUB_TOKEN: TOKEN, GITHUB_API_URL: github.url, ...env }, ...expected })

interface Shown {
  readonly requests: readonly { readonly method: string; readonly path: string; readonly body: unknown }[]
}

describe('codex pr', () => {
  it('shows what would be sent, then sends just that, and has nothing to do the second time', async () => {
    const { stdout } = await pr(['latest', '--dry-run', '--json'], { exitCode: 0, stderr: '' })
    const { requests } = JSON.parse(stdout) as Shown
    expect(github.writes).toEqual([])
    const told = await pr(['latest', '--dry-run'], {
      exitCode: 0,
      stdout: [/^POST \/repos\/acme\/shop\/git\/blobs\n\{/],
    })
    for (const text of [stdout, told.stdout]) expect(text).not.toContain(TOKEN)
    await pr(['latest'], {
      exitCode: 0,
      stdout: [/^bump: opened #\d+ from codex\/bump\n {2}commit [0-9a-f]{40}\n {2}https:/],
      stderr: '',
    })
    const commit = shop.refs.get('codex/bump') ?? ''
    expect(JSON.parse(JSON.stringify(github.writes).replaceAll(commit, '0'.repeat(40)))).toEqual(requests)
    github.writes.length = 0
    await pr(['latest'], { exitCode: 0, stdout: [/nothing to do: codex\/bump holds just this/] })
    expect(github.writes).toEqual([])
  })

  it('proposes the files that the run has accepted, with its evidence', () => {
    const [pull] = shop.pulls
    const shown = git(shop.store.folder, 'diff', '--name-status', '--no-renames', 'main...codex/bump')
    expect(shown).toBe('A\tdocs/binary\nD\tdocs/old\nM\tversion\n')
    // Just what git makes of the patch.
    git(ran.root, 'apply', '--index', `${LATEST}/changes/bump.patch`)
    expect(git(ran.root, 'write-tree').trim()).toBe(shop.store.commit(shop.refs.get('codex/bump') ?? '').tree)
    git(ran.root, 'reset', '--quiet', '--hard')
    const digest = sha256(manifestText(ran))
    for (const text of [
      '### ✅ Accepted',
      '| Risk | low |',
      '| Granted | nothing |',
      digest,
      '`bump:tests/1`',
      'version',
      'codex verify .',
      '**network** not enforced',
    ]) {
      expect(pull?.body).toContain(text)
    }
    expect(shop.checks).toMatchObject([{ name: 'codex/bump', status: 'completed', externalId: digest }])
  })

  it('lets nothing that a pack says act', () => {
    const [pull] = shop.pulls
    expect(pull?.title).toBe('[bump] Bump @ everybody, Fixes # 1 <img src=x> (skip ci) <!-- codex:end -->')
    expect(shop.store.commit(shop.refs.get('codex/bump') ?? '').message).not.toMatch(/Fixes #1|@everybody|\[skip ci\]/)
    expect(pull?.body.match(/<!--/g)).toHaveLength(2)
    expect(pull?.body).toContain('| Title | `Bump @everybody, Fixes #1 <img src=x> [skip ci] <! -- codex:end -->` |')
  })

  it('pushes with git where it is told to, as whoever git is set up for', async () => {
    const env = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@example.org', GIT_COMMITTER_NAME: 'Ann' }
    const args = ['latest', '--push']
    const ann = { ...env, GIT_COMMITTER_EMAIL: 'ann@example.org', ORCH_BRANCH_NAME: 'pushed' }
    const shown = await pr(
      [...args, '--dry-run'],
      { exitCode: 0, stdout: [/^git push http:.*\/acme\/shop\.git\n\{/] },
      ann,
    )
    expect(shown.stdout).not.toContain(TOKEN)
    await pr(args, { exitCode: 0, stdout: [/^bump: opened #\d+ from pushed\n/], stderr: '' }, ann)
    const [proposed, pushed] = ['codex/bump', 'pushed'].map((name) => shop.store.commit(shop.refs.get(name) ?? ''))
    expect(pushed).toMatchObject({ tree: proposed?.tree, author: expect.stringContaining('Ann <ann@example.org>') })
    await pr(args, { exitCode: 0, stdout: [/nothing to do: pushed holds just this/] }, ann)
  })

  it('refuses what it can not stand for', async () => {
    await pr(
      ['latest'],
      { exitCode: 3, stderr: [/^error: There is no token for GitHub\n/] },
      { GITHUB_TOKEN: undefined },
    )
    await pr(
      ['latest'],
      { exitCode: 3, stderr: [/GitHub refuses GET .*\(401\): Bad credentials/] },
      { GITHUB_TOKEN: 'ghp_wrong' },
    )
    await pr(['latest', 'none'], { exitCode: 2, stderr: [/no pack 'none' in this run/] })
    await pr(['latest', '--target', 'x'], {
      exitCode: 2,
      stderr: [/There is a branch `codex\/bump`, beside which git can't keep/],
    })
    await pr(['latest', '--target', '..'], { exitCode: 2, stderr: [/can't be the name of a branch/] })
    await pr(
      ['latest'],
      { exitCode: 2, stderr: [/no URL that a token may be sent to/] },
      { GITHUB_API_URL: 'http://ghe.example.org' },
    )
    await pr(['latest', '--repo', 'acme/none'], { exitCode: 3, stderr: [/GitHub finds nothing at GET/] })
    await pr(['latest'], { exitCode: 4, stderr: [/no whole answer/] }, { GITHUB_API_URL: 'http://127.0.0.1:1' })
    const { stderr } = await pr(['latest'], { exitCode: 3 }, { GITHUB_TOKEN: 'ghp_secret\u0001' })
    expect(stderr).not.toContain('secret')
  })

  it('refuses a run that is not genuine, has failed, or stood on what was not committed', async () => {
    const evidence = read(ran, `${LATEST}/changes/bump.patch`)
    putFiles(ran.root, { [`${LATEST}/changes/bump.patch`]: evidence.replace('+2', '+3') })
    await pr(['latest'], { exitCode: 5, stderr: [/NOT GENUINE/, /Nothing is proposed/] })
    putFiles(ran.root, { [`${LATEST}/changes/bump.patch`]: evidence })
    putFiles(ran.root, { 'docs/later': 'x\n' })
    await codex(ran, { args: ['run', 'bump', '--sandbox=none', '-q'], exitCode: 0 })
    await pr(['latest'], { exitCode: 3, stderr: [/changes that were not committed \(docs\/later/, /--base HEAD/] })
    await codex(ran, { args: ['run', '--base', 'HEAD', '--sandbox=none', '-q'], exitCode: 0 })
    await pr(['latest'], {
      exitCode: 2,
      stderr: [/Several packs of this run have changed something: name one of bump, note, or add --all/],
    })
    const several = await pr(['latest', '--all', '--dry-run'], { exitCode: 0 })
    expect(several.stdout).toContain('refs/heads/codex/note')
    // The same files on the same commit: nothing to do, whatever run found them.
    expect(several.stdout).not.toContain('refs/heads/codex/bump')
    putFiles(ran.root, pack('bad', test('exit 1')))
    await codex(ran, { args: ['run', 'bad', '--sandbox=none', '-q'], exitCode: 1 })
    await pr(['latest'], { exitCode: 1, stderr: [/The run did not pass/] })
  })

  it('has asked GitHub for nothing that GitHub does not describe', () => {
    expect(github.violations).toEqual([])
  })
})
