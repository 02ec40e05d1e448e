import { describe, expect, it } from 'vitest'
import { compileGraph } from '../../src/graph/compile.ts'
import type { Graph } from '../../src/model/graph.ts'
import type { ResolvedPack } from '../../src/model/pack.ts'
import { wordUndeclared } from '../../src/report/undeclared.ts'
import { packOf } from '../support/packs.ts'

function graphOf(...packs: readonly ResolvedPack[]): Graph {
  const { graph, diagnostics } = compileGraph(packs)
  if (!graph) throw new Error(JSON.stringify(diagnostics))
  return graph
}

function said(graph: Graph, id: string, ...logLines: readonly string[]): string | null {
  const action = graph.actions.find((each) => each.id === id)
  if (!action) throw new Error(`no ${id}`)
  return wordUndeclared(action, graph, logLines)
}

const P = packOf('p', {
  files: ['data/x.json'],
  steps: [
    { id: 'make', outputs: ['build/'] },
    { id: 'use', outputs: ['use.txt'] },
    { id: 'wait', needs: ['make'] },
  ],
  tests: [{ outputs: ['report.json'] }, {}],
  required: ['report.json'],
})
const Q = packOf('q', { needs: ['p'] })
const R = packOf('r')
const GRAPH = graphOf(P, Q, R)

const MAKES = 'The log names `packs/p/build/rules.json`, which `p:steps/make` makes and this command does not see.'

describe('a failure whose log names what another action makes', () => {
  it.each([
    ['cat: build/rules.json: No such file or directory'],
    ["Error: ENOENT: no such file or directory, open '/workspace/packs/p/build/rules.json'"],
    ["open '/tmp/codex-a1b2/3/root/packs/p/build/rules.json'"],
    ['can\'t open "./build/rules.json".'],
    ['see ../p/build/rules.json:12'],
  ])('says the need to declare: %s', (line) => {
    expect(said(GRAPH, 'p:steps/use', 'starting', line, 'done')).toBe(
      `${MAKES} Add to it at packs/p/task.yml:${P.source.text.split('\n').indexOf('/steps/1') + 1}:\nneeds: [make]`,
    )
  })

  it('says the input of an acceptance command, which sees all steps anyway', () => {
    expect(said(GRAPH, 'p:tests/2', 'no report.json here')).toMatch(/:\ninputs: \{ files: \[\.\.\., report\.json\] \}$/)
    expect(said(GRAPH, 'p:tests/2', 'no build/rules.json here')).toBeNull()
  })

  it('says the artifact of another pack, and the need where there is none', () => {
    const lines = 'inputs:\n  artifacts: [{ from: p, path: build/rules.json, as: /packs/p/build/rules.json }]'
    const log = '/workspace/packs/p/build/rules.json: not found'
    expect(said(GRAPH, 'q:tests/1', log)).toBe(`${MAKES} Add to packs/q/task.yml:\n${lines}`)
    expect(said(GRAPH, 'r:tests/1', log)).toBe(`${MAKES} Add to packs/r/task.yml:\nneeds: [p]\n${lines}`)
  })

  it('says so where no need could be declared', () => {
    expect(said(GRAPH, 'p:steps/use', 'no report.json')).toMatch(/That is later: let a step make it\.$/)
    const circle = graphOf(packOf('p', { needs: ['q'] }), packOf('q', { steps: [{ id: 'a' }], tests: [{}] }))
    expect(said(circle, 'q:tests/1', 'x')).toBeNull()
    const later = graphOf(packOf('q'), packOf('s', { needs: ['q'], steps: [{ id: 'a', outputs: ['s.txt'] }] }))
    expect(said(later, 'q:tests/1', '/workspace/packs/s/s.txt')).toMatch(/That pack needs this one: let a pack that/)
  })

  it.each([
    ['p:steps/wait', 'build/rules.json', 'what it waits for already'],
    ['p:steps/make', 'build/rules.json', 'what it makes itself'],
    ['p:steps/use', 'data/x.json', 'a source of its own'],
    ['p:steps/use', 'elsewhere/build/rules.json', 'another path that ends alike'],
    ['p:steps/use', 'make', 'a word'],
    ['p:gate/artifacts', 'build/rules.json', 'anything, if it is a gate'],
  ])('says nothing to %s of %s: %s', (id, word) => {
    expect(said(GRAPH, id, `no ${word}`)).toBeNull()
  })

  it('takes the last word that fits, and bounds what it looks at', () => {
    const flood = Array.from({ length: 5_000 }, (_, place) => `line.${place}`)
    expect(said(GRAPH, 'p:steps/use', ...flood, 'no build/rules.json')).toContain(MAKES)
    expect(said(GRAPH, 'p:steps/use', 'no build/rules.json', ...flood)).toBeNull()
  })
})
