import { describe, expect, it } from 'vitest'
import { treeOf } from '../../src/model/tree.ts'
import { runArtifactsGate, runControlsGate } from '../../src/run/gates.ts'
import type { ActionOutcome } from '../../src/model/outcome.ts'
import { entry, gateAction, outcome, prepared } from '../support/actions.ts'

const files = treeOf([
  entry('p/artifacts/report.json'),
  entry('p/artifacts/.hidden.json'),
  entry('p/artifacts/a.png'),
  entry('p/artifacts/sub/b.png'),
  entry('p/artifacts/[id].html'),
  entry('p/artifacts/i.html'),
  entry('p/artifacts/empty.txt', ''),
  entry('p/artifacts/none.png', ''),
])

function gate(required: readonly string[], optional: readonly string[] = []) {
  const ending = runArtifactsGate(prepared(gateAction('p', { required, optional }), files))
  return { ...ending, outputs: ending.outputs.entries.map(({ path }) => path) }
}

describe('the gate artifacts', () => {
  it('keeps the required and the optional ones, sorted and each once', () => {
    const optional = ['p/artifacts/*.png', 'p/artifacts/r*', 'p/missing/*']
    expect(gate(['p/artifacts/report.json'], optional)).toEqual({
      status: 'passed',
      reason: null,
      exitCode: null,
      attempts: [],
      outputs: ['p/artifacts/a.png', 'p/artifacts/none.png', 'p/artifacts/report.json'],
    })
  })

  it('passes when nothing is required', () => {
    expect(gate([])).toMatchObject({ status: 'passed', outputs: [] })
  })

  it('names all that is missing and all that is empty, and keeps nothing', () => {
    const required = ['p/z', 'p/a', 'p/artifacts/report.json', 'p/artifacts/*.txt', 'p/q/**', 'p/artifacts/*.png']
    expect(gate(required)).toMatchObject({
      status: 'failed',
      reason: {
        kind: 'artifacts',
        missing: ['p/a', 'p/q/**', 'p/z'],
        empty: ['p/artifacts/empty.txt', 'p/artifacts/none.png'],
      },
      outputs: [],
    })
  })

  it('keeps what a plugin adds where it is there, and counts it for nothing that is required', () => {
    const added = ['p/artifacts/a.png', 'p/artifacts/never.json', 'p/artifacts/none.png']
    const run = (required: readonly string[]): object =>
      runArtifactsGate(prepared(gateAction('p', { required, added }), files))
    expect(run(['p/artifacts/report.json'])).toMatchObject({
      status: 'passed',
      outputs: treeOf(
        ['p/artifacts/report.json', ...added].flatMap((path) => files.entries.filter((each) => each.path === path)),
      ),
    })
    expect(run(['p/artifacts/a.png', 'p/artifacts/sub/*'])).toMatchObject({
      ...{ status: 'failed', reason: { kind: 'artifacts', missing: ['p/artifacts/a.png'], empty: [] } },
    })
  })

  it('finds a file by its name even if that looks like a glob', () => {
    expect(gate(['p/artifacts/[id].html']).outputs).toEqual(['p/artifacts/[id].html'])
  })

  it('knows folders, escaped globs and hidden files', () => {
    expect(gate(['p/artifacts/sub/']).outputs).toEqual(['p/artifacts/sub/b.png'])
    expect(gate(['p/artifacts/\\[*\\].html']).outputs).toEqual(['p/artifacts/[id].html'])
    expect(gate(['p/artifacts/*.json']).outputs).toEqual(['p/artifacts/.hidden.json', 'p/artifacts/report.json'])
  })
})

describe('the gate controls', () => {
  const ids = ['p:controls/lint-1', 'p:controls/tests-1']
  const prepare = prepared(gateAction('p', { id: 'p:gate/controls', gate: 'controls', controls: ids }))
  const ending = (last: Partial<ActionOutcome>) => {
    const outcomes = [outcome(ids[0] ?? '', { exitCode: 1 }), outcome(ids[1] ?? '', last)]
    return runControlsGate(prepare, new Map(outcomes.map((one) => [one.id, one])))
  }

  it('passes when every control has failed as it must', () => {
    expect(ending({ exitCode: 3 })).toEqual({
      ...{ status: 'passed', reason: null, exitCode: null, attempts: [] },
      outputs: treeOf([]),
    })
  })

  it.each([
    ['passed with exit code 0', { exitCode: 0 }],
    ['passed without an exit code', { exitCode: null }],
    ['passed because a program was not found', { exitCode: 127 }],
    ['failed', { status: 'failed', exitCode: 1 }],
    ['was skipped', { status: 'skipped', exitCode: null }],
  ] as const)('does not rely on others: it fails when a control %s', (_, last) => {
    expect(ending(last)).toMatchObject({ status: 'failed', reason: { kind: 'cause', action: 'p:controls/tests-1' } })
  })

  it('is never passed for nothing', () => {
    const empty = prepared(gateAction('p', { gate: 'controls', controls: [] }))
    expect(() => runControlsGate(empty, new Map())).toThrow(RangeError)
    expect(() => runControlsGate(prepare, new Map())).toThrow('has not run yet')
  })
})
