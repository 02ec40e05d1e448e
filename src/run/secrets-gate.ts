import { actionPath, type ActionId, type GateAction } from '../model/graph.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import type { PreparedAction } from '../model/plan.ts'
import type { ContentStore, LogFolder } from '../model/ports.ts'
import { artifactsAmong } from './gates.ts'
import { EMPTY_TREE, type Ending } from './outcomes.ts'
import { loadSecretRules, type FindSecrets } from './secret-rules.ts'
import { scanFiles, type ScannedFile } from './secret-scan.ts'

/** A manifest names at most this many findings, and says whether there are others. */
const MOST_FINDINGS = 100

export interface SecretsGateInput {
  readonly store: ContentStore
  readonly folder: LogFolder
  readonly outcomes: ReadonlyMap<ActionId, ActionOutcome>
  readonly signal: AbortSignal
  /** Loads the rules; called only if there is something to look through. */
  readonly loadRules?: () => Promise<FindSecrets>
}

/** The gate `secrets`: no credential is in what the gate `artifacts` keeps, in what the steps of a change pack have made of files, nor in the log of an attempt at a command of the pack. */
export async function runSecretsGate(
  { action, inputs, changes = [] }: PreparedAction<GateAction>,
  { store, folder, outcomes, signal, loadRules = loadSecretRules }: SecretsGateInput,
): Promise<Ending> {
  const artifacts = artifactsAmong(inputs, action).entries.map((entry) => ({
    path: entry.path,
    chunks: () => store.chunks(entry),
  }))
  const changed = changes.flatMap(({ path, after }) =>
    after ? [{ path, chunks: () => store.chunks({ path, ...after }) }] : [],
  )
  const files = [...artifacts, ...changed, ...logsOf(action, { folder, outcomes })]
  const ending = { exitCode: null, outputs: EMPTY_TREE, attempts: [] }
  if (files.length === 0) return { ...ending, status: 'passed', reason: null }
  const { kept, more } = await scanFiles(files, { find: await loadRules(), signal, limit: MOST_FINDINGS })
  if (signal.aborted) return { ...ending, status: 'interrupted', reason: null }
  if (kept.length === 0) return { ...ending, status: 'passed', reason: null }
  return { ...ending, status: 'failed', reason: { kind: 'secrets', findings: kept, more } }
}

function logsOf(
  { logs }: GateAction,
  { folder, outcomes }: Pick<SecretsGateInput, 'folder' | 'outcomes'>,
): ScannedFile[] {
  return logs.flatMap((id) => {
    const paths = (outcomes.get(id)?.attempts ?? []).flatMap(({ log }) => log.path ?? [])
    return paths.map((path) => ({ path: `logs/${actionPath(id)}/*.log`, chunks: () => folder.chunks(path) }))
  })
}
