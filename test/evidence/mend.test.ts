import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conclude, MANIFEST, RECORD } from '../../src/evidence/conclude.ts'
import { createJournal, JOURNAL } from '../../src/evidence/journal.ts'
import { buildManifest, manifestOutcome, planOf } from '../../src/evidence/manifest.ts'
import { mend, mendCrashed } from '../../src/evidence/mend/mend.ts'
import { openingFiles } from '../../src/evidence/opening.ts'
import type { RunRecord } from '../../src/model/record.ts'
import { replayJournal } from '../../src/evidence/replay.ts'
import { SEAL } from '../../src/evidence/seal.ts'
import type { RunEvent } from '../../src/model/event.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { Manifest } from '../../src/model/manifest.ts'
import type { Attempt } from '../../src/model/outcome.ts'
import type { Guarantees } from '../../src/model/plan.ts'
import { checksums, treeOf } from '../../src/model/tree.ts'
import { commandAction, entry, gateAction, outcome } from '../support/actions.ts'
import { memoryRunFolder, type MemoryRunFolder } from '../support/memory-run-folder.ts'
import { packOf } from '../support/packs.ts'

const tool = { name: 'codex-orchestrator', version: '1.2.3' }
const guarantees: Guarantees = {
  ...{ network: 'none', filesystem: 'none', processes: 'none', environment: 'none', syscalls: 'none' },
}
const plan = planOf([packOf('p')], [commandAction('p:steps/ü'), commandAction('p:tests/1'), gateAction('p')])
const inputs = treeOf([entry('packs/p/in')])
const LOG = 'logs/p/steps/ü/1.log'
const attempt: Attempt = {
  ...{ number: 1, startedAt: 1500, durationMs: 20, status: 'passed', exitCode: 0, connections: [] },
  log: { path: LOG, totalBytes: 3, digest: sha256('up\n') },
}
const HEAD = {
  ...{ startedAt: 1000, workspace: '/ws', jobs: 9, argv: ['run'], granted: [] },
  host: { platform: 'linux', arch: 'x64', release: '6', hostname: 'h', node: '20' },
}
const made = outcome('p:steps/ü', { inputs, attempts: [attempt] })
const FINISHED: readonly RunEvent[] = [
  made,
  outcome('p:tests/1', { inputs: null }),
  outcome('p:gate/artifacts', { inputs: null }),
].map((one) => ({
  ...{ type: 'action-finished', at: 1600, outcome: one },
}))

/** A run's folder as it stands while the run goes on, after some events of it. */
function runAfter(events: readonly RunEvent[]): MemoryRunFolder {
  const folder = memoryRunFolder()
  for (const [path, bytes] of Object.entries(openingFiles(tool, { ...HEAD, run: folder.name })))
    folder.write(path, bytes)
  folder.write(LOG, 'up\n')
  folder.write('logs/p/tests/1/1.log', 'half a l')
  folder.write('inputs/p/steps/ü.sha256', checksums(inputs.entries))
  const journal = createJournal(folder)
  for (const event of events) journal(event)
  return folder
}

const STARTED: RunEvent = {
  ...{ type: 'run-started', at: 1100, run: memoryRunFolder().name, executor: 'none', guarantees, jobs: 3, tool, plan },
}
const BEGUN: readonly RunEvent[] = [
  STARTED,
  { type: 'action-started', at: 1500, action: 'p:steps/ü', attempt: 1 },
  { type: 'attempt-finished', at: 1520, action: 'p:steps/ü', attempt, retryInMs: null },
]
const whole = buildManifest({
  ...{ tool, guarantees, plan, partial: false, interrupted: false },
  outcomes: FINISHED.flatMap((event) => (event.type === 'action-finished' ? [manifestOutcome(event.outcome)] : [])),
})

const REPAIR = { type: 'run-repaired', at: 5000 } as const

function manifestIn(folder: MemoryRunFolder): Manifest {
  return JSON.parse(folder.text(MANIFEST)) as Manifest
}

function recordIn(folder: MemoryRunFolder): RunRecord {
  return JSON.parse(folder.text(RECORD)) as RunRecord
}

function statuses(folder: MemoryRunFolder): readonly string[] {
  return manifestIn(folder).actions.map(({ status }) => status)
}

/** Every file but the list itself is in it, as it is. */
function expectSealed(folder: MemoryRunFolder): void {
  const lines = [...folder.files].filter(([path]) => path !== SEAL).map(([path, bytes]) => `${sha256(bytes)}  ${path}`)
  expect(folder.text(SEAL).trimEnd().split('\n').toSorted()).toEqual(lines.toSorted())
}

describe('repairing a run', () => {
  it('keeps what was told to have ended, and calls the rest interrupted', () => {
    const folder = runAfter([...BEGUN, ...FINISHED.slice(0, 1)])
    const journal = folder.text(JOURNAL)
    expect(mend(folder, REPAIR)).toMatchObject({ ok: true, value: { torn: 0, manifest: { verdict: 'interrupted' } } })
    expect(statuses(folder)).toEqual(['passed', 'interrupted', 'interrupted'])
    expect(folder.text(JOURNAL).startsWith(journal)).toBe(true)
    expect(replayJournal(folder.text(JOURNAL))).toMatchObject({
      value: { manifest: manifestIn(folder), written: null },
    })
    expect(recordIn(folder)).toMatchObject({
      ...{ verdict: 'interrupted', executor: 'none', jobs: 3, workspace: '/ws', durationMs: 600, signal: null },
      actions: [{ status: 'passed', durationMs: 20, attempts: [{ number: 1 }] }, { attempts: [] }, { attempts: [] }],
    })
    expectSealed(folder)
  })

  it('keeps the attempts of an action that had not ended', () => {
    const folder = runAfter(BEGUN)
    expect(mend(folder, REPAIR).ok).toBe(true)
    expect(recordIn(folder).actions[0]).toMatchObject({ status: 'interrupted', attempts: [{ log: { path: LOG } }] })
  })

  it.each([
    ['nothing but its start', []],
    ['a line that was cut off at once', null],
  ] as const)('of which the journal holds %s says that it was interrupted', (_, events) => {
    const folder = runAfter(events ?? [])
    if (events === null) folder.append(JOURNAL, '{"at":1')
    expect(mend(folder, REPAIR)).toMatchObject({ ok: true, value: { torn: events === null ? 7 : 0 } })
    expect(manifestIn(folder)).toEqual({
      ...{ manifestVersion: 1, tool, guarantees: null, verdict: 'interrupted', packs: [], actions: [] },
    })
    expectSealed(folder)
  })

  it('that was refused says so', () => {
    const refusals = [{ code: 'no-sandbox', pack: null, field: '' }]
    const folder = runAfter([{ type: 'run-refused', at: 1, run: 'r', tool, refusals }])
    expect(mend(folder, REPAIR).ok).toBe(true)
    expect(manifestIn(folder)).toMatchObject({ verdict: 'refused', refusals })
  })

  it('never passes what had not ended, and loses no line, wherever the journal is cut off', () => {
    const events = [...BEGUN, ...FINISHED]
    const bytes = Buffer.from(runAfter(events).text(JOURNAL))
    fc.assert(
      fc.property(fc.nat(bytes.length), (length) => {
        const folder = runAfter([])
        folder.append(JOURNAL, bytes.subarray(0, length))
        const mended = mend(folder, REPAIR)
        expect(mended).toMatchObject({ ok: true, value: { manifest: { verdict: 'interrupted' } } })
        const lines = folder.text(JOURNAL).trimEnd().split('\n')
        const last = JSON.parse(lines.pop() ?? '') as { readonly type: string; readonly torn: string | null }
        const kept = lines.map((line) => `${line}\n`).join('')
        const torn = Buffer.from(last.torn ?? '', 'base64')
        const before = Buffer.concat([Buffer.from(kept), torn])
        expect(before.subarray(0, length).equals(bytes.subarray(0, length))).toBe(true)
        // A line that lacks nothing but its end is whole.
        expect(before.length - length).toBeLessThan(2)
        const told = kept.split('\n').filter((line) => line.includes('"type":"action-finished"')).length
        expect(statuses(folder).filter((status) => status === 'passed')).toHaveLength(told)
        expectSealed(folder)
      }),
    )
  })

  it('passes only one that had come to its end, with the manifest that it was to have', async () => {
    const folder = runAfter([...BEGUN, ...FINISHED])
    const journal = createJournal(folder)
    await conclude(folder, journal, {
      ...{ manifest: whole, at: 2000, interrupted: false, attestor: null, addTo: () => null },
    })
    const manifest = folder.text(MANIFEST)
    folder.write(MANIFEST, openingFiles(tool, { ...HEAD, run: folder.name })[MANIFEST] ?? '')
    folder.remove(SEAL)
    expect(mend(folder, REPAIR)).toMatchObject({ ok: true, value: { digest: sha256(manifest) } })
    expect(folder.text(MANIFEST)).toBe(manifest)
    expect(manifestIn(folder).verdict).toBe('passed')
    expect(replayJournal(folder.text(JOURNAL))).toMatchObject({ value: { written: sha256(manifest) } })
  })

  it('leaves one alone that is complete, also one that it has repaired itself', () => {
    const folder = runAfter(BEGUN)
    expect(mend(folder, REPAIR).ok).toBe(true)
    const files = new Map(folder.files)
    expect(mend(folder, REPAIR)).toEqual({ ok: false, error: { kind: 'complete' } })
    expect(folder.files).toEqual(files)
  })

  it('goes on where another repair was killed', () => {
    const folder = runAfter(BEGUN)
    const before = folder.text(MANIFEST)
    expect(mend(folder, REPAIR).ok).toBe(true)
    const [journal, manifest] = [folder.text(JOURNAL), folder.text(MANIFEST)]
    folder.write(MANIFEST, before)
    expect(mend(folder, { ...REPAIR, at: 6000 }).ok).toBe(true)
    expect([folder.text(JOURNAL), folder.text(MANIFEST)]).toEqual([journal, manifest])
    expectSealed(folder)
  })

  it('takes away what was being written, and statements and reports about another end', () => {
    const folder = runAfter(BEGUN)
    const left = ['manifest.json.0123abcd', 'statement.dsse.json', 'provenance.dsse.json', 'report.html', 'report.md']
    for (const path of left) folder.write(path, 'PASSED')
    folder.write('artifacts/p/report.md', 'kept')
    expect(mend(folder, REPAIR).ok).toBe(true)
    expect([...folder.files.keys()].filter((path) => left.includes(path))).toEqual([])
    expect(folder.text('artifacts/p/report.md')).toBe('kept')
    expectSealed(folder)
  })
})

describe('a run is not repaired, and left as it is,', () => {
  const TOLD = [...BEGUN, ...FINISHED.slice(0, 1)]
  it.each([
    ['whose log is lost', (run: MemoryRunFolder) => run.remove(LOG), { kind: 'lost', path: LOG }],
    [
      'whose list of inputs is another',
      (run: MemoryRunFolder) => run.write('inputs/p/steps/ü.sha256', ''),
      { kind: 'lost', path: 'inputs/p/steps/ü.sha256' },
    ],
    ['whose record is none', (run: MemoryRunFolder) => run.write(RECORD, '{}'), { kind: 'record' }],
    [
      'whose journal was damaged in its middle',
      (run: MemoryRunFolder) => run.write(JOURNAL, run.text(JOURNAL).replace('"at":1500', '"at":"x"')),
      { kind: 'journal', problem: { line: 2, problem: 'unexpected' } },
    ],
    [
      'whose journal tells of attempts that are none',
      (run: MemoryRunFolder) => run.write(JOURNAL, run.text(JOURNAL).replaceAll('"durationMs":20', '"durationMs":"x"')),
      { kind: 'record' },
    ],
  ])('%s', (_, damage, error) => {
    const folder = runAfter(TOLD)
    damage(folder)
    const before = new Map(folder.files)
    expect(mend(folder, REPAIR)).toEqual({ ok: false, error })
    expect(folder.files).toEqual(before)
  })

  it('of which neither journal nor manifest tells anything', () => {
    const folder = runAfter([])
    folder.write(MANIFEST, 'x')
    expect(mend(folder, REPAIR)).toEqual({ ok: false, error: { kind: 'journal', problem: null } })
  })
})

describe('a crash', () => {
  it('completes the evidence, with the error and without a pass', () => {
    const folder = runAfter([...BEGUN, ...FINISHED])
    mendCrashed(folder, new Error('outer', { cause: new TypeError('inner') }), 3000)
    expect(manifestIn(folder)).toMatchObject({ verdict: 'interrupted', packs: [{ verdict: 'passed' }] })
    const error = 'Error: outer; caused by TypeError: inner'
    expect(JSON.parse(folder.text(JOURNAL).trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'run-crashed',
      error,
    })
    expectSealed(folder)
  })

  it('takes back an end that was told but never written', () => {
    const folder = runAfter([...BEGUN, ...FINISHED])
    createJournal(folder)({
      ...{ type: 'run-finished', at: 2000, verdict: 'passed', manifest: 'a'.repeat(64) },
      ...{ partial: false, interrupted: false },
    })
    mendCrashed(folder, new Error('late'), 3000)
    expect(manifestIn(folder).verdict).toBe('interrupted')
    expect(replayJournal(folder.text(JOURNAL))).toMatchObject({ value: { written: null } })
  })

  it('leaves a run alone that has a manifest, and says nothing of its own', () => {
    const folder = runAfter(BEGUN)
    mendCrashed(folder, new Error('first'), 3000)
    const before = new Map(folder.files)
    mendCrashed(folder, new Error('second'), 4000)
    expect(folder.files).toEqual(before)
    const full = {
      ...runAfter(BEGUN),
      writeAtomically: () => {
        throw new Error('ENOSPC')
      },
    }
    expect(() => mendCrashed(full, new Error('first'), 3000)).not.toThrow()
  })
})
