import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { githubForge } from '../../src/host/github/forge.ts'
import type { Published } from '../../src/model/publication.ts'
import { publish } from '../../src/publish/publish.ts'
import { commitOn, proposalOn } from '../support/github/proposals.ts'
import { startGithub, type Github } from '../support/github/server.ts'
import { githubState, TOKEN } from '../support/github/state.ts'

const folder = mkdtempSync(join(tmpdir(), 'codex-github-'))
let count = 0
let state = githubState(join(folder, String(count++)))
let github: Github

beforeAll(async () => {
  github = await startGithub(state)
})
afterAll(async () => {
  await github.close()
  rmSync(folder, { recursive: true })
})

describe('x', () => {
  it('opens', async () => {
    const { main } = state
    const base = commitOn(state, main, 'main', { 'version': '1\n', 'a/b': 'x' })
    const forge = githubForge({ apiUrl: github.url, token: TOKEN, userAgent: 'test', dryRun: null, secondMs: 0, timeoutMs: 2000, repository: 'acme/shop', fork: 'acme/shop' })
    const t = performance.now()
    const r = await publish(forge, proposalOn(main.store, base, { version: '2\n', 'a/c': 'y' }), { branch: 'codex/bump', base: null, reopen: false })
    console.log(performance.now() - t)
    console.log(github.violations)
    expect(r).toMatchObject({ ok: true })
    console.log(r, github.writes)
    const r2 = await publish(forge, proposalOn(main.store, base, { version: '2\n', 'a/c': 'y' }), { branch: 'codex/bump', base: null, reopen: false })
    console.log(r2, github.violations)
  })
})
