import { describe, expect, it } from 'vitest'
import { loadPacks } from '../../src/packs/load.ts'
import { selectPacks, type Selection } from '../../src/packs/select.ts'
import { memoryWorkspace } from '../support/memory-workspace.ts'
import { task } from './task-text.ts'

const workspace = memoryWorkspace({
  'task-packs/web-a/task.yml': task('web-a', 'tags: [fast]', 'needs: [base]'),
  'task-packs/web-b/task.yml': task('web-b', 'tags: [slow, nightly]', 'needs: [web-a]'),
  'task-packs/game/task.yml': task('game', 'tags: [fast]').replace('pillar: web', 'pillar: game'),
  'solutions/base/task.yml': task('base'),
  'solutions/base/inner/task.yml': task('inner'),
  'solutions/game/task.yml': task('other-game'),
})
const { packs } = loadPacks(workspace, { packs: ['task-packs/*', 'solutions/**'] })

function select(selection: Partial<Selection>): ReturnType<typeof selectPacks> {
  return selectPacks(packs, { names: [], pillars: [], tags: [], ...selection }, workspace)
}

describe('a selection', () => {
  it.each<[Partial<Selection>, readonly string[]]>([
    [{}, ['base', 'game', 'inner', 'other-game', 'web-a', 'web-b']],
    [{ names: ['game'] }, ['game']],
    [{ names: ['web-b'] }, ['base', 'web-a', 'web-b']],
    [{ names: ['web-*'] }, ['base', 'web-a', 'web-b']],
    [{ names: ['./task-packs/web-a/'] }, ['base', 'web-a']],
    [{ names: ['task-packs/game'] }, ['game']],
    [{ names: ['solutions/game'] }, ['other-game']],
    [{ names: ['solutions/base'] }, ['base']],
    [{ names: ['solutions'] }, ['base', 'inner', 'other-game']],
    [{ names: ['solutions/**'] }, ['base', 'inner', 'other-game']],
    [{ names: ['.'] }, ['base', 'game', 'inner', 'other-game', 'web-a', 'web-b']],
    [{ names: ['game', 'inner'] }, ['game', 'inner']],
    [{ pillars: ['game'] }, ['game']],
    [{ tags: ['fast'] }, ['base', 'game', 'web-a']],
    [{ tags: ['slow', 'fast'], pillars: ['web'] }, ['base', 'web-a', 'web-b']],
    [{ names: ['task-packs/*'], tags: ['fast'], pillars: ['game'] }, ['game']],
  ])('%j', (selection, expected) => {
    const { selected, diagnostics } = select(selection)
    expect(diagnostics).toEqual([])
    expect(selected.map(({ definition }) => definition.id)).toEqual(expected)
  })

  it.each<[Partial<Selection>, readonly object[]]>([
    [{ names: ['gmae'] }, [{ code: 'unknown-selector', facts: { selector: 'gmae', suggestion: 'game' } }]],
    [{ names: ['task-packs/web-c'] }, [{ facts: { suggestion: 'task-packs/web-a' } }]],
    [{ names: ['zzz-*', 'game'] }, [{ code: 'unknown-selector', facts: { selector: 'zzz-*', suggestion: null } }]],
    [{ pillars: ['gaem'] }, [{ code: 'unknown-selector', facts: { selector: 'gaem', suggestion: 'game' } }]],
    [{ tags: ['fst'] }, [{ code: 'unknown-selector', facts: { selector: 'fst', suggestion: 'fast' } }]],
    [{ pillars: ['security'] }, [{ code: 'nothing-selected', facts: { selection: '--pillar security' } }]],
    [{ names: ['game'], tags: ['slow'] }, [{ code: 'nothing-selected', facts: { selection: 'game --tag slow' } }]],
  ])('refuses %j', (selection, expected) => {
    expect(select(selection).diagnostics).toMatchObject(expected)
  })
})
