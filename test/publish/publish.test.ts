// One branch that only moves forward, one pull request: whatever others do.
import { describe, expect, it } from 'vitest'
import type { Annotation } from '../../src/model/forge.ts'
import { findSection } from '../../src/publish/section.ts'
import { git } from '../support/git.ts'
import { filesAt } from '../support/github/proposals.ts'
import { BRANCH, expectDone, sceneIn, useGithub, type Scene } from '../support/github/publishing.ts'
import { answerTo } from '../support/github/samples.ts'
import { EVERYTHING, fork, mergePull, moveRef } from '../support/github/state.ts'

const used = useGithub(true)
const scene = (): Scene => sceneIn(used.github)

/** What a pull request shows, as git tells it. */
function shown({ main }: Scene, base = 'main'): string {
  return git(main.store.folder, 'diff', '--name-status', '--no-renames', `${base}...${BRANCH}`)
}

describe('a branch that git keeps no other beside', () => {
  it.each(['codex', `${BRANCH}/target`])('is named: %s', async (other) => {
    const at = scene()
    at.commit(other, { version: 'other\n' })
    at.github.writes.length = 0
    const done = await at.propose(at.proposal({ version: '2\n' }))
    expect(done).toEqual({ ok: false, error: { kind: 'branch-in-the-way', branch: BRANCH, other } })
    expect(at.github.writes).toEqual([])
  })

  it('is not one whose name only begins alike', async () => {
    const at = scene()
    for (const other of [`${BRANCH}er`, 'codex/b', 'codex-2/x']) at.commit(other, { version: 'other\n' })
    expect(await at.propose(at.proposal({ version: '2\n' }))).toMatchObject({ ok: true, value: { outcome: 'opened' } })
  })
})

describe('a first proposal', () => {
  it('is a commit on the base, a branch, a pull request and a check', async () => {
    const at = scene()
    const proposal = at.proposal({ version: '2\n', 'docs/old': null, 'new/a': 'a\n' })
    const done = await at.propose(proposal)
    expect(done).toMatchObject({ ok: true, value: { outcome: 'opened', base: 'main', branch: BRANCH, check: 'made' } })
    expectDone(at, proposal)
    expect(at.main.store.commit(at.head() ?? '').parents).toEqual([at.base])
    expect(shown(at)).toBe('D\tdocs/old\nA\tnew/a\nM\tversion\n')
    expect(at.open()).toMatchObject([{ title: '[bump] Bump the version', base: 'main' }])
    expect(git(at.main.store.folder, 'fsck', '--strict', '--no-dangling')).toBe('')
  })

  it('is found again by every further call, which writes nothing', async () => {
    const at = scene()
    const proposal = at.proposal({ version: '2\n' })
    await at.propose(proposal)
    at.github.writes.length = 0
    expect(await at.propose(proposal)).toMatchObject({ ok: true, value: { outcome: 'unchanged', check: 'there' } })
    // Another run that finds the same.
    const again = await at.propose(at.proposal({ version: '2\n' }, at.base, 'another run'))
    expect(again).toMatchObject({ ok: true, value: { outcome: 'unchanged' } })
    expect(at.github.writes).toEqual([])
  })

  it('holds bytes that are no text, modes and odd names', async () => {
    const at = scene()
    const bytes = Buffer.from([0, 0xff, 0xfe, 0x0a])
    const odd = 'docs/ä "quoted"\\name'
    const files = [
      { path: odd, content: { bytes: Buffer.from('crlf\r\n'), executable: true } },
      { path: 'binary', content: { bytes, executable: false } },
      { path: 'large', content: { bytes: Buffer.alloc(200_000, 'x\n'), executable: false } },
    ]
    const { treeWith } = await import('../../src/publish/git-tree.ts')
    const { baseTree } = at.proposal({})
    const list = (path: string) =>
      path === '' ? at.main.store.tree(baseTree) : at.main.store.tree(folderIn(at, baseTree, path))
    const proposal = { ...at.proposal({}), files, tree: treeWith(list, files) }
    await at.propose(proposal)
    expectDone(at, proposal)
    const found = new Map(filesAt(at.main.store, proposal.tree))
    expect(at.main.store.bytes(found.get('binary') ?? '')).toEqual(bytes)
    expect(git(at.main.store.folder, 'ls-tree', '-z', '-r', BRANCH)).toContain(
      `100755 blob ${found.get(odd)}\t${odd}\0`,
    )
  })

  it('is from a fork where the token may write there alone', async () => {
    const at = scene()
    const own = fork(at.state, at.main, `somebody/shop${at.state.repositories.length}`)
    const proposal = at.proposal({ version: '2\n' })
    const done = await at.propose(proposal, { fork: own.name })
    expect(done).toMatchObject({ ok: true, value: { outcome: 'opened' } })
    expect(at.open()).toMatchObject([{ branch: BRANCH, from: { name: own.name } }])
    expect(own.refs.get(BRANCH)).toBe(at.open()[0]?.head)
    expect(at.main.refs.get(BRANCH)).toBeNull()
    expect(await at.propose(proposal, { fork: own.name })).toMatchObject({ ok: true, value: { outcome: 'unchanged' } })
  })

  it('knows a repository and a branch by names that they had before', async () => {
    const at = scene()
    at.main.earlier.push(at.main.name)
    at.main.name = `acme/renamed${at.state.repositories.length}`
    at.main.renamed.set('master', 'main')
    const proposal = at.proposal({ version: '2\n' })
    const earlier = at.main.earlier[0] ?? ''
    const done = await at.propose(proposal, { repository: earlier, fork: earlier, base: 'master' })
    expect(done).toMatchObject({ ok: true, value: { outcome: 'opened', base: 'main' } })
    expectDone(at, proposal)
  })

  it('has its annotations fifty at a time', async () => {
    const at = scene()
    const annotations = Array.from({ length: 120 }, (_, line): Annotation => {
      return { path: 'version', line: line + 1, level: 'warning', title: 'a warning', message: `at ${line + 1}` }
    })
    const { words, ...proposal } = at.proposal({ version: '2\n' })
    await at.propose({ ...proposal, words: { ...words, check: { ...words.check, annotations } } })
    expect(at.main.checks).toMatchObject([{ status: 'completed', conclusion: 'success' }])
    expect(at.main.checks[0]?.annotations.map(({ start_line: line }) => line)).toEqual(
      annotations.map(({ line }) => line),
    )
  })

  it('says so where the token may make no checks', async () => {
    const at = scene()
    at.state.tokens.set('classic', { ...EVERYTHING, checks: false })
    const done = await at.propose(at.proposal({ version: '2\n' }), { token: 'classic' })
    expect(done).toMatchObject({ ok: true, value: { outcome: 'opened', check: 'refused' } })
  })
})

function folderIn({ main }: Scene, tree: string, name: string): string {
  return main.store.tree(tree).find((entry) => entry.name === name)?.id ?? ''
}

describe('a further proposal', () => {
  it('moves the branch forward and rewrites its part of the text alone', async () => {
    const at = scene()
    await at.propose(at.proposal({ version: '2\n' }))
    const [pull] = at.open()
    if (!pull) throw new Error('no pull request')
    pull.title = 'Somebody has named it'
    pull.body = `Please review.\r\n\r\n${pull.body.replaceAll('\n', '\r\n')}\r\n\r\nThank you!`
    const first = at.head()
    const proposal = at.proposal({ version: '3\n' }, at.base, 'second')
    expect(await at.propose(proposal)).toMatchObject({ ok: true, value: { outcome: 'updated' } })
    expectDone(at, proposal)
    expect(at.main.store.commit(at.head() ?? '').parents).toEqual([first])
    expect(pull.title).toBe('Somebody has named it')
    expect(pull.body).toMatch(/^Please review\.\n\n<!-- codex:begin [^]*<!-- codex:end -->\n\nThank you!$/)
    expect(pull.body).not.toContain('Evidence of run')
  })

  it('merges a base that has moved, so that only the change is shown', async () => {
    const at = scene()
    await at.propose(at.proposal({ version: '2\n' }))
    const first = at.head()
    const base = at.commit('main', { other: 'somebody\n', version: '1\n' })
    at.commit('main', { later: 'x\n' })
    const proposal = at.proposal({ version: '2\n', 'docs/CHANGES': 'second\n' }, base)
    await at.propose(proposal)
    expectDone(at, proposal)
    expect(at.main.store.commit(at.head() ?? '').parents).toEqual([first, base])
    expect(shown(at)).toBe('M\tdocs/CHANGES\nM\tversion\n')
    const next = at.proposal({ version: '4\n' }, base)
    await at.propose(next)
    expectDone(at, next)
    expect(shown(at)).toBe('M\tversion\n')
  })

  it('is not made on an older base, which would undo what came between', async () => {
    const at = scene()
    const base = at.commit('main', { other: 'somebody\n' })
    await at.propose(at.proposal({ version: '2\n' }, base))
    const before = at.head()
    const done = await at.propose(at.proposal({ version: '3\n' }))
    expect(done).toMatchObject({ ok: false, error: { kind: 'older-base', on: base } })
    expect(at.head()).toBe(before)
  })

  it('is a new one after the first was merged, however it was merged', async () => {
    for (const how of ['merge', 'squash'] as const) {
      for (const isDeleted of [false, true]) {
        const at = scene()
        const proposal = at.proposal({ version: '2\n' })
        await at.propose(proposal)
        const merged = mergePull(at.state, at.main, at.open()[0] ?? never(), how)
        if (isDeleted) moveRef(at.state, at.main, BRANCH, null)
        expect(await at.propose(proposal)).toMatchObject({ ok: true, value: { outcome: 'merged' } })
        expect(at.open()).toEqual([])
        const next = at.proposal({ version: '3\n' }, merged)
        expect(await at.propose(next)).toMatchObject({ ok: true, value: { outcome: 'opened' } })
        expectDone(at, next)
        expect(shown(at)).toBe('M\tversion\n')
      }
    }
  })

  it('finds its pull request among hundreds', async () => {
    const at = scene()
    const proposal = at.proposal({ version: '2\n' })
    await at.propose(proposal)
    const [open] = at.open()
    for (let number = 0; number < 230; number++) {
      const merged = { state: 'closed', mergedAt: '2026-01-03T00:00:00Z', comments: [] } as const
      at.main.pulls.push({ ...(open ?? never()), ...merged, number: ++at.state.count, comments: [] })
    }
    expect(await at.propose(proposal)).toMatchObject({
      ok: true,
      value: { outcome: 'unchanged', pull: { number: open?.number } },
    })
  })

  it('takes a pull request that somebody has opened from the branch as its own, and another base of it as it is', async () => {
    const at = scene()
    const proposal = at.proposal({ version: '2\n' })
    await at.propose(proposal)
    const [pull] = at.open()
    if (!pull) throw new Error('no pull request')
    pull.body = 'Mine.'
    moveRef(at.state, at.main, 'next', at.base)
    ;(pull as { base: string }).base = 'next'
    expect(await at.propose(proposal)).toMatchObject({ ok: true, value: { pull: { number: pull.number } } })
    expect(pull.base).toBe('next')
    expect(pull.body).toMatch(/^Mine\.\n\n<!-- codex:begin/)
  })

  it('puts its part back where somebody has written into it', async () => {
    const at = scene()
    const proposal = at.proposal({ version: '2\n' })
    await at.propose(proposal)
    const [pull] = at.open()
    if (!pull) throw new Error('no pull request')
    pull.body = pull.body.replace('Evidence of run', 'Everything was proved')
    expect(findSection(pull.body)?.intact).toBe(false)
    await at.propose(proposal)
    expectDone(at, proposal)
    expect(pull.body).not.toContain('Everything was proved')
  })

  it('says less where there is little room', async () => {
    const at = scene()
    await at.propose(at.proposal({ version: '2\n' }))
    const [pull] = at.open()
    if (!pull) throw new Error('no pull request')
    const long = 'x'.repeat(65_160)
    pull.body = `${long}\n\n${pull.body}`
    await at.propose(at.proposal({ version: '3\n' }, at.base, 'of a run with a long name'.repeat(3)))
    expect(pull.body.length).toBeLessThanOrEqual(65_536)
    expect(pull.body).toMatch(/^x{65160}\n\n/)
    expect(pull.body).toContain('In short.')
  })
})

function never(): never {
  throw new Error('there is none')
}

describe("somebody's work", () => {
  it('is not overwritten, and is spoken of once', async () => {
    const at = scene()
    await at.propose(at.proposal({ version: '2\n' }))
    const theirs = at.commit(BRANCH, { version: '2.1\n' })
    for (const version of ['3\n', '4\n', '2\n']) {
      const done = await at.propose(at.proposal({ version }))
      expect(done).toMatchObject({
        ok: false,
        error: { kind: 'foreign', commit: theirs, pull: { number: at.open()[0]?.number } },
      })
    }
    expect(at.head()).toBe(theirs)
    expect(at.open()[0]?.comments.map(({ body }) => body)).toEqual([
      `There is a commit of somebody else: ${theirs}\n\n<!-- codex:foreign -->`,
    ])
  })

  it('is told by what a commit is, not by what it says', async () => {
    const at = scene()
    await at.propose(at.proposal({ version: '2\n' }))
    const { message } = at.main.store.commit(at.head() ?? '')
    const theirs = at.commit(BRANCH, { version: 'amended\n' })
    const { tree } = at.main.store.commit(theirs)
    const author = 'Somebody <x@example.org> 1 +0000'
    const amended = at.main.store.makeCommit({ tree, parents: [at.base], message }, author)
    moveRef(at.state, at.main, BRANCH, amended)
    expect(await at.propose(at.proposal({ version: '3\n' }))).toMatchObject({ ok: false, error: { kind: 'foreign' } })
    expect(at.head()).toBe(amended)
  })

  it('below a commit of ours is found as well', async () => {
    const at = scene()
    await at.propose(at.proposal({ version: '2\n' }))
    const { message, tree } = at.main.store.commit(at.head() ?? '')
    const theirs = at.commit(BRANCH, { version: 'theirs\n' })
    const above = at.main.store.makeCommit({ tree, parents: [theirs], message }, 'Somebody <x@example.org> 1 +0000')
    moveRef(at.state, at.main, BRANCH, above)
    const done = await at.propose(at.proposal({ version: '3\n' }))
    expect(done).toMatchObject({ ok: false, error: { kind: 'foreign', commit: theirs } })
  })

  it('that comes while codex is at work makes it stop', async () => {
    const at = scene()
    await at.propose(at.proposal({ version: '2\n' }))
    let theirs: string | null = null
    at.github.onHandled = (method, path) => {
      if (method === 'POST' && path.endsWith('/git/commits')) theirs ??= at.commit(BRANCH, { version: 'quick\n' })
    }
    expect(await at.propose(at.proposal({ version: '3\n' }))).toMatchObject({ ok: false, error: { kind: 'foreign' } })
    expect(at.head()).toBe(theirs)
  })

  it('on a branch that was made by hand, and holds nothing, is not in the way', async () => {
    const at = scene()
    moveRef(at.state, at.main, BRANCH, at.base)
    const proposal = at.proposal({ version: '2\n' })
    await at.propose(proposal)
    expectDone(at, proposal)
  })

  it('is left where it is, without a pull request too', async () => {
    const at = scene()
    const theirs = at.commit(BRANCH, { version: 'theirs\n' })
    const done = await at.propose(at.proposal({ version: '3\n' }))
    expect(done).toMatchObject({ ok: false, error: { kind: 'foreign', commit: theirs, pull: null } })
    expect(at.github.writes).toEqual([])
  })
})

describe('what a person has closed', () => {
  it('stays closed, and its branch where it is, unless it is asked for', async () => {
    const at = scene()
    const first = at.proposal({ version: '2\n' })
    await at.propose(first)
    const [pull] = at.open()
    if (!pull) throw new Error('no pull request')
    pull.state = 'closed'
    const before = at.head()
    const second = at.proposal({ version: '3\n' }, at.base, 'second')
    for (const proposal of [first, second]) {
      expect(await at.propose(proposal)).toMatchObject({
        ok: false,
        error: { kind: 'closed', pull: { number: pull.number } },
      })
    }
    expect([at.head(), at.open()]).toEqual([before, []])
    expect(await at.propose(second, { reopen: true })).toMatchObject({ ok: true, value: { outcome: 'reopened' } })
    expectDone(at, second)
    expect(at.open()).toEqual([pull])
  })

  it('is proposed anew on demand where its branch is gone', async () => {
    const at = scene()
    const proposal = at.proposal({ version: '2\n' })
    await at.propose(proposal)
    moveRef(at.state, at.main, BRANCH, null)
    expect(at.open()).toEqual([])
    expect(await at.propose(proposal)).toMatchObject({ ok: false, error: { kind: 'closed' } })
    at.commit('main', { x: 'y' })
    const next = at.proposal({ version: '3\n' }, at.main.refs.get('main') ?? '')
    expect(await at.propose(next, { reopen: true })).toMatchObject({ ok: true, value: { outcome: 'opened' } })
    expectDone(at, next)
  })
})

describe('two at once', () => {
  it('end in one pull request', async () => {
    const at = scene()
    const proposal = at.proposal({ version: '2\n' })
    const done = await Promise.all(Array.from({ length: 4 }, async () => at.propose(proposal)))
    expect(done.map(({ ok }) => ok)).toEqual([true, true, true, true])
    expect(at.open()).toHaveLength(1)
    expect(at.main.store.commit(at.head() ?? '').tree).toBe(proposal.tree)
  })

  it('with different changes end in one of them, whole after another call', async () => {
    const at = scene()
    const proposals = ['2\n', '3\n', '4\n'].map((version) => at.proposal({ version }, at.base, version))
    await Promise.all(proposals.map(async (proposal) => at.propose(proposal)))
    expect(at.open()).toHaveLength(1)
    const last = proposals.at(-1) ?? never()
    await at.propose(last)
    expectDone(at, last)
  })
})

describe('what GitHub forbids', () => {
  it.each([
    ['a token that it does not know', { token: 'wrong' }, { kind: 'forge', error: { kind: 'no-rights', status: 401 } }],
    ['a token that may only read', { token: 'reader' }, { kind: 'may-not-push' }],
    [
      'a token that may open no pull requests',
      { token: 'pusher' },
      { kind: 'forge', error: { kind: 'no-rights', status: 403, path: /pulls$/ } },
    ],
    [
      'a repository that is not there',
      { repository: 'acme/none', fork: 'acme/none' },
      { kind: 'forge', error: { kind: 'missing', status: 404 } },
    ],
    ['a base that is not there', { base: 'none' }, { kind: 'no-base-branch', branch: 'none' }],
    ['a branch that is the base', { branch: 'main' }, { kind: 'branch-is-base', branch: 'main' }],
  ])('%s', async (_, options, error) => {
    const at = scene()
    at.state.tokens.set('reader', { push: false, pulls: false, checks: false })
    at.state.tokens.set('pusher', { push: true, pulls: false, checks: false })
    const expected = JSON.parse(
      JSON.stringify(error, (key, value: unknown) => (key === 'path' ? undefined : value)),
    ) as object
    expect(await at.propose(at.proposal({ version: '2\n' }), options)).toMatchObject({ ok: false, error: expected })
    expect(at.main.refs.get('main')).toBe(at.base)
    expect(at.open()).toEqual([])
  })

  it('a branch that a rule protects, until it does not any more', async () => {
    const at = scene()
    at.main.protectedBranches.add(BRANCH)
    const proposal = at.proposal({ version: '2\n' })
    const refused = await at.propose(proposal)
    expect(refused).toMatchObject({ ok: false, error: { kind: 'forge', error: { kind: 'conflict', status: 422 } } })
    at.main.protectedBranches.clear()
    expect(await at.propose(proposal)).toMatchObject({ ok: true })
    expectDone(at, proposal)
  })
})

describe('a base', () => {
  it('that GitHub does not know is told', async () => {
    const at = scene()
    const unknown = { ...at.proposal({ version: '2\n' }), base: '1'.repeat(40) }
    expect(await at.propose(unknown)).toMatchObject({ ok: false, error: { kind: 'unknown-base' } })
  })

  it('that is not in the branch is told, because its commits would be proposed as well', async () => {
    const at = scene()
    moveRef(at.state, at.main, 'feature', at.base)
    const base = at.commit('feature', { other: 'x\n' })
    const proposal = at.proposal({ version: '2\n' }, base)
    expect(await at.propose(proposal)).toMatchObject({ ok: false, error: { kind: 'base-elsewhere', branch: 'main' } })
    expect(await at.propose(proposal, { base: 'feature' })).toMatchObject({ ok: true, value: { base: 'feature' } })
  })
})

describe('a dry run', () => {
  it('shows what is sent, and sends nothing', async () => {
    const at = scene()
    const { store } = at.main
    await at.propose(at.proposal({ version: '2\n' }))
    const proposal = at.proposal({ version: '3\n', binary: 'a\0b' }, at.base, 'second')
    at.github.writes.length = 0
    const requests: unknown[] = []
    await at.propose(proposal, { dryRun: (request) => requests.push(request) })
    expect(at.github.writes).toEqual([])
    await at.propose(proposal)
    // The commit's own id is known when it is made.
    const sent = JSON.stringify(at.github.writes).replaceAll(at.head() ?? '', '0'.repeat(40))
    expect(requests).toEqual(JSON.parse(sent))
    expect(store.commit(at.head() ?? '').tree).toBe(proposal.tree)
  })
})

describe('the fake', () => {
  it('is held to what GitHub says: requests and answers that are not as described are noticed', async () => {
    const { github } = used
    const at = scene()
    const headers = { authorization: 'token x', 'content-type': 'application/json' }
    const blobs = `${github.url}/repos/${at.main.name}/git/blobs`
    const wrong = await fetch(blobs, { method: 'POST', headers, body: JSON.stringify({ text: 'x' }) })
    expect(wrong.status).toBe(422)
    expect(github.violations.splice(0)).toMatchObject([expect.stringContaining("required property 'content'")])
    const route = 'GET /repos/{owner}/{repo}/git/ref/{ref}'
    expect(answerTo(route, 200, { ref: 'x', object: { type: 'commit', sha: 'x' } })).toMatchObject({ node_id: 'x' })
  })
})
