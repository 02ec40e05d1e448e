// A run that has ended, made up from its actions and how they ended, to report on.
import { artifactPath } from '../../src/evidence/collect.ts'
import { buildManifest, manifestOutcome, planOf } from '../../src/evidence/manifest.ts'
import { buildRecord, type RecordInput } from '../../src/evidence/record.ts'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import { sha256 } from '../../src/model/digest.ts'
import { actionPath, type Action, type ActionId } from '../../src/model/graph.ts'
import type { ActionOutcome, Attempt } from '../../src/model/outcome.ts'
import type { Pack, PackDefinition } from '../../src/model/pack.ts'
import type { Guarantees } from '../../src/model/plan.ts'
import { treeOf, type TreeEntry } from '../../src/model/tree.ts'
import { buildReport, FOR_PEOPLE, type Bounds, type ReportInput } from '../../src/report/build-report.ts'
import type { Report } from '../../src/report/report-model.ts'
import type { FindSecrets } from '../../src/report/screening.ts'
import { commandAction, gateAction, outcome } from './actions.ts'
import { memoryRunFolder } from './memory-run-folder.ts'
import { packOf } from './packs.ts'
import { ENFORCED } from './guarantees.ts'

/** How one action ended; what is not given is that of a command that passed and printed nothing. */
export interface Ending extends Partial<ActionOutcome> {
  readonly action: Action
  readonly log?: string | Uint8Array
}

export interface RunParts {
  readonly packs: readonly Pack[]
  readonly endings: readonly Ending[]
  /** Bytes of artifacts by path in the workspace; each is an output of the gate `artifacts` of its pack. */
  readonly artifacts?: Readonly<Record<ActionId, Readonly<Record<string, string | Uint8Array>>>>
  readonly warnings?: readonly Diagnostic[]
  readonly record?: Partial<RecordInput>
  readonly guarantees?: Guarantees
  readonly partial?: boolean
  readonly interrupted?: boolean
  readonly findSecrets?: FindSecrets
  readonly bounds?: Bounds
}

export function packWith(id: string, definition: Partial<PackDefinition> = {}): Pack {
  const pack = packOf(id)
  return { ...pack, definition: { ...pack.definition, ...definition } }
}

/** What {@link buildReport} takes, for a run of these parts. */
export function reportInput(parts: RunParts): ReportInput {
  const { packs, warnings = [], guarantees = ENFORCED, partial = false, interrupted = false } = parts
  const folder = memoryRunFolder()
  const actions = parts.endings.map(({ action }) => action)
  const outcomes = parts.endings.map((ending) => outcomeOf(ending, parts, folder.write))
  const plan = planOf(packs, actions)
  const tool = { name: 'codex-orchestrator', version: '1.2.3' }
  const manifest = buildManifest({
    tool,
    guarantees,
    plan,
    outcomes: outcomes.map(manifestOutcome),
    partial,
    interrupted,
  })
  const digest = sha256(JSON.stringify(manifest))
  const record = buildRecord({
    run: folder.name,
    startedAt: 0,
    finishedAt: 61_500,
    host: { platform: 'linux', arch: 'x64', release: '6.1', hostname: 'secret-host', node: 'v20.20.2' },
    workspace: '/home/somebody/secret-project',
    executor: 'bubblewrap',
    limiter: 'watchdog',
    jobs: 4,
    argv: ['run', '-j4'],
    granted: [],
    verdict: manifest.verdict,
    manifest: digest,
    signal: null,
    tools: [],
    warnings,
    graph: { packs, actions },
    outcomes,
    ...parts.record,
  })
  return {
    manifest,
    digest,
    record,
    readPart: (path, size) => folder.part(path, size),
    artifactPath,
    findSecrets: parts.findSecrets ?? (async () => new Set()),
    bounds: parts.bounds ?? FOR_PEOPLE,
  }
}

export async function reportOf(parts: RunParts): Promise<Report> {
  return buildReport(reportInput(parts))
}

function outcomeOf(
  { action, log, ...fields }: Ending,
  { artifacts = {}, packs }: RunParts,
  write: (path: string, bytes: Uint8Array) => void,
): ActionOutcome {
  const attempts = log === undefined ? [] : [attemptOf(action.id, { bytes: Buffer.from(log), write, ...fields })]
  const dir = packs.find(({ definition }) => definition.id === action.pack)?.dir ?? ''
  const entries = Object.entries(artifacts[action.id] ?? {}).map(([path, content]): TreeEntry => {
    const bytes = Buffer.from(content)
    write(artifactPath(action.pack, dir, path), bytes)
    return { path, digest: sha256(bytes), executable: false, size: bytes.length }
  })
  return outcome(action.id, { attempts, ...(entries.length > 0 ? { outputs: treeOf(entries) } : {}), ...fields })
}

interface AttemptParts extends Partial<ActionOutcome> {
  readonly bytes: Uint8Array
  readonly write: (path: string, bytes: Uint8Array) => void
}

function attemptOf(id: ActionId, { bytes, write, status = 'passed', exitCode = 0 }: AttemptParts): Attempt {
  const path = `logs/${actionPath(id)}/1.log`
  write(path, bytes)
  const log = { path, totalBytes: bytes.length, digest: sha256(bytes) }
  return { number: 1, startedAt: 1000, durationMs: 1500, status, exitCode, log, connections: [] }
}

export function gates(pack: string): readonly [Ending, Ending] {
  return [{ action: gateAction(pack) }, { action: gateAction(pack, { id: `${pack}:gate/secrets`, gate: 'secrets' }) }]
}

/** One pack whose only test ended like this. */
export function oneTest(fields: Omit<Ending, 'action'>, text = 'check'): RunParts {
  const failed = fields.status !== undefined && fields.status !== 'passed'
  const skip = { status: 'skipped', reason: { kind: 'cause', action: 'p:tests/1' } } as const
  return {
    packs: [packWith('p')],
    endings: [
      { action: commandAction('p:tests/1', { text, argv: ['sh', '-ec', text] }), ...fields },
      ...gates('p').map((gate) => (failed ? { ...gate, ...skip } : gate)),
    ],
  }
}
