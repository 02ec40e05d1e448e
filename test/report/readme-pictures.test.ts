// The pictures of README.md show the packs of this repository as they are: `npx vitest run -u test/report/readme-pictures.test.ts`
// makes them anew.
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { partOf } from '../../src/graph/part.ts'
import { openWorkspace } from '../../src/host/folders.ts'
import type { Graph } from '../../src/model/graph.ts'
import { loadProject } from '../../src/project.ts'
import type { Ended } from '../../src/report/graph-view.ts'
import { svgOf } from '../../src/report/picture/render.ts'
import { viewOf } from '../support/pictures.ts'

let graph: Graph

beforeAll(async () => {
  const opened = await openWorkspace(fileURLToPath(new URL('../..', import.meta.url)))
  if (!opened.ok || !opened.value.config.ok) throw new Error('the workspace can not be read')
  const project = loadProject(opened.value.workspace, opened.value.config.value, { names: [], pillars: [], tags: [] })
  if (!project.graph) throw new Error(JSON.stringify(project.diagnostics))
  const shown = new Set(
    project.packs.flatMap(({ dir, definition: { id } }) => (dir.startsWith('task-packs/') ? [id] : [])),
  )
  graph = partOf(
    project.graph,
    new Set(project.graph.actions.filter(({ pack }) => shown.has(pack)).map(({ id }) => id)),
  )
})

it('the graph of the packs in task-packs', async () => {
  await expect(await svgOf(viewOf(graph), { fold: true })).toMatchFileSnapshot('../../.github/graph.svg')
})

/** Milliseconds, of a run in which somebody had written a link that leads nowhere. */
const TOOK: Readonly<Record<string, number>> = {
  'game-level-simulation:steps/resimulate': 251,
  'game-level-simulation:steps/simulate': 229,
  'game-level-simulation:format/data': 212,
  'game-level-simulation:lint/whole-numbers': 200,
  'game-level-simulation:tests/invariants': 1400,
  'game-level-simulation:tests/replay': 438,
  'web-static-site:steps/build': 452,
  'web-static-site:steps/rebuild': 322,
  'web-static-site:controls/format-sources': 191,
  'web-static-site:format/sources': 205,
  'web-static-site:controls/lint-pages': 383,
  'web-static-site:lint/pages': 448,
  'web-static-site:controls/tests-site': 463,
  'web-static-site:tests/site': 585,
}
const FAILED = 'web-static-site:tests/site'
const CRITICAL = ['steps/resimulate', 'format/data', 'lint/whole-numbers', 'tests/invariants']

it('a run of two of them that failed', async () => {
  const packs = new Set(['web-static-site', 'game-level-simulation'])
  const part = partOf(graph, new Set(graph.actions.filter(({ pack }) => packs.has(pack)).map(({ id }) => id)))
  const named = Object.keys(TOOK).filter((id) => !part.actions.some((action) => action.id === id))
  expect(named).toEqual([])
  const actions = part.actions.map(({ id, pack, phase }) => [id, ended(id, pack, phase)] as const)
  const critical = CRITICAL.map((name) => `game-level-simulation:${name}`)
  const criticalMs = critical.reduce((sum, id) => sum + (TOOK[id] ?? 0), 0)
  const name = '20261123T074152Z-88be38fd'
  const run = { name, verdict: 'failed', actions: new Map(actions), critical, criticalMs } as const
  const svg = await svgOf(viewOf(part, { run }), { fold: false })
  await expect(svg).toMatchFileSnapshot('../../.github/run.svg')
})

function ended(id: string, pack: string, phase: string): Ended {
  const durationMs = TOOK[id] ?? null
  const common = { durationMs, attempts: durationMs === null ? 0 : 1, reused: false, key: null, reason: null }
  if (id === FAILED) return { ...common, status: 'failed', tone: 'bad', words: 'failed (exit code 1)' }
  if (pack === 'web-static-site' && phase === 'gate') {
    return { ...common, status: 'skipped', tone: 'idle', words: 'skipped' }
  }
  return { ...common, status: 'passed', tone: 'good', words: 'passed' }
}
