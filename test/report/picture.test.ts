// What is drawn of a graph, and where.
import fc from 'fast-check'
import { parse as parseHtml, type DefaultTreeAdapterTypes } from 'parse5'
import { beforeAll, describe, expect, it } from 'vitest'
import { draw } from '../../src/report/picture/draw.ts'
import { loadEngine, type Box, type Engine } from '../../src/report/picture/engine.ts'
import { factsData } from '../../src/report/picture/facts.ts'
import { pictureData } from '../../src/report/picture/geometry.ts'
import { renderPage } from '../../src/report/picture/html.ts'
import { place } from '../../src/report/picture/page/folds.ts'
import { renderSvg } from '../../src/report/picture/svg.ts'
import type { Graph } from '../../src/model/graph.ts'
import type { GraphView } from '../../src/report/graph-view.ts'
import { commandAction } from '../support/actions.ts'
import { ALL_HOSTILE } from '../support/hostile.ts'
import { packOf } from '../support/packs.ts'
import { FAILED, manyPacks, SMALL, viewOf } from '../support/pictures.ts'

let engine: Engine

beforeAll(async () => {
  engine = await loadEngine()
})

function svg(view: GraphView, fold = false): string {
  return renderSvg(pictureData(draw(engine, view), view, fold))
}

const NOTHING_KNOWN = { keys: new Map(), grants: null }

function page(view: GraphView, script = 'start()'): string {
  return renderPage(pictureData(draw(engine, view), view, null), factsData(view, NOTHING_KNOWN), script)
}

function overlaps(boxes: readonly Box[]): boolean {
  const apart = (a: Box, b: Box): boolean =>
    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
  return boxes.some((box, at) => boxes.slice(at + 1).some((other) => !apart(box, other)))
}

/** Any packs without a cycle, in an order in which needs lead back. */
const needs = fc
  .integer({ min: 1, max: 9 })
  .chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, at) =>
        fc.uniqueArray(fc.nat(Math.max(0, at - 1)), { maxLength: at === 0 ? 0 : 3 }),
      ),
    ),
  )

describe('a drawing', () => {
  it('has every pack and action once, none over another, and each to the right of what it comes after', () => {
    fc.assert(
      fc.property(needs, (own) => {
        const drawing = draw(engine, viewOf(manyPacks(own)))
        for (const { boxes, width, height } of [drawing.open, drawing.folded]) {
          expect(boxes).toHaveLength(own.length)
          expect(overlaps(boxes)).toBe(false)
          for (const box of boxes) {
            expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(-0.1)
            expect(box.x + box.width).toBeLessThanOrEqual(width + 0.1)
            expect(box.y + box.height).toBeLessThanOrEqual(height + 0.1)
          }
          for (const [at, all] of own.entries()) {
            for (const need of all) expect(boxes[need]?.x).toBeLessThan(boxes[at]?.x ?? 0)
          }
        }
        for (const { actions } of drawing.packs) expect(overlaps(actions)).toBe(false)
      }),
      { numRuns: 25 },
    )
  })

  it('draws no line that follows from others, but every one that says something else', () => {
    const { links } = draw(engine, viewOf(manyPacks([[], [0], [0, 1], [0, 2]])))
    expect(links.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ])
  })

  it('leads many to many through one point', () => {
    const site = draw(engine, viewOf(SMALL)).packs[1]
    const between = site?.lines.filter(({ from, to }) => from.length * to.length > 1) ?? []
    // Two of lint come before two of tests.
    expect(between.length).toBe(4)
    expect(site?.columns.map(({ phase }) => phase)).toEqual(['steps', 'lint', 'tests', 'controls', 'gate'])
  })

  it('is the same every time', async () => {
    const again = await loadEngine()
    expect(JSON.stringify(draw(again, viewOf(SMALL)))).toBe(JSON.stringify(draw(engine, viewOf(SMALL))))
  })
})

describe('folding packs one by one', () => {
  it('keeps them apart, and what was left of something left of it', () => {
    fc.assert(
      fc.property(needs, fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }), fc.boolean(), (own, open, isOpen) => {
        const view = viewOf(manyPacks(own))
        const picture = pictureData(draw(engine, view), view, null)
        const { boxes, curves } = place(picture, isOpen ? 'open' : 'folded', open)
        const placed = boxes.map(([x, y, width, height]) => ({ x, y, width: width - 0.2, height: height - 0.2 }))
        expect(overlaps(placed)).toBe(false)
        for (const [at, { from, to }] of picture.links.entries()) {
          const curve = curves[at] ?? []
          const [start, end] = [boxes[from], boxes[to]]
          expect(start?.[0]).toBeLessThan(end?.[0] ?? 0)
          expect(curve[0]).toBeCloseTo((start?.[0] ?? 0) + (start?.[2] ?? 0), 0)
          expect(curve.at(-2)).toBeCloseTo(end?.[0] ?? 0, 0)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('changes nothing where all are as they were laid out', () => {
    const view = viewOf(manyPacks([[], [0], [0], [1, 2]]))
    const picture = pictureData(draw(engine, view), view, null)
    const { boxes } = place(picture, 'open', [true, true, true, true])
    for (const [at, box] of boxes.entries()) {
      for (const [side, value] of box.entries()) expect(value).toBeCloseTo(picture.packs[at]?.open[side] ?? 0, 5)
    }
  })
})

describe('the picture of a small graph', () => {
  it.each([
    ['open', viewOf(SMALL), false],
    ['folded', viewOf(SMALL), true],
    ['failed', viewOf(SMALL, { run: FAILED }), false],
  ] as const)('is what it was: %s', async (name, view, fold) => {
    await expect(svg(view, fold)).toMatchFileSnapshot(`../golden/report/graph-${name}.svg`)
  })

  it('is what it was: as a page', async () => {
    const view = viewOf(SMALL, { run: FAILED })
    await expect(page(view)).toMatchFileSnapshot('../golden/report/graph-page.html')
  })
})

/** A graph in which everything that a pack can say says this. */
function saying(text: string): Graph {
  const pack = packOf('a')
  const definition = { ...pack.definition, title: text, domain: text, description: text, tags: [text], needs: [text] }
  const action = commandAction(`a:steps/${text}`, {
    pack: 'a',
    text,
    cwd: text,
    env: { [text]: text },
    outputs: [text],
    sources: [text],
    tools: { [text]: text },
    capabilities: { network: [text], secrets: [text], cloud: true },
    artifacts: [{ from: text, path: text, as: text, producers: [] }],
  })
  return {
    packs: [{ ...pack, definition }],
    actions: [action, commandAction('a:tests/1')],
    edges: [{ from: action.id, to: 'a:tests/1', kind: 'output' }],
  }
}

type Node = DefaultTreeAdapterTypes.ChildNode

function elements(nodes: readonly Node[]): readonly string[] {
  return nodes.flatMap((node) => {
    const name = 'tagName' in node ? [`${node.tagName} ${node.attrs.map((attribute) => attribute.name).join(' ')}`] : []
    return [...name, ...('childNodes' in node ? elements(node.childNodes) : [])]
  })
}

describe('whatever packs say', () => {
  it.each(ALL_HOSTILE)('%j adds no element and no attribute', (text) => {
    const harmless = viewOf(saying('x'))
    const hostile = viewOf(saying(text))
    expect(elements(parseHtml(page(hostile)).childNodes)).toEqual(elements(parseHtml(page(harmless)).childNodes))
    const names = (shown: string): readonly string[] => [...new Set(elements(parseHtml(shown).childNodes))].toSorted()
    expect(names(svg(hostile))).toEqual(names(svg(harmless)))
  })

  it.each(ALL_HOSTILE)('%j shows nothing that is hidden, and is no command of a workflow', (text) => {
    for (const shown of [page(viewOf(saying(text))), svg(viewOf(saying(text)))]) {
      expect(shown).not.toMatch(/[\0-\x08\x0B-\x1F\x7F-\x9F\u200B\u202E\u2028\u2066\uFEFF]/)
      expect(shown).not.toMatch(/^\s*::/m)
      expect(shown).not.toContain('##[')
      // What the page makes texts of is escaped already.
      const data = /id="facts">(.*?)<\/script>/s.exec(shown)?.[1] ?? '{}'
      expect(JSON.stringify(JSON.parse(data))).not.toMatch(/[\u202E\u200B\u001B]/)
    }
  })

  it('is not put into a page with a script that would end before its end', () => {
    expect(() => page(viewOf(SMALL), 'a </script> b')).toThrow(RangeError)
    expect(() => page(viewOf(SMALL), 'a <!-- b')).toThrow(RangeError)
  })
})
