import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Action, Edge, Graph } from '../../src/model/graph.ts'
import { renderDot } from '../../src/report/dot.ts'
import { renderMermaid } from '../../src/report/mermaid.ts'
import { renderTree } from '../../src/report/tree.ts'
import { commandAction, gateAction } from '../support/actions.ts'
import { packOf } from '../support/packs.ts'

/** Two packs with every kind of edge. */
const GRAPH: Graph = {
  packs: [packOf('inventory'), packOf('site', { needs: ['inventory'] })],
  actions: [
    commandAction('inventory:tests/1', { text: 'node check.mjs' }),
    gateAction('inventory', { required: ['packs/inventory/inventory.json'] }),
    gateAction('inventory', { id: 'inventory:gate/secrets', gate: 'secrets', logs: ['inventory:tests/1'] }),
    commandAction('site:steps/fetch', { text: 'node fetch.mjs' }),
    commandAction('site:steps/build', { text: `node build.mjs ${'--flag '.repeat(20)}` }),
    commandAction('site:steps/pack', { text: 'tar cf site.tar dist' }),
    commandAction('site:lint/links', { text: 'node links.mjs' }),
    commandAction('site:controls/lint-links', {
      text: 'node links.mjs',
      cwd: 'packs/site',
      control: {
        of: 'site:lint/links',
        replace: [
          { target: 'packs/site/dist/index.html', source: 'packs/site/controls/dead.html', producers: [] },
          { target: 'packs/site/dist/map.xml', source: 'packs/site/dist/index.html', producers: ['site:steps/build'] },
        ],
      },
    }),
    gateAction('site'),
    gateAction('site', { id: 'site:gate/controls', gate: 'controls', controls: ['site:controls/lint-links'] }),
  ],
  edges: [
    { from: 'inventory:tests/1', to: 'inventory:gate/artifacts', kind: 'phase' },
    { from: 'inventory:gate/artifacts', to: 'site:steps/fetch', kind: 'pack' },
    { from: 'site:steps/fetch', to: 'site:steps/build', kind: 'needs' },
    { from: 'site:steps/fetch', to: 'site:steps/pack', kind: 'needs' },
    { from: 'site:steps/build', to: 'site:steps/pack', kind: 'output' },
    { from: 'site:steps/pack', to: 'site:lint/links', kind: 'phase' },
    { from: 'site:steps/pack', to: 'site:controls/lint-links', kind: 'phase' },
    { from: 'site:lint/links', to: 'site:gate/artifacts', kind: 'phase' },
    { from: 'site:controls/lint-links', to: 'site:gate/controls', kind: 'phase' },
  ],
}

const HOSTILE = [
  'echo "hello" && cat <x >y',
  'a"]; end; click a href "javascript:alert(1)"; x["',
  'line one\nline two --> x\n%%{init: {}}%%',
  '`code` **bold** #quot; &lt;b&gt; \\" \\N {{x}} | y',
  'subgraph end\u0007\u202E\u200B 名前',
]

/** One pack whose commands and ids try to be more than text. */
const HOSTILE_GRAPH: Graph = {
  packs: [packOf('pa"ck]-->end')],
  actions: HOSTILE.map((text, index) => commandAction(`pa"ck]-->end:steps/${index}"]\\`, { text })),
  edges: [{ from: 'pa"ck]-->end:steps/0"]\\', to: 'pa"ck]-->end:steps/1"]\\', kind: 'needs' }],
}

describe.each([
  ['tree', (graph: Graph): string => renderTree(graph, { color: false, unicode: true }), 'txt'],
  ['tree-ascii', (graph: Graph): string => renderTree(graph, { color: false, unicode: false }), 'txt'],
  ['mermaid', renderMermaid, 'mmd'],
  ['dot', renderDot, 'dot'],
])('the graph as %s', (name, render, extension) => {
  it('shows packs, phases, commands and edges', async () => {
    await expect(render(GRAPH)).toMatchFileSnapshot(`../golden/report/graph-${name}.${extension}`)
  })

  it('shows hostile names and commands as text', async () => {
    await expect(render(HOSTILE_GRAPH)).toMatchFileSnapshot(`../golden/report/hostile-${name}.${extension}`)
  })

  it('is nothing but its frame for no packs', () => {
    expect(render({ packs: [], actions: [], edges: [] }).split('\n').length).toBeLessThanOrEqual(5)
  })
})

const text = fc.string({ unit: 'binary' })

/** A graph of one pack with two actions whose ids and commands are whatever they like. */
const anyGraph = fc.tuple(text, text, text, text, text).map(([pack, first, second, one, two]): Graph => {
  const id = (name: string, index: number): string => `${pack}:steps/${index}${name}`
  const actions: readonly Action[] = [
    commandAction(id(first, 1), { pack, text: one }),
    commandAction(id(second, 2), { pack, text: two }),
  ]
  const edges: readonly Edge[] = [{ from: id(first, 1), to: id(second, 2), kind: 'output' }]
  return { packs: [packOf(pack)], actions, edges }
})

describe('no name or command', () => {
  it('changes the structure of a Mermaid flowchart', () => {
    const quoted = String.raw`"(?:[\p{L}\p{M}\p{N} ./,=_…-]|#\d+;|<br/>)*"`
    const id = String.raw`[ap]_\w*`
    const shape = new RegExp(
      `^flowchart TD\\n  subgraph ${id}\\[${quoted}\\]\\n(?:    ${id}\\[${quoted}\\]\\n){2}  end\\n  ${id} ==> ${id}\\n$`,
      'u',
    )
    fc.assert(
      fc.property(anyGraph, (graph) => {
        expect(renderMermaid(graph)).toMatch(shape)
      }),
    )
  })

  it('changes the structure of a Graphviz graph', () => {
    const quoted = String.raw`"(?:[^"\\\n]|\\[\\"n])*"`
    const lines = [
      'digraph codex {',
      '  rankdir=TB',
      '  node \\[shape=box, fontname="monospace"\\]',
      `  subgraph ${quoted} {`,
      `    label=${quoted}`,
      `    ${quoted} \\[label=${quoted}\\]`,
      `    ${quoted} \\[label=${quoted}\\]`,
      '  }',
      `  ${quoted} -> ${quoted} \\[style=bold\\]`,
      '}',
      '',
    ]
    const shape = new RegExp(`^${lines.join('\\n')}$`)
    fc.assert(
      fc.property(anyGraph, (graph) => {
        expect(renderDot(graph)).toMatch(shape)
      }),
    )
  })

  it('gets the Mermaid id of another', () => {
    const idsOf = (graph: Graph): readonly string[] => renderMermaid(graph).match(/a_\w*(?=\[")/g) ?? []
    fc.assert(
      fc.property(fc.uniqueArray(text, { minLength: 2, maxLength: 5 }), (names) => {
        const actions = names.map((name) => commandAction(`p:steps/${name}`))
        const ids = idsOf({ packs: [packOf('p')], actions, edges: [] })
        expect(new Set(ids).size).toBe(names.length)
      }),
    )
  })
})
