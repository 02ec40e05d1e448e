// A run, or why one comes after another, in the formats that are texts.
import { describe, expect, it } from 'vitest'
import { exportGraph } from '../../src/graph/export.ts'
import { partOf } from '../../src/graph/part.ts'
import { renderDot } from '../../src/report/dot.ts'
import { renderGraphJson } from '../../src/report/graph-json.ts'
import type { GraphView } from '../../src/report/graph-view.ts'
import { renderMermaid } from '../../src/report/mermaid.ts'
import { renderTree } from '../../src/report/tree.ts'
import { renderWay } from '../../src/report/way.ts'
import { FAILED, SMALL, viewOf } from '../support/pictures.ts'

const STYLE = { color: false, unicode: true }
const WAY = ['inventory:gate/secrets', 'site:steps/fetch', 'site:steps/build', 'site:lint/links']

const VIEWS: Readonly<Record<string, GraphView>> = {
  run: viewOf(SMALL, { run: FAILED }),
  why: { graph: partOf(SMALL, new Set(WAY)), whole: SMALL, run: null, isWay: true },
}

const FORMATS: Readonly<Record<string, (view: GraphView) => string>> = {
  txt: (view) => (view.isWay ? renderWay(view, STYLE) : renderTree(view.graph, { ...STYLE, run: view.run })),
  mmd: (view) => renderMermaid(view.graph, view),
  dot: (view) => renderDot(view.graph, view),
  json: (view) => renderGraphJson(exportGraph(view.graph), view),
}

describe.each(Object.entries(VIEWS))('the graph with its %s', (name, view) => {
  it.each(Object.entries(FORMATS))('as .%s is what it was', async (extension, render) => {
    await expect(render(view)).toMatchFileSnapshot(`../golden/report/graph-${name}.${extension}`)
  })
})

it('tells nothing of a run where none was named', () => {
  expect(renderGraphJson(exportGraph(SMALL), viewOf(SMALL))).not.toContain('"run"')
  expect(renderMermaid(SMALL, viewOf(SMALL))).toBe(renderMermaid(SMALL))
  expect(renderDot(SMALL, viewOf(SMALL))).toBe(renderDot(SMALL))
})
