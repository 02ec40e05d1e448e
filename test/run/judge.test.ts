import { describe, expect, it } from 'vitest'
import { judge } from '../../src/run/judge.ts'
import { commandAction } from '../support/actions.ts'
import { endedBy, exited } from '../support/fake-executor.ts'

const action = commandAction('x:tests/1', { argv: ['tool', '--flag'] })
const wrong = {
  missing: ['b', 'a'],
  unusable: ['link'],
  altered: ['y', 'x'],
  undeclared: ['z', 'A', 'z', '\u{1F600}', '\uFF5E'],
}

describe('an attempt', () => {
  it('passes when the command exits 0 and has written what it declared and nothing else', () => {
    expect(judge(action, exited(0), false)).toEqual({ status: 'passed', reason: null, exitCode: 0 })
  })

  it.each([
    ['an exit code', exited(3), 'failed', { kind: 'exit' }, 3],
    [
      'a missing output',
      exited(0, { missing: ['b', 'a'] }),
      'failed',
      { kind: 'missing-outputs', paths: ['a', 'b'] },
      0,
    ],
    ['a link', exited(0, { unusable: ['l'] }), 'violated', { kind: 'unusable-outputs', paths: ['l'] }, 0],
    ['an altered input', exited(0, { altered: ['s'] }), 'violated', { kind: 'altered-inputs', paths: ['s'] }, 0],
    ['a stray file', exited(0, { undeclared: ['s'] }), 'violated', { kind: 'undeclared-writes', paths: ['s'] }, 0],
    ['time', endedBy({ kind: 'limit', limit: 'timeout' }), 'timed-out', { kind: 'limit', limit: 'timeout' }, null],
    ['memory', endedBy({ kind: 'limit', limit: 'memory' }), 'limit', { kind: 'limit', limit: 'memory' }, null],
    ['output', endedBy({ kind: 'limit', limit: 'output' }), 'limit', { kind: 'limit', limit: 'output' }, null],
    ['files', endedBy({ kind: 'limit', limit: 'output', files: 7 }), 'limit', { kind: 'limit', limit: 'output', files: 7 }, null], // prettier-ignore
    ['a missing program', endedBy({ kind: 'not-started', message: 'no' }), 'failed', { kind: 'not-started', command: 'tool' }, null], // prettier-ignore
    ['a signal', endedBy({ kind: 'interrupted' }), 'interrupted', null, null],
  ])('fails by %s', (_, execution, status, reason, exitCode) => {
    expect(judge(action, execution, false)).toEqual({ status, reason, exitCode })
  })

  it('tells the exit code before what it may have caused', () => {
    expect(judge(action, exited(1, wrong), false).reason).toEqual({ kind: 'exit' })
  })

  it('tells altered inputs before undeclared writes, these before unusable and missing outputs, sorted by bytes and each once', () => {
    const paths = ['A', 'z', '\uFF5E', '\u{1F600}']
    expect(judge(action, exited(0, wrong), false).reason).toEqual({ kind: 'altered-inputs', paths: ['x', 'y'] })
    const kept = { ...wrong, altered: [] }
    expect(judge(action, exited(0, kept), false).reason).toEqual({ kind: 'undeclared-writes', paths })
    expect(judge(action, exited(0, { ...kept, undeclared: [] }), false).reason?.kind).toBe('unusable-outputs')
  })

  it('lists a thousand paths and counts the rest, so that the manifest stays small', () => {
    const paths = Array.from({ length: 2_500 }, (_, index) => `${1e6 + index}`)
    const { reason } = judge(action, exited(0, { undeclared: paths.toReversed() }), false)
    expect(reason).toEqual({ kind: 'undeclared-writes', paths: paths.slice(0, 1_000), more: 1_500 })
    const links = judge(action, exited(0, { unusable: paths }), false).reason
    expect(links).toEqual({ kind: 'unusable-outputs', paths: paths.slice(0, 1_000), more: 1_500 })
  })

  it('has printed too much however it ended, unless it was interrupted or never started', () => {
    const tooMuch = { status: 'limit', reason: { kind: 'limit', limit: 'log' }, exitCode: null }
    expect(judge(action, exited(0), true)).toEqual(tooMuch)
    expect(judge(action, exited(9), true)).toEqual(tooMuch)
    expect(judge(action, endedBy({ kind: 'limit', limit: 'log' }), true)).toEqual(tooMuch)
    expect(judge(action, endedBy({ kind: 'limit', limit: 'timeout' }), true)).toEqual(tooMuch)
    expect(judge(action, endedBy({ kind: 'interrupted' }), true).status).toBe('interrupted')
    expect(judge(action, endedBy({ kind: 'not-started', message: 'no' }), true).reason?.kind).toBe('not-started')
  })
})

describe('a control', () => {
  const replace = [{ target: 'data/a', source: 'controls/a', producers: [] }]
  const control = commandAction('x:controls/tests-1', { argv: ['tool'], control: { of: 'x:tests/1', replace } })

  it.each([1, 2, 125, 128, 139, 255])('passes when its command exits with %s, and tells the code', (exitCode) => {
    expect(judge(control, exited(exitCode), false)).toEqual({ status: 'passed', reason: null, exitCode })
  })

  it('passes whatever became of the outputs', () => {
    expect(judge(control, exited(1, { missing: ['a'], unusable: ['b'] }), false).status).toBe('passed')
  })

  it.each([
    ['exits with 0', exited(0), 'failed', { kind: 'control', problem: 'accepted', paths: ['data/a'] }, 0],
    ['exits with 0 and leaves nothing', exited(0, { missing: ['o'] }), 'failed', { kind: 'control', problem: 'accepted', paths: ['data/a'] }, 0], // prettier-ignore
    ['is not found', exited(127), 'failed', { kind: 'control', problem: 'not-run', paths: ['data/a'] }, 127],
    ['is not executable', exited(126), 'failed', { kind: 'control', problem: 'not-run', paths: ['data/a'] }, 126],
    ['fails and leaves a stray file', exited(1, { undeclared: ['s'] }), 'violated', { kind: 'undeclared-writes', paths: ['s'] }, 1], // prettier-ignore
    ['fails and alters an input', exited(1, { altered: ['s'] }), 'violated', { kind: 'altered-inputs', paths: ['s'] }, 1], // prettier-ignore
    ['takes too long', endedBy({ kind: 'limit', limit: 'timeout' }), 'timed-out', { kind: 'limit', limit: 'timeout' }, null], // prettier-ignore
    ['takes too much', endedBy({ kind: 'limit', limit: 'memory' }), 'limit', { kind: 'limit', limit: 'memory' }, null],
    ['cannot be started', endedBy({ kind: 'not-started', message: 'no' }), 'failed', { kind: 'not-started', command: 'tool' }, null], // prettier-ignore
    ['is interrupted', endedBy({ kind: 'interrupted' }), 'interrupted', null, null],
  ])('proves nothing when its command %s', (_, execution, status, reason, exitCode) => {
    expect(judge(control, execution, false)).toEqual({ status, reason, exitCode })
  })

  it('proves nothing when it prints more than it may, whatever its exit code', () => {
    expect(judge(control, exited(1), true).status).toBe('limit')
  })
})
