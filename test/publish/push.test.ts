// The same through git: one branch is pushed, by nobody's configuration but who somebody is.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { gitPushing, type PushOptions } from '../../src/host/github/git-push.ts'
import { processName } from '../../src/host/process-id.ts'
import type { Proposal } from '../../src/model/publication.ts'
import { publish } from '../../src/publish/publish.ts'
import { wordPublishProblem } from '../../src/report/publishing.ts'
import { pushUrlOf } from '../../src/publish/target.ts'
import { putFiles } from '../support/cli.ts'
import { git } from '../support/git.ts'
import { BRANCH, expectDone, sceneIn, useGithub, type Scene } from '../support/github/publishing.ts'
import { TOKEN } from '../support/github/state.ts'

const used = useGithub(false)
const folder = mkdtempSync(join(tmpdir(), 'codex-push-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

const AUTHOR = {
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.org',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.org',
}
let count = 0

/** A clone whose hooks and helpers leave a mark, should they be run. */
function clone({ main }: Scene): { readonly root: string; readonly mark: string } {
  const root = join(folder, String(count++))
  const mark = join(folder, `${count}-was-run`)
  git(folder, 'clone', '--quiet', '--no-local', main.store.folder, root)
  const program = { text: `#!/bin/sh\ntouch '${mark}'\n`, mode: 0o755 }
  putFiles(root, {
    '.git/hooks/pre-push': program,
    '.git/hooks/reference-transaction': program,
    '.git/helper': program,
  })
  for (const key of [
    'credential.helper',
    'core.askPass',
    'core.sshCommand',
    'core.fsmonitor',
    'filter.all.clean',
    'gpg.program',
  ]) {
    git(root, 'config', key, join(root, '.git/helper'))
  }
  for (const key of ['commit.gpgSign', 'push.gpgSign']) git(root, 'config', key, 'true')
  // As somebody has it who is used to push with ssh.
  for (const key of ['insteadOf', 'pushInsteadOf']) git(root, 'config', `url.ssh://git@nowhere.test/.${key}`, 'http://')
  return { root, mark }
}

async function push(
  at: Scene,
  root: string,
  proposal: Proposal,
  options: Partial<PushOptions> = {},
): ReturnType<typeof publish> {
  const url = pushUrlOf(at.github.url, at.main.name)
  const { close, ...pushing } = gitPushing({
    ...{
      folder: root,
      url,
      token: TOKEN,
      dryRun: null,
      env: { PATH: process.env['PATH'], HOME: folder, ...AUTHOR },
      ...options,
    },
  })
  try {
    return await publish({ ...at.forge(), ...pushing }, proposal, { branch: BRANCH, base: null, reopen: false })
  } finally {
    close()
  }
}

describe('a push', () => {
  it('makes and moves the branch, and leaves the repository that it comes from as it was', async () => {
    const at = sceneIn(used.github)
    const { root, mark } = clone(at)
    const first = at.proposal({ version: '2\n', 'docs/old': null, 'docs/CHANGES': null, 'docs/CHANGES/now': 'x' })
    expect(await push(at, root, first)).toMatchObject({ ok: true, value: { outcome: 'opened' } })
    expectDone(at, first)
    const [head, base] = [at.head(), at.commit('main', { other: 'x\n' })]
    expect(existsSync(mark)).toBe(false)
    git(root, 'fetch', '--quiet', 'origin')
    rmSync(mark, { force: true })
    const known = readdirSync(join(root, '.git'), { recursive: true })
    const second = at.proposal({ version: '3\n' }, base, 'second')
    expect(await push(at, root, second)).toMatchObject({ ok: true, value: { outcome: 'updated' } })
    expectDone(at, second)
    expect(at.main.store.commit(at.head() ?? '')).toMatchObject({
      parents: [head, base],
      author: expect.stringContaining('Ann <'),
    })
    expect(at.github.writes.filter(({ path }) => path.includes('/git/'))).toEqual([])
    expect(readdirSync(join(root, '.git'), { recursive: true })).toEqual(known)
    expect(existsSync(mark)).toBe(false)
  })

  it('never goes over what came meanwhile', async () => {
    const at = sceneIn(used.github)
    const { root } = clone(at)
    await push(at, root, at.proposal({ version: '2\n' }))
    let theirs: string | null = null
    // After the pull requests were looked at, which is the last that is read before the push.
    at.github.onHandled = (_, path) => {
      if (path.endsWith('/pulls')) theirs ??= at.commit(BRANCH, { version: 'quick\n' })
    }
    const done = await push(at, root, at.proposal({ version: '3\n' }, at.base, 'second'))
    expect(done).toMatchObject({ ok: false, error: { kind: 'foreign', commit: theirs } })
    expect(at.head()).toBe(theirs)
  })

  it('is refused without rights, and the token is told nowhere', async () => {
    const at = sceneIn(used.github)
    const { root } = clone(at)
    const done = await push(at, root, at.proposal({ version: '2\n' }), { token: 'ghp_wrong' })
    expect(done).toMatchObject({
      ok: false,
      error: { kind: 'forge', error: { kind: 'no-rights', method: 'git push' } },
    })
    expect(JSON.stringify(done)).not.toContain('ghp_wrong')
    expect(at.head()).toBeNull()
  })

  it('keeps its objects where whoever comes next removes them, should it be killed', () => {
    const kept = (): readonly string[] =>
      readdirSync(tmpdir()).filter((name) => name.startsWith(`codex-${processName()}-`))
    const before = kept()
    const url = 'https://github.com/a/b.git'
    const { close } = gitPushing({ folder, url, token: TOKEN, dryRun: null, env: {} })
    expect(kept()).toHaveLength(before.length + 1)
    close()
    expect(kept()).toEqual(before)
  })

  it('is by nobody whom git only guesses', async () => {
    const at = sceneIn(used.github)
    const { root } = clone(at)
    const env = { PATH: process.env['PATH'], HOME: folder }
    const done = await push(at, root, at.proposal({ version: '2\n' }), { env })
    expect(done).toMatchObject({
      ok: false,
      error: { kind: 'forge', error: { kind: 'local', method: 'git commit-tree' } },
    })
    expect(done.ok ? '' : wordPublishProblem(done.error).message).toMatch(
      /^`git commit-tree` failed: fatal: no (?:name|email) was given/,
    )
    expect(at.head()).toBeNull()
  })

  it('needs git', async () => {
    const at = sceneIn(used.github)
    const { root } = clone(at)
    const done = await push(at, root, at.proposal({ version: '2\n' }), { env: { PATH: folder } })
    expect(done).toMatchObject({ ok: false, error: { error: { kind: 'local', message: 'git is not on PATH' } } })
  })

  it('of a dry run is shown, and nothing is pushed', async () => {
    const at = sceneIn(used.github)
    const { root } = clone(at)
    const requests: unknown[] = []
    const dryRun = (request: unknown): void => void requests.push(request)
    const url = pushUrlOf(at.github.url, at.main.name)
    const { close, ...pushing } = gitPushing({
      folder: root,
      url,
      token: TOKEN,
      dryRun,
      env: { PATH: process.env['PATH'], HOME: folder, ...AUTHOR },
    })
    const done = await publish({ ...at.forge({ dryRun }), ...pushing }, at.proposal({ version: '2\n' }), {
      branch: BRANCH,
      base: null,
      reopen: false,
    })
    close()
    expect(done).toMatchObject({ ok: true })
    expect(requests[0]).toMatchObject({
      method: 'git push',
      path: url,
      body: {
        ...{ ref: `refs/heads/${BRANCH}`, from: null },
        commit: {
          message: expect.stringMatching(/^\[bump\] /),
          parents: [at.base],
          tree: expect.stringMatching(/^[0-9a-f]{40}$/),
          files: [{ path: 'version', mode: '100644' }],
        },
      },
    })
    expect(at.head()).toBeNull()
    expect(at.github.writes).toEqual([])
  })
})

it('a repository is pushed to where its API is', () => {
  expect(pushUrlOf('https://api.github.com', 'a/b')).toBe('https://github.com/a/b.git')
  expect(pushUrlOf('https://api.acme.ghe.com', 'a/b')).toBe('https://acme.ghe.com/a/b.git')
  expect(pushUrlOf('https://ghe.example.org/api/v3', 'a/b')).toBe('https://ghe.example.org/a/b.git')
})
