import { describe, expect, it } from 'vitest'
import { compileGraph } from '../../src/graph/compile.ts'
import { exportGraph } from '../../src/graph/export.ts'
import { heights } from '../../src/graph/order.ts'
import type { Graph } from '../../src/model/graph.ts'
import type { ResolvedPack } from '../../src/model/pack.ts'
import { packOf } from '../support/packs.ts'

const COUNT = 10_000
const nameOf = (place: number): string => `p${String(place).padStart(5, '0')}`
const all = Array.from({ length: COUNT }, (_, place) => place)

function graphOf(packs: readonly ResolvedPack[]): Graph {
  const { graph, diagnostics } = compileGraph(packs)
  expect(diagnostics).toEqual([])
  if (!graph) throw new Error('no graph')
  return graph
}

describe('10,000 packs', () => {
  it('in a chain, each reading what the one before makes, given last first', () => {
    const packs = all.map((place) =>
      packOf(nameOf(place), {
        tests: [{ outputs: ['out.json'] }],
        ...(place > 0 && {
          needs: [nameOf(place - 1)],
          inputs: { files: ['**', `/packs/${nameOf(place - 1)}/out.json`] },
        }),
      }),
    )
    const graph = graphOf(packs.toReversed())
    expect(graph.packs.map(({ definition }) => definition.id)).toEqual(all.map(nameOf))
    expect(graph.actions.map(({ id }) => id)).toEqual(
      all.flatMap((place) => [
        `${nameOf(place)}:tests/1`,
        `${nameOf(place)}:gate/artifacts`,
        `${nameOf(place)}:gate/secrets`,
      ]),
    )
    expect(graph.edges.length).toBe(4 * COUNT - 2)
    expect(graph.actions.at(-3)?.providers).toEqual([`${nameOf(COUNT - 2)}:tests/1`])
    expect(heights(graph).get(`${nameOf(0)}:tests/1`)).toBe(2 * COUNT)
    expect(JSON.stringify(exportGraph(graph)).length).toBeGreaterThan(COUNT)
  })

  it('that all need one', () => {
    const packs = all.map((place) => packOf(nameOf(place), { needs: place > 0 ? [nameOf(0)] : [] }))
    const graph = graphOf(packs)
    expect(graph.edges.length).toBe(4 * COUNT - 2)
    expect(graph.edges.filter(({ kind }) => kind === 'pack').length).toBe(2 * COUNT - 2)
    expect(graph.actions.at(-1)?.id).toBe(`${nameOf(COUNT - 1)}:gate/secrets`)
  })

  it('that one needs', () => {
    const packs = all.map((place) => packOf(nameOf(place), { needs: place === 0 ? all.slice(1).map(nameOf) : [] }))
    const graph = graphOf(packs)
    expect(graph.actions.at(-1)?.id).toBe(`${nameOf(0)}:gate/secrets`)
    expect(graph.actions.at(-3)?.needs.length).toBe(2 * COUNT - 2)
  })

  it('that need each other in one circle', () => {
    const packs = all.map((place) => packOf(nameOf(place), { needs: [nameOf((place + 1) % COUNT)] }))
    expect(compileGraph(packs)).toEqual({ graph: null, diagnostics: [] })
  })

  it('that all declare one output are told so once each', () => {
    const packs = all.map((place) => packOf(nameOf(place), { tests: [{ outputs: ['/out.json'] }] }))
    expect(compileGraph(packs).diagnostics.length).toBe(COUNT - 1)
  })
})

describe('10,000 steps', () => {
  it('of one pack in a chain of outputs and inputs', () => {
    const steps = all.map((place) => ({
      id: nameOf(place),
      outputs: [`${place}.json`],
      files: place > 0 ? [`${place - 1}.json`] : [],
    }))
    const graph = graphOf([packOf('p', { steps: steps.toReversed() })])
    expect(graph.actions.slice(0, COUNT).map(({ id }) => id)).toEqual(all.map((place) => `p:steps/${nameOf(place)}`))
  })
})
