import { describe, expect, it } from 'vitest'
import type { FileChange } from '../../src/model/change.ts'
import type { ManifestPack } from '../../src/model/manifest.ts'
import { pullRequestWords, type PullRequestInput } from '../../src/report/pull-request.ts'
import { publishedLines, publishExitCode, wordPublishProblem } from '../../src/report/publishing.ts'
import { diagnostic } from '../../src/model/diagnostic.ts'
import { locationOf, sourceText } from '../../src/model/source.ts'
import { commandAction } from '../support/actions.ts'
import { hostileReport } from '../support/hostile-run.ts'
import { ALL_HOSTILE } from '../support/hostile.ts'
import { ACTIVE, OURS, seen } from '../support/rendered-markdown.ts'
import { gates, packWith, reportOf } from '../support/reports.ts'

const ID = '0123456789abcdef0123456789abcdef01234567'

function packOf(id: string, files: readonly FileChange[], grants: readonly string[] = []): ManifestPack {
  const change = { base: '', tree: '', files, lines: { added: files.length, removed: 0 }, patch: '' }
  return { id, needs: [], definition: '', grants, verdict: 'passed', artifacts: [], change }
}

const state = { digest: '0'.repeat(64), executable: false, size: 3 }

async function inputFor(text: string): Promise<PullRequestInput> {
  const report = await hostileReport(text)
  const files = [{ path: `docs/${text}`, before: null, after: state }]
  const packs = [packOf('q', files, [text]), packOf('p', files)]
  return { report, digest: 'a'.repeat(64), pack: 'p', packs, changed: ['q', 'p'], base: ID, tree: ID, prefix: 'below/' }
}

describe('a pull request', () => {
  it.each(ALL_HOSTILE)('has nothing in it that acts, whatever a pack says: %j', async (text) => {
    const words = pullRequestWords(await inputFor(text))
    for (const markdown of [words.evidence, words.evidenceInShort, words.check.summary, words.foreign(ID)]) {
      const { elements, prose } = seen(markdown)
      for (const element of elements) expect(OURS).toContain(element)
      expect(prose).not.toMatch(ACTIVE)
      expect(prose).not.toMatch(/[<>&\\]/)
    }
    for (const line of [words.title, ...words.message.split('\n')]) {
      expect(line).not.toMatch(/@\w|#\d|\bGH-\d|:\/\/|\p{Cc}|\[(?!p\])/u)
    }
    expect(words.title.length).toBeLessThanOrEqual(200)
    expect(words.message).not.toMatch(/^codex-\w+:|^co-authored-by:/im)
  })

  it('tells what was accepted, changed, granted and enforced, and how to verify it', async () => {
    const endings = [{ action: commandAction('p:tests/1', { argv: ['sh', '-ec', 'npm test'] }) }, ...gates('p')]
    const report = await reportOf({ packs: [packWith('p', { title: 'Bump it', risk: 'high' })], endings })
    const files = [
      { path: 'made', before: null, after: { ...state, executable: true } },
      { path: 'gone', before: state, after: null },
      { path: 'mode', before: state, after: { ...state, executable: true } },
    ]
    const packs = [packOf('p', files, ['network:example.org:443'])]
    const input = { report, digest: 'a'.repeat(64), pack: 'p', packs, changed: ['p'], base: ID, tree: ID, prefix: '' }
    const { title, evidence, message } = pullRequestWords(input)
    expect(title).toBe('[p] Bump it')
    expect(message).toContain('3 files changed')
    for (const text of [
      ...[
        '| Risk | high |',
        '| Granted | `network:example.org:443` |',
        `\`sha256:${'a'.repeat(64)}\``,
        `| Base | \`${ID}\` |`,
      ],
      ...['| made, executable | `made` | 3 B |', '| deleted | `gone` | 3 B |', '| changed, now executable | `mode` |'],
      ...['| ✅ | `p:tests/1` | passed | `npm test` |', '- ✅ **network** enforced', 'codex verify .', 'sha256sum -c'],
    ]) {
      expect(evidence).toContain(text)
    }
  })

  it('annotates lines that the run has warned of, where the repository has them', async () => {
    const place = locationOf(sourceText('packs/p/task.yml', 'a\nb\nc\n'), { start: 2, end: 3 })
    const warning = diagnostic('yaml-syntax', place, { detail: 'odd' }, { severity: 'warning' })
    const failed = {
      action: commandAction('p:tests/1', { place }),
      status: 'failed',
      reason: { kind: 'exit' },
      exitCode: 3,
    } as const
    const report = await reportOf({ packs: [packWith('p')], endings: [failed, ...gates('p')], warnings: [warning] })
    const packs = [packOf('p', [])]
    const input = { report, digest: '', pack: 'p', packs, changed: ['p'], base: ID, tree: ID, prefix: 'below/' }
    expect(pullRequestWords(input).check.annotations).toMatchObject([
      { path: 'below/packs/p/task.yml', line: 2, level: 'failure', title: 'p:tests/1 failed (exit code 3)' },
      { path: 'below/packs/p/task.yml', line: 2, level: 'warning', title: 'yaml-syntax' },
    ])
  })

  it('leaves room for what others write, however much there is to tell', async () => {
    const files = Array.from({ length: 5000 }, (_, at) => ({
      path: `${'x'.repeat(200)}/${at}`,
      before: null,
      after: state,
    }))
    const input = { ...(await inputFor('x')), packs: [packOf('p', files)], changed: ['p'] }
    const { evidence, evidenceInShort } = pullRequestWords(input)
    expect(evidence.length).toBeLessThan(49_000)
    expect(evidenceInShort.length).toBeLessThan(13_000)
    for (const text of [evidence, evidenceInShort]) expect(text).toMatch(/There is more than fits here/)
  })
})

describe('what stands in the way', () => {
  const pull = { number: 7, url: 'https://github.test/acme/shop/pull/7' }
  const forge = (kind: 'no-rights' | 'missing' | 'conflict' | 'limited' | 'unreachable' | 'unexpected' | 'local') =>
    ({ kind: 'forge', error: { kind, method: 'GET', path: '/x', status: 500, message: '\u001b[2J@x.' } }) as const

  it.each([
    [1, { kind: 'foreign', branch: 'b\u001b', commit: ID, pull }],
    [1, { kind: 'closed', pull }],
    [1, { kind: 'older-base', branch: 'b', base: ID, on: ID }],
    [2, { kind: 'no-base-branch', branch: 'b' }],
    [2, { kind: 'branch-is-base', branch: 'main' }],
    [2, { kind: 'branch-in-the-way', branch: 'codex/p/x', other: 'codex/p' }],
    [3, { kind: 'may-not-push', repository: 'a/b' }],
    [3, { kind: 'unknown-base', commit: ID, repository: 'a/b' }],
    [3, { kind: 'base-elsewhere', commit: ID, branch: 'main' }],
    [3, forge('no-rights')],
    [3, forge('missing')],
    [3, forge('conflict')],
    [3, forge('unexpected')],
    [3, forge('local')],
    [4, forge('limited')],
    [4, forge('unreachable')],
  ] as const)('ends with %i, and says what to do: %j', (exitCode, problem) => {
    const { message, fix } = wordPublishProblem(problem)
    expect(publishExitCode(problem)).toBe(exitCode)
    expect(`${message}${fix}`).not.toMatch(/\p{Cc}/u)
    expect(fix).not.toBeNull()
  })

  it('is nothing where all is well', () => {
    const published = {
      outcome: 'updated',
      pull,
      branch: 'codex/p',
      base: 'main',
      commit: ID,
      check: 'refused',
    } as const
    expect(publishedLines('p', published)).toEqual([
      'p: moved codex/p forward and brought #7 up to date',
      `  commit ${ID}`,
      expect.stringContaining('note: the token may not make checks'),
      `  ${pull.url}`,
    ])
  })
})
