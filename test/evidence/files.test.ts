import { describe, expect, it } from 'vitest'
import { artifactPath, createCollector } from '../../src/evidence/collect.ts'
import { createJournal } from '../../src/evidence/journal.ts'
import { buildRecord, recordBytes, type RecordInput } from '../../src/evidence/record.ts'
import { diagnostic } from '../../src/model/diagnostic.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { Connection } from '../../src/model/outcome.ts'
import type { ContentStore } from '../../src/model/ports.ts'
import { checksums, treeOf, type TreeEntry } from '../../src/model/tree.ts'
import { commandAction, entry, gateAction, NO_FILES, outcome } from '../support/actions.ts'
import { memoryRunFolder } from '../support/memory-run-folder.ts'
import { packOf } from '../support/packs.ts'

interface Exported {
  readonly path: string
  readonly target: string
}

function storeThatExports(exported: Exported[]): ContentStore {
  const unused = (): never => {
    throw new Error('not expected')
  }
  return {
    stage: unused,
    add: unused,
    read: unused,
    chunks: unused,
    export: ({ path }, target) => exported.push({ path, target }),
  }
}

function collector() {
  const exported: Exported[] = []
  const folder = memoryRunFolder()
  const packs = [packOf('p'), packOf('root', { dir: '' })]
  return { exported, folder, collect: createCollector({ folder, store: storeThatExports(exported), packs }) }
}

describe('the input list of an action', () => {
  const inputs = treeOf([entry('packs/p/b'), entry('packs/p/a\\b')])

  it('is what sha256sum -c reads, and its digest is that of the manifest', () => {
    const { collect, folder } = collector()
    collect(commandAction('p:tests/1'), outcome('p:tests/1', { inputs }))
    collect(commandAction('p:tests/2'), outcome('p:tests/2', { inputs, status: 'failed' }))
    expect([...folder.files.keys()]).toEqual(['inputs/p/tests/1.sha256', 'inputs/p/tests/2.sha256'])
    expect(folder.text('inputs/p/tests/1.sha256')).toBe(checksums(inputs.entries))
    expect(sha256(folder.text('inputs/p/tests/2.sha256'))).toBe(inputs.digest)
  })

  it('is there for every action that became ready, even without inputs, and for no other', () => {
    const { collect, folder } = collector()
    collect(gateAction('p'), outcome('p:gate/artifacts', { inputs: NO_FILES }))
    collect(commandAction('p:tests/1'), outcome('p:tests/1', { inputs: null, status: 'skipped' }))
    expect([...folder.files.keys()]).toEqual(['inputs/p/gate/artifacts.sha256'])
  })

  it('stays right when more lists are made than are kept', () => {
    const { collect, folder } = collector()
    const name = 'n'.repeat(4_000)
    const trees = Array.from({ length: 12 }, (_, at) =>
      treeOf(Array.from({ length: 250 }, (_entry, n): TreeEntry => ({ ...entry('x'), path: `${at}/${n}/${name}` }))),
    )
    for (const round of [1, 2]) {
      for (const [at, tree] of trees.entries()) {
        const id = `p:steps/${round}-${at}`
        collect(commandAction(id), outcome(id, { inputs: tree }))
        expect(sha256(folder.text(`inputs/p/steps/${round}-${at}.sha256`))).toBe(tree.digest)
      }
    }
  })
})

describe('artifacts', () => {
  it('are exported when the gate lets them through, and only then', () => {
    const { collect, exported, folder } = collector()
    const outputs = treeOf([entry('packs/p/artifacts/report.json'), entry('dist/site.css')])
    collect(commandAction('p:tests/1'), outcome('p:tests/1', { outputs }))
    expect(exported).toEqual([])
    collect(gateAction('p'), outcome('p:gate/artifacts', { outputs }))
    expect(exported).toEqual([
      { path: 'dist/site.css', target: `${folder.path}/artifacts/p/@workspace/dist/site.css` },
      { path: 'packs/p/artifacts/report.json', target: `${folder.path}/artifacts/p/artifacts/report.json` },
    ])
  })

  it('keep their place in the pack, or in the workspace if they lie outside', () => {
    expect(artifactPath('p', 'packs/p', 'packs/p/out/a')).toBe('artifacts/p/out/a')
    expect(artifactPath('p', 'packs/p', 'out/a')).toBe('artifacts/p/@workspace/out/a')
    expect(artifactPath('p', 'packs/p', 'packs/p2/a')).toBe('artifacts/p/@workspace/packs/p2/a')
    expect(artifactPath('root', '', 'out/a')).toBe('artifacts/root/out/a')
  })
})

describe('the journal', () => {
  it('holds one canonical line for each event, with the input tree as its digest', () => {
    const folder = memoryRunFolder()
    const journal = createJournal(folder)
    journal({ type: 'run-interrupted', signal: 'SIGINT', at: 5 })
    const inputs = treeOf([entry('in')])
    const outputs = treeOf([entry('out')])
    const ended = outcome('p:tests/1', { inputs, outputs, reason: { kind: 'undeclared-writes', paths: ['a\nb'] } })
    journal({ type: 'action-finished', at: 6, outcome: ended })
    journal({ type: 'action-finished', at: 7, outcome: outcome('p:tests/2', { inputs: null }) })
    const [first, second, third, ...rest] = folder.text('events.jsonl').split('\n')
    expect(first).toBe('{"at":5,"signal":"SIGINT","type":"run-interrupted"}')
    expect(JSON.parse(second ?? '')).toEqual({
      type: 'action-finished',
      at: 6,
      outcome: { ...ended, inputs: inputs.digest, outputs: outputs.entries },
    })
    expect(JSON.parse(third ?? '')).toMatchObject({ outcome: { inputs: null, outputs: [] } })
    expect(rest).toEqual([''])
  })
})

describe('the run record', () => {
  const connection: Connection = {
    ...{ at: 1_800, host: 'example.org', port: 443, address: '93.184.216.34', verdict: 'allowed', reason: null },
    ...{ sent: 10, received: 20 },
  }
  const attempt = {
    connections: [],
    exitCode: 1,
    log: { path: 'logs/p/tests/1/1.log', totalBytes: 3, digest: sha256('log') },
  }
  const place = { file: 'packs/p/task.yml', start: { line: 7, column: 3 }, end: { line: 7, column: 9 } }
  const input: RecordInput = {
    run: '20260101T000000Z-00000000',
    startedAt: 1_000,
    finishedAt: 4_500,
    host: { platform: 'linux', arch: 'x64', release: '6.1', hostname: 'box', node: 'v20.20.2' },
    workspace: '/home/somebody/project',
    executor: 'bubblewrap',
    limiter: 'cgroup',
    jobs: 2,
    argv: ['run', '-j2'],
    granted: [{ pack: 'p', definition: null, network: [], secrets: ['TOKEN'], cloud: false }],
    verdict: 'failed',
    manifest: sha256('manifest'),
    signal: null,
    tools: [{ name: 'node', version: '20.20.2', digest: sha256('node'), path: '/usr/bin/node' }],
    warnings: [
      diagnostic(
        'glob-matches-nothing',
        { file: 'p/task.yml', start: { line: 3, column: 5 }, end: { line: 3, column: 9 } },
        { glob: 'x*', suggestion: null },
        { severity: 'warning' },
      ),
      diagnostic('no-packs', null, { patterns: [] }, { severity: 'warning' }),
    ],
    graph: {
      packs: [packOf('p')],
      actions: [commandAction('p:steps/heavy', { place }), commandAction('p:tests/1', { place }), gateAction('p')],
    },
    outcomes: [
      outcome('p:steps/heavy', { status: 'limit', reason: { kind: 'limit', limit: 'memory' } }),
      outcome('p:tests/1', {
        status: 'failed',
        attempts: [
          { ...attempt, number: 1, startedAt: 1_100, durationMs: 50, status: 'timed-out' },
          { ...attempt, number: 2, startedAt: 1_700, durationMs: 300, status: 'failed', connections: [connection] },
        ],
      }),
      outcome('p:gate/artifacts', { status: 'skipped' }),
    ],
  }

  it('holds what the manifest must not: times, host, attempts and logs', () => {
    expect(buildRecord(input)).toMatchObject({
      recordVersion: 1,
      verdict: 'failed',
      manifest: sha256('manifest'),
      startedAt: '1970-01-01T00:00:01.000Z',
      finishedAt: '1970-01-01T00:00:04.500Z',
      durationMs: 3_500,
      host: input.host,
      tools: input.tools,
      warnings: [
        {
          code: 'glob-matches-nothing',
          severity: 'warning',
          place: 'p/task.yml:3:5',
          facts: { glob: 'x*', suggestion: null },
        },
        { code: 'no-packs', severity: 'warning', place: null, facts: { patterns: [] } },
      ],
      packs: [{ id: 'p', title: 'p', pillar: 'platform', domain: null, risk: 'low', dir: 'packs/p' }],
      actions: [
        { id: 'p:steps/heavy', status: 'limit', limits: { memoryBytes: 2 ** 30 } },
        {
          id: 'p:tests/1',
          place: 'packs/p/task.yml:7:3',
          status: 'failed',
          durationMs: 900,
          attempts: [
            { number: 1, startedAt: '1970-01-01T00:00:01.100Z', status: 'timed-out' },
            {
              number: 2,
              startedAt: '1970-01-01T00:00:01.700Z',
              log: attempt.log,
              connections: [{ ...connection, at: '1970-01-01T00:00:01.800Z' }],
            },
          ],
        },
        { id: 'p:gate/artifacts', status: 'skipped', durationMs: 0, attempts: [] },
      ],
    })
  })

  it('is written as indented JSON that says the same', () => {
    const record = buildRecord(input)
    const bytes = recordBytes(record)
    expect(JSON.parse(bytes)).toEqual(record)
    expect(bytes.endsWith('\n}\n')).toBe(true)
  })
})
