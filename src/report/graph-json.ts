import type { Json } from '../model/canonical.ts'
import { edgeWording } from './edges.ts'
import type { GraphView } from './graph-view.ts'
import { printJson } from './json.ts'

interface Exported {
  readonly attributes: object
  readonly nodes: readonly { readonly key: string; readonly attributes: object }[]
  readonly edges: readonly { readonly source: string; readonly target: string; readonly attributes: object }[]
}

/** A graph as it was exported, with what a run says of its nodes, and why its edges are there where that was asked. */
export function renderGraphJson(graph: Json, { run, isWay, ...view }: GraphView): string {
  if (!run && !isWay) return printJson(graph as object)
  const { attributes, nodes, edges, ...rest } = graph as unknown as Exported
  const wording = edgeWording(view.whole)
  const known = new Map(view.graph.edges.map((edge) => [JSON.stringify([edge.from, edge.to]), edge]))
  const summary = run && { name: run.name, verdict: run.verdict, critical: run.critical, criticalMs: run.criticalMs }
  return printJson({
    ...rest,
    attributes: { ...attributes, ...(summary ? { run: summary } : {}) },
    nodes: nodes.map((node) => {
      const ended = run?.actions.get(node.key)
      const facts = ended && {
        status: ended.status,
        durationMs: ended.durationMs,
        reused: ended.reused,
        key: ended.key,
      }
      return facts ? { ...node, attributes: { ...node.attributes, run: facts } } : node
    }),
    edges: edges.map((edge) => {
      const own = isWay ? known.get(JSON.stringify([edge.source, edge.target])) : undefined
      return own ? { ...edge, attributes: { ...edge.attributes, why: wording(own).words } } : edge
    }),
  })
}
