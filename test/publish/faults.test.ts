// A bad network and a busy GitHub, at every request of a proposal: what is left half done is found and finished by a second call.
import { beforeAll, describe, expect, it } from 'vitest'
import { expectDone, failing, sceneIn, useGithub } from '../support/github/publishing.ts'
import type { Fault } from '../support/github/server.ts'

// What is sent is what publish.test.ts sends, where it is held to GitHub's description.
const used = useGithub(false)

const LIMIT = {
  kind: 'refused',
  status: 403,
  message: 'You have exceeded a secondary rate limit. Please wait.',
} as const

const FAULTS: Readonly<Record<string, Fault>> = {
  'a secondary limit': { ...LIMIT, headers: { 'retry-after': '1' } },
  'a refusal': { kind: 'refused', status: 403, message: 'Resource not accessible by integration' },
  'trouble before it is done': { kind: 'broken', status: 502, after: false },
  'trouble after it is done': { kind: 'broken', status: 500, after: true },
  'a connection that is cut before it is done': { kind: 'cut', after: false },
  'a connection that is cut after it is done': { kind: 'cut', after: true },
  'half of an answer': { kind: 'half', after: true },
  'no answer, after it is done': { kind: 'slow', after: true },
}

const WRITES = ['POST trees', 'POST refs', 'PATCH refs', 'POST pulls', 'PATCH pulls', 'POST check-runs'] as const
const isWrite = (name: string) => (method: string, path: string) => {
  const [wanted, part = ''] = name.split(' ')
  return method === wanted && path.includes(`/${part}`)
}

describe.each(Object.entries(FAULTS))('%s', (_, fault) => {
  it.each(WRITES)('at %s', async (write) => {
    const at = sceneIn(used.github)
    const timeoutMs = fault.kind === 'slow' ? 400 : 5000
    const first = at.proposal({ version: '2\n' })
    const second = at.proposal({ version: '3\n' }, at.base, 'second')
    // A first proposal makes the branch and the pull request, a second one changes them.
    const isSecond = write.startsWith('PATCH')
    if (isSecond) await at.propose(first)
    const proposal = isSecond ? second : first
    failing(used.github, isWrite(write), fault)
    const done = await at.propose(proposal, { timeoutMs })
    // What GitHub refuses is no fault to get over, but a check is not what the pull request stands on.
    const isRefused = fault.kind === 'refused' && !fault.headers && !write.includes('check')
    const refusal = { ok: false, error: { kind: 'forge', error: { kind: 'no-rights' } } }
    expect(done).toMatchObject(isRefused ? refusal : { ok: true })
    used.github.onRequest = () => null
    expect(await at.propose(proposal)).toMatchObject({ ok: true })
    expectDone(at, proposal)
    expect(at.main.pulls).toHaveLength(1)
  })
})

describe('a connection that is gone for good', () => {
  let requests = 0

  beforeAll(async () => {
    const at = sceneIn(used.github)
    used.github.onRequest = () => {
      requests++
      return null
    }
    await at.propose(at.proposal({ version: '2\n' }))
  })

  it('from any request on is told, and what was done by then is gone on with', async () => {
    expect(requests).toBeGreaterThan(8)
    for (let from = 1; from <= requests; from++) {
      const at = sceneIn(used.github)
      const proposal = at.proposal({ version: '2\n' })
      let count = 0
      used.github.onRequest = () => (++count >= from ? { kind: 'cut', after: count === from } : null)
      const done = await at.propose(proposal)
      expect(done, `from ${from}`).toMatchObject({
        ok: false,
        error: { kind: 'forge', error: { kind: 'unreachable', status: null } },
      })
      used.github.onRequest = () => null
      expect(await at.propose(proposal), `after ${from}`).toMatchObject({ ok: true })
      expectDone(at, proposal)
      expect(at.main.pulls).toHaveLength(1)
    }
  })
})

describe('a limit', () => {
  it('is waited for as long as GitHub asks, but not for ever', async () => {
    const at = sceneIn(used.github)
    const proposal = at.proposal({ version: '2\n' })
    failing(used.github, () => true, { ...LIMIT, status: 429, headers: { 'retry-after': '1' } }, 3)
    expect(await at.propose(proposal)).toMatchObject({ ok: true })
    failing(used.github, () => true, { ...LIMIT, headers: { 'retry-after': '3600' } }, 1)
    const limited = { kind: 'forge', error: { kind: 'limited', status: 403 } }
    expect(await at.propose(proposal)).toMatchObject({ ok: false, error: limited })
    failing(used.github, () => true, { ...LIMIT, headers: { 'retry-after': '1' } }, Infinity)
    expect(await at.propose(proposal)).toMatchObject({ ok: false, error: limited })
  })

  it('is waited for in its own seconds', async () => {
    const at = sceneIn(used.github)
    failing(used.github, (method) => method === 'POST', { ...LIMIT, headers: { 'retry-after': '7' } })
    const started = performance.now()
    expect(await at.propose(at.proposal({ version: '2\n' }), { secondMs: 50 })).toMatchObject({ ok: true })
    expect(performance.now() - started).toBeGreaterThan(350)
  })
})

it('a token is in no error, whatever is wrong with it', async () => {
  const at = sceneIn(used.github)
  const token = 'ghp_secret\u0000value'
  const done = await at.propose(at.proposal({ version: '2\n' }), { token })
  expect(done.ok).toBe(false)
  expect(JSON.stringify(done)).not.toContain('ghp_secret')
})
