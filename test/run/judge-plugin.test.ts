import { describe, expect, it } from 'vitest'
import type { Judgement } from '../../src/run/judge.ts'
import { judge } from '../../src/run/judge.ts'
import { judgePlugin } from '../../src/run/judge-plugin.ts'
import type { PluginVerdict } from '../../src/model/plugin.ts'
import type { Execution } from '../../src/model/ports.ts'
import { treeOf } from '../../src/model/tree.ts'
import { commandAction, entry } from '../support/actions.ts'
import { endedBy, exited } from '../support/fake-executor.ts'

const RESULT = 'packs/p/plugin_result.json'
const ACTION = commandAction('p:plugin/run', {
  outputs: [RESULT, 'packs/p/a.json'],
  plugin: { name: 'x', version: '1', module: 'packs/p/plugin.mjs', result: RESULT, strict: false },
})
const [RESULT_FILE, ARTIFACT] = [entry(RESULT), entry('packs/p/a.json')]
const WHOLE = { outputs: treeOf([RESULT_FILE, ARTIFACT]) }

function judged(execution: Execution, verdict: PluginVerdict | null): Judgement & { readonly blame: unknown } {
  const judgement = judge(ACTION, execution, false)
  return judgePlugin(ACTION, { judgement, execution }, () => verdict)
}

describe('the run of a plugin', () => {
  it('passes with all that it made', () => {
    expect(judged(exited(0, WHOLE), 'passed')).toMatchObject({ status: 'passed', blame: null, ...WHOLE })
  })

  it('fails its pack where it says so, and nobody is to blame', () => {
    expect(judged(exited(0, WHOLE), 'failed')).toMatchObject({
      ...{ status: 'failed', reason: { kind: 'plugin', problem: 'failed' }, blame: null },
    })
    const missing = { outputs: treeOf([RESULT_FILE]), missing: [ARTIFACT.path] }
    expect(judged(exited(0, missing), 'failed')).toMatchObject({ reason: { problem: 'failed' }, blame: null })
  })

  it('is its own fault, with the result alone, where that tells of an error', () => {
    const missing = { outputs: treeOf([RESULT_FILE]), missing: [ARTIFACT.path] }
    expect(judged(exited(0, missing), 'error')).toMatchObject({
      ...{ status: 'failed', reason: { kind: 'plugin', problem: 'error' }, blame: 'plugin' },
      outputs: treeOf([RESULT_FILE]),
    })
    expect(judged(exited(0, WHOLE), 'error')).toMatchObject({ outputs: treeOf([RESULT_FILE]), blame: 'plugin' })
  })

  it.each([
    ['it leaves no result', exited(0, { missing: [RESULT] }), { kind: 'plugin', problem: 'result' }],
    ['it ends badly', exited(1, WHOLE), { kind: 'exit' }],
    ['it is killed', exited(137, WHOLE), { kind: 'exit' }],
    ['its time is up', endedBy({ kind: 'limit', limit: 'timeout' }), { kind: 'limit', limit: 'timeout' }],
    ['it leaves too much', endedBy({ kind: 'limit', limit: 'output' }), { kind: 'limit', limit: 'output' }],
    [
      'an artifact is not there',
      exited(0, { outputs: treeOf([RESULT_FILE]), missing: [ARTIFACT.path] }),
      { kind: 'missing-outputs', paths: [ARTIFACT.path] },
    ],
  ])('is its own fault where %s, whatever a result says', (_, execution, reason) => {
    expect(judged(execution, 'passed')).toMatchObject({ reason, blame: 'plugin', outputs: treeOf([]) })
  })

  it('is its own fault where what it left is no result', () => {
    expect(judged(exited(0, WHOLE), null)).toMatchObject({
      reason: { kind: 'plugin', problem: 'result' },
      blame: 'plugin',
    })
  })

  it.each([
    ['altered an input', exited(0, { ...WHOLE, altered: ['packs/p/task.yml'] }), 'violated'],
    ['wrote what it did not declare', exited(0, { ...WHOLE, undeclared: ['packs/q/b'] }), 'violated'],
    ['left a link', exited(0, { ...WHOLE, unusable: [ARTIFACT.path] }), 'violated'],
    ['was interrupted', endedBy({ kind: 'interrupted' }), 'interrupted'],
    ['could not be started', endedBy({ kind: 'not-started', message: '' }), 'failed'],
  ])('is not forgiven where it %s', (_, execution, status) => {
    expect(judged(execution, 'passed')).toMatchObject({ status, blame: null, outputs: treeOf([]) })
  })
})
