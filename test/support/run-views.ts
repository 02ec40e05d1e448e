// Runs that never were: what a run would leave of a small world of files and commands.
import { canonicalJson } from '../../src/model/canonical.ts'
import { sha256, type Digest } from '../../src/model/digest.ts'
import { PHASES } from '../../src/model/graph.ts'
import type { Reason, Status, Verdict } from '../../src/model/outcome.ts'
import type { Pack } from '../../src/model/pack.ts'
import type { Guarantees } from '../../src/model/plan.ts'
import type { Fingerprint, RunView, ViewedAction } from '../../src/model/run-view.ts'
import { treeOf, type TreeEntry } from '../../src/model/tree.ts'
import { entry } from './actions.ts'
import { ENFORCED } from './guarantees.ts'

export interface WorldAction {
  readonly id: string
  readonly command?: readonly string[]
  /** Files of the world that it reads. */
  readonly reads?: readonly string[]
  /** Actions whose outputs it reads. */
  readonly from?: readonly string[]
  readonly needs?: readonly string[]
  readonly outputs?: readonly string[]
  /** What its outputs hold; by default something that follows from all that it reads. */
  readonly makes?: string
  readonly env?: Readonly<Record<string, string>>
  readonly tools?: Readonly<Record<string, string>>
  readonly mounts?: Readonly<Record<string, string>>
  readonly limits?: Readonly<Record<string, number>>
  readonly grants?: readonly string[]
  readonly status?: Status
  readonly exitCode?: number
  readonly reason?: Reason
  /** It was ready, although it did not pass. */
  readonly executables?: readonly string[]
}

export interface World {
  readonly files?: Readonly<Record<string, string>>
  readonly actions: readonly WorldAction[]
  readonly packs?: readonly { readonly id: string; readonly definition?: string; readonly needs?: readonly string[] }[]
  readonly definitions?: Readonly<Record<string, Pack>>
  readonly tool?: string
  readonly guarantees?: Partial<Guarantees>
  readonly verdict?: Verdict
  readonly refusals?: RunView['refusals']
  /** What of it can't be read any more. */
  readonly lost?: 'keys' | 'inputs'
}

const NOT_RUN: readonly Status[] = ['skipped', 'interrupted']

/** What is left when everything in the world has run. */
export function viewOf(world: World): RunView {
  const guarantees = { ...ENFORCED, ...world.guarantees }
  const made = new Map<string, readonly TreeEntry[]>()
  const fingerprints = new Map<Digest, Fingerprint>()
  const trees = new Map<Digest, ReadonlyMap<string, Digest>>()
  const actions = world.actions.map((action): ViewedAction => {
    const base = basis(action)
    if (action.status && NOT_RUN.includes(action.status)) return base
    const read = (action.reads ?? []).flatMap((path) => {
      const text = world.files?.[path]
      return text === undefined ? [] : [entry(path, text)]
    })
    const inputs = treeOf([...read, ...(action.from ?? []).flatMap((id) => made.get(id) ?? [])])
    const fingerprint = fingerprintOf(action, inputs.digest, guarantees)
    const key = sha256(canonicalJson(fingerprint))
    fingerprints.set(key, fingerprint)
    trees.set(inputs.digest, new Map(inputs.entries.map(({ path, digest }) => [path, digest])))
    const content = action.makes ?? `${base.command?.join(' ')} ${inputs.digest} ${canonicalJson(action.env ?? {})}`
    const outputs =
      base.status === 'passed' ? (action.outputs ?? []).map((path) => entry(path, `${path} ${content}`)) : []
    made.set(action.id, outputs)
    return { ...base, key, inputs: inputs.digest, outputs }
  })
  const packs = world.packs ?? [...new Set(world.actions.map(({ id }) => packIdOf(id)))].map((id) => ({ id }))
  return {
    digest: sha256(JSON.stringify(world)),
    tool: { name: 'codex-orchestrator', version: world.tool ?? '1.0.0' },
    guarantees,
    refusals: world.refusals ?? [],
    verdict: world.verdict ?? 'passed',
    partial: false,
    packs: packs.map((pack) => ({
      id: pack.id,
      definition: sha256(('definition' in pack && pack.definition) || pack.id),
      needs: ('needs' in pack && pack.needs) || [],
      grants: [],
    })),
    actions,
    fingerprint: ({ key }) => (key === null || world.lost === 'keys' ? null : (fingerprints.get(key) ?? null)),
    inputs: ({ inputs }) => (inputs === null || world.lost === 'inputs' ? null : (trees.get(inputs) ?? null)),
    definition: (id) => world.definitions?.[id] ?? null,
  }
}

function basis(action: WorldAction): ViewedAction {
  const { id, status = 'passed', reason = null, exitCode = status === 'passed' ? 0 : null } = action
  const name = id.slice(id.indexOf(':') + 1).split('/')[0]
  return {
    id,
    pack: packIdOf(id),
    phase: PHASES.find((phase) => phase === name) ?? 'steps',
    command: action.command ?? ['sh', '-ec', `run ${id}`],
    key: null,
    inputs: null,
    needs: action.needs ?? action.from ?? [],
    status,
    reason,
    exitCode,
    outputs: [],
    waitsFor: [],
  }
}

function packIdOf(id: string): string {
  return id.slice(0, id.indexOf(':'))
}

function fingerprintOf(action: WorldAction, digest: Digest, guarantees: Guarantees): Fingerprint {
  const pairs = (values: Readonly<Record<string, string>> = {}): readonly (readonly [string, string])[] =>
    Object.entries(values)
  return {
    version: 1,
    arguments: basis(action).command,
    environmentVariables: pairs(action.env).map(([name, value]) => ({ name, value })),
    inputs: { digest, executables: action.executables ?? [] },
    outputPaths: action.outputs ?? [],
    tools: pairs(action.tools).map(([name, version]) => ({ name, version, digest: sha256(version) })),
    mounts: pairs(action.mounts).map(([path, identity]) => ({ path, digest: sha256(identity) })),
    limits: action.limits ?? { timeoutMs: 1000 },
    grants: action.grants ?? [],
    guarantees: guarantees,
  }
}
