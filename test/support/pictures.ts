// A graph of two packs with every kind of edge, and a run of it that failed.
import type { Action, Edge, Graph } from '../../src/model/graph.ts'
import type { Status } from '../../src/model/outcome.ts'
import type { ResolvedPack } from '../../src/model/pack.ts'
import type { Ended, GraphView, RunOverlay } from '../../src/report/graph-view.ts'
import { STATUS_WORDS } from '../../src/report/lines.ts'
import { commandAction, gateAction } from './actions.ts'
import { packOf } from './packs.ts'

const ACTIONS: readonly Action[] = [
  commandAction('inventory:tests/1', { text: 'node check.mjs', sources: ['packs/inventory/list.csv'] }),
  gateAction('inventory', { required: ['packs/inventory/inventory.json'] }),
  gateAction('inventory', { id: 'inventory:gate/secrets', gate: 'secrets', logs: ['inventory:tests/1'] }),
  commandAction('site:steps/fetch', { text: 'node fetch.mjs', outputs: ['packs/site/raw/'] }),
  commandAction('site:steps/build', {
    text: 'node build.mjs',
    cwd: 'packs/site',
    sources: ['packs/site/build.mjs', 'packs/site/task.yml'],
    outputs: ['packs/site/dist/'],
    providers: ['site:steps/fetch'],
    env: { LEVEL: '3' },
    tools: { node: '>=20' },
    capabilities: { network: ['example.org:443'], secrets: [], cloud: false },
  }),
  commandAction('site:lint/links', { text: 'node links.mjs', providers: ['site:steps/build', 'site:steps/fetch'] }),
  commandAction('site:lint/names', { text: 'node names.mjs' }),
  commandAction('site:tests/pages', { text: 'node pages.mjs\nnode more.mjs' }),
  commandAction('site:tests/sizes', { text: 'node sizes.mjs' }),
  commandAction('site:controls/lint-links', {
    control: { of: 'site:lint/links', replace: [{ target: 'packs/site/a', source: 'packs/site/dead', producers: [] }] },
  }),
  gateAction('site', { id: 'site:gate/secrets', gate: 'secrets', logs: ['site:tests/pages'] }),
]

function edges(kind: Edge['kind'], from: readonly string[], to: readonly string[]): readonly Edge[] {
  return from.flatMap((one) => to.map((other): Edge => ({ from: one, to: other, kind })))
}

const LINT = ['site:lint/links', 'site:lint/names']
const TESTS = ['site:tests/pages', 'site:tests/sizes']

export const SMALL: Graph = {
  packs: [packOf('inventory'), packOf('site', { needs: ['inventory'] })],
  actions: ACTIONS,
  edges: [
    ...edges('phase', ['inventory:tests/1'], ['inventory:gate/artifacts', 'inventory:gate/secrets']),
    ...edges('pack', ['inventory:gate/artifacts', 'inventory:gate/secrets'], ['site:steps/fetch']),
    ...edges('output', ['site:steps/fetch'], ['site:steps/build']),
    ...edges('phase', ['site:steps/fetch', 'site:steps/build'], [...LINT, 'site:controls/lint-links']),
    ...edges('phase', LINT, TESTS),
    ...edges('phase', [...TESTS, 'site:controls/lint-links'], ['site:gate/secrets']),
  ],
}

function ended(status: Status, durationMs: number | null): Ended {
  const tone = status === 'passed' ? 'good' : status === 'skipped' ? 'idle' : 'bad'
  const reason = status === 'passed' ? null : 'It exited with code 1.'
  const attempts = durationMs === null ? 0 : 1
  return { status, tone, words: STATUS_WORDS[status], reason, durationMs, attempts, reused: false, key: null }
}

export const FAILED: RunOverlay = {
  name: '20260102T030405Z-0123abcd',
  verdict: 'failed',
  actions: new Map([
    ['inventory:tests/1', { ...ended('passed', 1200), key: 'ab'.repeat(32) }],
    ['inventory:gate/artifacts', ended('passed', null)],
    ['inventory:gate/secrets', ended('passed', null)],
    ['site:steps/fetch', ended('passed', 300)],
    ['site:steps/build', ended('passed', 64_000)],
    ['site:lint/links', ended('failed', 450)],
    ['site:lint/names', ended('passed', 20)],
    ['site:controls/lint-links', ended('passed', 30)],
    ['site:tests/pages', ended('skipped', null)],
    ['site:tests/sizes', ended('skipped', null)],
  ]),
  critical: [
    'inventory:tests/1',
    'inventory:gate/artifacts',
    'site:steps/fetch',
    'site:steps/build',
    'site:lint/links',
  ],
  criticalMs: 65_950,
}

export function viewOf(graph: Graph, parts: Partial<GraphView> = {}): GraphView {
  return { graph, whole: graph, run: null, isWay: false, ...parts }
}

/** So many packs with a step and a test each; a pack needs those of its list. */
export function manyPacks(needs: readonly (readonly number[])[]): Graph {
  const id = (at: number): string => `pack-${at}`
  const packs: ResolvedPack[] = needs.map((own, at) => packOf(id(at), { needs: own.map(id) }))
  const actions = needs.flatMap((_, at): Action[] => [
    commandAction(`${id(at)}:steps/make`),
    commandAction(`${id(at)}:tests/1`),
    gateAction(id(at)),
  ])
  const lines = needs.flatMap((own, at) => [
    ...edges('phase', [`${id(at)}:steps/make`], [`${id(at)}:tests/1`]),
    ...edges('phase', [`${id(at)}:tests/1`], [`${id(at)}:gate/artifacts`]),
    ...edges(
      'pack',
      own.map((need) => `${id(need)}:gate/artifacts`),
      [`${id(at)}:steps/make`],
    ),
  ])
  return { packs, actions, edges: lines }
}
