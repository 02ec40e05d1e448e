import { describe, expect, it } from 'vitest'
import { compileGraph } from '../../src/graph/compile.ts'
import type { Action } from '../../src/model/graph.ts'
import type { ActionOutcome } from '../../src/model/outcome.ts'
import type { PreparedAction } from '../../src/model/plan.ts'
import { treeOf } from '../../src/model/tree.ts'
import { planActions } from '../../src/plan/dryrun.ts'
import { createPreparer } from '../../src/plan/prepare.ts'
import { entry, outcome } from '../support/actions.ts'
import { memoryStore } from '../support/memory-store.ts'
import { packOf, type CommandParts } from '../support/packs.ts'
import { ENFORCED } from '../support/guarantees.ts'

const FILES = {
  'p/data/a': 'good a',
  'p/data/b': 'good b',
  'p/bad/a': { text: 'bad a', executable: true },
  'p/bad/same': 'good a',
}

/** A command and its control, prepared after a step that has made `made`. */
function prepareBoth(
  control: Record<string, string>,
  command: CommandParts = {},
  made: readonly string[] = ['p/out/x'],
) {
  const steps = [{ id: 'make', outputs: ['out/'] }]
  const pack = packOf('p', { dir: 'p', files: ['data/a', 'data/b'], steps, tests: [{ ...command, control }] })
  const { graph, diagnostics } = compileGraph([pack])
  if (!graph) throw new Error(JSON.stringify(diagnostics))
  const prepare = createPreparer({ store: memoryStore(FILES), guarantees: ENFORCED, tools: new Map(), callerEnv: {} })
  const step = outcome('p:steps/make', { outputs: treeOf(made.map((path) => entry(path))) })
  const outcomes = new Map<string, ActionOutcome>([[step.id, step]])
  const prepared = (id: string): PreparedAction => {
    const action = graph.actions.find((each) => each.id === id) as Action
    const result = prepare(action, outcomes)
    if (!result.ok) throw new Error(result.error.message)
    return result.value
  }
  return { command: prepared('p:tests/1'), control: prepared('p:controls/tests-1'), graph, prepare }
}

const bytesAt = ({ inputs }: PreparedAction, path: string) => inputs.entries.find((each) => each.path === path)

describe('the inputs of a control', () => {
  it('are those of its command, with the bytes and the mode of the source at the target, and no other path', () => {
    const { command, control } = prepareBoth({ 'data/a': 'bad/a' })
    expect(control.inputs.entries.map(({ path }) => path)).toEqual(command.inputs.entries.map(({ path }) => path))
    expect(bytesAt(control, 'p/data/a')).toEqual({ ...entry('p/data/a', 'bad a'), executable: true })
    expect(bytesAt(control, 'p/data/b')).toEqual(bytesAt(command, 'p/data/b'))
    expect(control.vain).toBeUndefined()
  })

  it('can exchange two files, and take what a step has made for a source as for a target', () => {
    const swapped = prepareBoth({ 'data/a': 'data/b', 'data/b': 'data/a' }).control
    expect(bytesAt(swapped, 'p/data/a')?.digest).toBe(entry('', 'good b').digest)
    expect(bytesAt(swapped, 'p/data/b')?.digest).toBe(entry('', 'good a').digest)
    const made = prepareBoth({ 'data/a': 'out/x', 'out/x': 'bad/a' }).control
    expect(bytesAt(made, 'p/data/a')?.digest).toBe(entry('p/out/x').digest)
    expect(bytesAt(made, 'p/out/x')?.digest).toBe(entry('', 'bad a').digest)
  })

  it('are told in the same environment, so that a command can not know which of the two it is', () => {
    const { command, control } = prepareBoth({ 'data/a': 'bad/a' })
    expect(control.env).toEqual(command.env)
    expect(control.env['CODEX_ACTION']).toBe('p:tests/1')
  })

  it('have a key that no command with the same inputs has', () => {
    const { control } = prepareBoth({ 'data/a': 'bad/a' })
    const files = { ...FILES, 'p/data/a': FILES['p/bad/a'] }
    const store = memoryStore(files)
    const prepare = createPreparer({ store, guarantees: ENFORCED, tools: new Map(), callerEnv: {} })
    const { graph } = prepareBoth({ 'data/a': 'bad/a' })
    const step = outcome('p:steps/make', { outputs: treeOf([entry('p/out/x')]) })
    const action = graph.actions.find(({ id }) => id === 'p:tests/1') as Action
    const broken = prepare(action, new Map([[step.id, step]]))
    if (!broken.ok) throw new Error(broken.error.message)
    expect(broken.value.inputs.digest).toBe(control.inputs.digest)
    expect(broken.value.key).not.toBe(control.key)
  })

  it.each([
    ['the source is the same, byte for byte', { 'data/a': 'bad/same', 'data/b': 'bad/a' }, 'unchanged', ['p/data/a']],
    ['nothing was made that could be replaced', { 'out/y': 'bad/a', 'data/a': 'bad/a' }, 'unseen', ['p/out/y']],
    ['nothing was made that could be put in place', { 'data/a': 'out/y' }, 'no-source', ['p/out/y']],
  ])('prove nothing where %s', (_, control, problem, paths) => {
    expect(prepareBoth(control).control.vain).toEqual({ kind: 'control', problem, paths })
  })

  it('can not be had where the source is gone', () => {
    expect(() => prepareBoth({ 'data/a': 'bad/gone' })).toThrow('no such file: p/bad/gone')
  })

  it('are known to a dry run only where no step makes them', () => {
    const keysOf = (control: Record<string, string>, files: readonly string[]) => {
      const { graph, prepare } = prepareBoth(control, { files })
      const planned = planActions(graph, prepare)
      if (!planned.ok) throw new Error(planned.error.message)
      const found = planned.value.find(({ action }) => action.id === 'p:controls/tests-1')
      return { known: found?.key !== null, waitsFor: found?.waitsFor }
    }
    // Every test sees what the steps make.
    expect(keysOf({ 'data/a': 'bad/a' }, ['data/a'])).toEqual({ known: false, waitsFor: ['p:steps/make'] })
  })
})
