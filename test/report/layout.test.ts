import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layOut, type Box } from '../../src/report/layout.ts'
import type { Picture } from '../../src/report/report-model.ts'

function picture(needs: readonly (readonly number[])[]): Picture {
  return {
    nodes: needs.map((_, at) => ({ id: `n${at}`, label: `tests/${at}`, tone: 'good', words: 'passed' })),
    edges: needs.flatMap((own, at) => own.map((need) => ({ from: `n${need}`, to: `n${at}` }))),
  }
}

/** Any graph without cycles, its nodes in an order in which edges lead forwards. */
const graphs = fc
  .integer({ min: 1, max: 25 })
  .chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, at) =>
        fc.uniqueArray(fc.nat(Math.max(0, at - 1)), { maxLength: at === 0 ? 0 : 3 }),
      ),
    ),
  )

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

describe('the picture of a graph', () => {
  it('shows every node once, none over another, all within its size, and each below what it comes after', () => {
    fc.assert(
      fc.property(graphs, (needs) => {
        const shown = picture(needs)
        const { chips, width, height } = layOut(shown)
        expect(chips.map(({ node }) => node.id).toSorted()).toEqual(shown.nodes.map(({ id }) => id).toSorted())
        for (const [at, chip] of chips.entries()) {
          expect(chips.slice(at + 1).some((other) => overlap(chip, other))).toBe(false)
          expect(chip.x >= 0 && chip.y >= 0 && chip.x + chip.width <= width && chip.y + chip.height <= height).toBe(
            true,
          )
        }
        const tops = new Map(chips.map(({ node, y }) => [node.id, y]))
        for (const { from, to } of shown.edges) expect(tops.get(from)).toBeLessThan(tops.get(to) ?? 0)
      }),
    )
  })

  it('draws what comes after the same and before the same as one box, so that six nodes take one line', () => {
    const { lines, frames } = layOut(picture([[], [], [], [0, 1, 2], [0, 1, 2], [0, 1, 2]]))
    expect([lines.length, frames.length]).toEqual([1, 2])
  })

  it('fits on a phone where many run at once', () => {
    const { width } = layOut(picture(Array.from({ length: 20 }, () => [])))
    expect(width).toBeLessThanOrEqual(328)
  })
})
