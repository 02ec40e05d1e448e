import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { criticalPath } from '../../src/graph/critical-path.ts'
import { affectedBy, around, partOf, pathBetween } from '../../src/graph/part.ts'
import type { Action, ActionId } from '../../src/model/graph.ts'
import { suppliersOf } from '../../src/plan/dryrun.ts'
import { commandAction } from '../support/actions.ts'
import { SMALL } from '../support/pictures.ts'

function sorted(ids: Iterable<ActionId>): readonly ActionId[] {
  return [...ids].toSorted()
}

describe('a part of a graph', () => {
  it('is these actions, their packs and the edges between them, in the same order', () => {
    const part = partOf(SMALL, new Set(['site:tests/pages', 'site:lint/links', 'site:lint/names']))
    expect(part.actions.map(({ id }) => id)).toEqual(['site:lint/links', 'site:lint/names', 'site:tests/pages'])
    expect(part.packs.map(({ definition }) => definition.id)).toEqual(['site'])
    expect(part.edges).toEqual([
      { from: 'site:lint/links', to: 'site:tests/pages', kind: 'phase' },
      { from: 'site:lint/names', to: 'site:tests/pages', kind: 'phase' },
    ])
  })

  it('around an action is what comes before and after, and nothing beside it', () => {
    const found = around(SMALL, ['site:lint/links'], null)
    expect(found).not.toContain('site:lint/names')
    expect(found).not.toContain('site:controls/lint-links')
    for (const id of ['inventory:tests/1', 'site:steps/fetch', 'site:tests/sizes', 'site:gate/secrets']) {
      expect(found).toContain(id)
    }
  })

  it('goes no further than it is told', () => {
    expect(sorted(around(SMALL, ['site:lint/links'], 1))).toEqual([
      'site:lint/links',
      'site:steps/build',
      'site:steps/fetch',
      'site:tests/pages',
      'site:tests/sizes',
    ])
  })
})

describe('the way from one action to another', () => {
  it('is the shortest', () => {
    expect(pathBetween(SMALL, 'inventory:tests/1', 'site:tests/pages')).toEqual([
      'inventory:tests/1',
      'inventory:gate/artifacts',
      'site:steps/fetch',
      'site:lint/links',
      'site:tests/pages',
    ])
  })

  it('is there in one direction only, and not at all between what is parallel', () => {
    expect(pathBetween(SMALL, 'site:tests/pages', 'inventory:tests/1')).toBeNull()
    expect(pathBetween(SMALL, 'site:lint/links', 'site:lint/names')).toBeNull()
    expect(pathBetween(SMALL, 'site:lint/links', 'site:lint/links')).toEqual(['site:lint/links'])
  })
})

describe('what a file affects', () => {
  const affected = (path: string): readonly ActionId[] => sorted(affectedBy(SMALL, path, suppliersOf))

  it('is who sees it, and who reads what those make, not who only waits', () => {
    expect(affected('packs/site/build.mjs')).toEqual(['site:lint/links', 'site:steps/build'])
    expect(affected('packs/inventory/list.csv')).toEqual(['inventory:tests/1'])
  })

  it('is, of a folder, what any of its files affects', () => {
    expect(affected('packs/inventory')).toEqual(['inventory:tests/1'])
    expect(affected('packs/invent')).toEqual([])
  })

  it('is, of what is made, who reads it', () => {
    expect(affected('packs/site/raw/page.html')).toEqual(['site:lint/links', 'site:steps/build'])
  })

  it('is what is declared there, what replaces an input, and what is known by it', () => {
    expect(affected('task.yml')).toEqual(sorted(SMALL.actions.map(({ id }) => id)))
    expect(affected('packs/site/dead')).toEqual(['site:controls/lint-links'])
    const mounting = commandAction('a:tests/1', { mounts: [{ path: 'node_modules', identity: 'package-lock.json' }] })
    const graph = { ...SMALL, actions: [mounting], edges: [] }
    for (const path of ['package-lock.json', 'node_modules/zod/index.js', 'node_modules']) {
      expect(sorted(affectedBy(graph, path, suppliersOf))).toEqual(['a:tests/1'])
    }
    expect(sorted(affectedBy(graph, 'README.md', suppliersOf))).toEqual([])
  })
})

describe('the critical path', () => {
  const graphs = fc.integer({ min: 1, max: 8 }).chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, at) =>
        fc.record({
          id: fc.constant(`a${at}`),
          needs: fc.uniqueArray(
            fc.nat(Math.max(0, at - 1)).map((need) => `a${need}`),
            { maxLength: at === 0 ? 0 : 3 },
          ),
          durationMs: fc.nat(5),
        }),
      ),
    ),
  )

  it('is a way through the graph, and no other takes longer', () => {
    fc.assert(
      fc.property(graphs, (actions) => {
        const byId = new Map<string, { readonly needs: readonly string[]; readonly durationMs: number }>(
          actions.map((action) => [action.id, action]),
        )
        const longest = (id: string): number => {
          const { needs = [], durationMs = 0 } = byId.get(id) ?? {}
          return durationMs + Math.max(0, ...needs.map(longest))
        }
        const { ids, durationMs } = criticalPath(actions)
        expect(durationMs).toBe(Math.max(0, ...actions.map(({ id }) => longest(id))))
        expect(ids.reduce((sum, id) => sum + (byId.get(id)?.durationMs ?? 0), 0)).toBe(durationMs)
        for (const [at, id] of ids.slice(1).entries()) expect(byId.get(id)?.needs).toContain(ids[at])
      }),
    )
  })

  it('of a run without times is nothing', () => {
    const timeless = SMALL.actions.map(({ id, needs }: Action) => ({ id, needs, durationMs: 0 }))
    expect(criticalPath(timeless)).toEqual({ ids: [], durationMs: 0 })
  })
})
