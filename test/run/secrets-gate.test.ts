import { describe, expect, it } from 'vitest'
import type { GateAction } from '../../src/model/graph.ts'
import type { ActionOutcome } from '../../src/model/outcome.ts'
import { treeOf } from '../../src/model/tree.ts'
import { loadSecretRules } from '../../src/run/secret-rules.ts'
import { runSecretsGate, type SecretsGateInput } from '../../src/run/secrets-gate.ts'
import { gateAction, outcome, prepared } from '../support/actions.ts'
import { AWS, GITHUB, SLACK } from '../support/credentials.ts'
import { memoryRunFolder } from '../support/memory-run-folder.ts'
import { memoryStore } from '../support/memory-store.ts'

interface Given {
  /** Outputs of the pack's commands by path. */
  readonly files?: Readonly<Record<string, string>>
  readonly gate?: Partial<GateAction>
  /** What each attempt of `p:tests/1` printed. */
  readonly logs?: readonly string[]
  readonly input?: Partial<SecretsGateInput>
}

async function gate({ files = {}, gate: fields = {}, logs = [], input = {} }: Given) {
  const store = memoryStore({})
  const folder = memoryRunFolder()
  const inputs = treeOf(Object.entries(files).map(([path, text]) => store.keep(path, text)))
  const attempts = logs.map((text, index) => {
    const path = text === '' ? null : `logs/p/tests/1/${index + 1}.log`
    if (path !== null) folder.write(path, text)
    const log = { path, totalBytes: text.length, digest: null }
    return {
      number: index + 1,
      startedAt: 0,
      durationMs: 1,
      status: 'passed',
      exitCode: 0,
      log,
      connections: [],
    } as const
  })
  const outcomes = new Map<string, ActionOutcome>([
    ['p:tests/1', outcome('p:tests/1', { attempts })],
    ['p:steps/silent', outcome('p:steps/silent')],
  ])
  const action = gateAction('p', {
    id: 'p:gate/secrets',
    gate: 'secrets',
    logs: ['p:steps/silent', 'p:tests/1'],
    ...fields,
  })
  const { signal } = new AbortController()
  return runSecretsGate(prepared(action, inputs), { store, folder, outcomes, signal, ...input })
}

const CLEAN = { status: 'passed', reason: null, exitCode: null, outputs: treeOf([]), attempts: [] }

describe('the gate secrets', () => {
  it('passes where nothing is to be looked through, without loading the rules', async () => {
    const loadRules = (): never => {
      throw new Error('not expected')
    }
    expect(await gate({ logs: [''], input: { loadRules } })).toEqual(CLEAN)
  })

  it('passes clean artifacts and logs, and keeps no outputs of its own', async () => {
    const required = ['p/report.json']
    expect(await gate({ files: { 'p/report.json': '{}' }, logs: ['fine\n'], gate: { required } })).toEqual(CLEAN)
  })

  it('looks at required and optional artifacts, and at no other output', async () => {
    const files = { 'p/a.json': AWS.text, 'p/b.png': `\n${GITHUB.text}`, 'p/c.txt': SLACK.text, 'p/dir/d': SLACK.text }
    const { status, reason } = await gate({ files, gate: { required: ['p/a.json', 'p/dir/'], optional: ['p/*.png'] } })
    expect({ status, reason }).toEqual({
      status: 'failed',
      reason: {
        kind: 'secrets',
        findings: [
          { path: 'p/a.json', line: 1, rule: AWS.rule },
          { path: 'p/b.png', line: 2, rule: GITHUB.rule },
          { path: 'p/dir/d', line: 1, rule: SLACK.rule },
        ],
        more: false,
      },
    })
  })

  it('looks at what is there even if something required is not', async () => {
    const required = ['p/a.json', 'p/missing']
    expect(await gate({ files: { 'p/a.json': AWS.text }, gate: { required } })).toMatchObject({ status: 'failed' })
  })

  it('tells what several attempts printed once, without their numbers', async () => {
    const { reason } = await gate({ logs: [`one\n${SLACK.text}`, `two\n${SLACK.text}\n`, SLACK.text] })
    expect(reason).toEqual({
      kind: 'secrets',
      findings: [
        { path: 'logs/p/tests/1/*.log', line: 1, rule: SLACK.rule },
        { path: 'logs/p/tests/1/*.log', line: 2, rule: SLACK.rule },
      ],
      more: false,
    })
  })

  it('finds what only an attempt printed that was tried again', async () => {
    expect(await gate({ logs: [GITHUB.text, 'fine'] })).toMatchObject({ status: 'failed' })
  })

  it('names a hundred findings and says that there are others', async () => {
    const { reason } = await gate({ logs: [`${GITHUB.text}\n`.repeat(250)] })
    if (reason?.kind !== 'secrets') throw new Error('not found')
    expect(reason.findings.map(({ line }) => line)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    expect(reason.more).toBe(true)
  })

  it('fails where a log can not be read again', async () => {
    const folder = {
      ...memoryRunFolder(),
      chunks: (): never => {
        throw new Error('EACCES')
      },
    }
    expect(await gate({ logs: ['fine'], input: { folder } })).toMatchObject({
      status: 'failed',
      reason: { findings: [{ path: 'logs/p/tests/1/*.log', line: 1, rule: 'not-scanned' }] },
    })
  })

  it('is interrupted with the run, whatever it has found by then', async () => {
    const controller = new AbortController()
    const loadRules: SecretsGateInput['loadRules'] = async () => {
      const find = await loadSecretRules()
      return async (text, report) => {
        await find(text, report)
        controller.abort()
      }
    }
    const { signal } = controller
    expect(await gate({ logs: [GITHUB.text, GITHUB.text], input: { loadRules, signal } })).toMatchObject({
      status: 'interrupted',
      reason: null,
    })
  })

  it('tells nothing of what it has found', async () => {
    const ending = await gate({
      files: { 'p/a': AWS.text },
      gate: { required: ['p/a'] },
      logs: [GITHUB.text, SLACK.text],
    })
    for (const { secret } of [AWS, GITHUB, SLACK]) expect(JSON.stringify(ending)).not.toContain(secret)
  })
})
