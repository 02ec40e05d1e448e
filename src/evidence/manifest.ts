import { canonicalJson, type Json } from '../model/canonical.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Action, ActionId } from '../model/graph.ts'
import { capabilitiesOf, namesOf } from '../model/grant.ts'
import { MANIFEST_VERSION, type Manifest, type ManifestAction, type ManifestPack } from '../model/manifest.ts'
import { compareBytes } from '../model/order.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import type { Pack, PackId } from '../model/pack.ts'
import type { Guarantees } from '../model/plan.ts'
import { treeOf, type Tree, type TreeEntry } from '../model/tree.ts'
import { packVerdicts, verdictOf, type PackVerdict } from './verdict.ts'

export interface ManifestHead {
  readonly tool: { readonly name: string; readonly version: string }
  /** `null` until the sandbox has been probed. */
  readonly guarantees: Guarantees | null
}

export interface ManifestInput extends ManifestHead {
  /** In plan order, as are the actions. */
  readonly packs: readonly Pack[]
  readonly actions: readonly Action[]
  /** One for each action, in any order. */
  readonly outcomes: readonly ActionOutcome[]
  readonly partial: boolean
  /** Whether a signal or a crash ended the run. */
  readonly interrupted: boolean
}

/**
 * The manifest of a run that has ended.
 *
 * @throws RangeError if the outcomes are not exactly those of the actions
 */
export function buildManifest(input: ManifestInput): Manifest {
  const outcomes = byAction(input)
  const results = { ...input, packs: input.packs.map(({ definition }) => definition.id) }
  const artifacts = artifactsOf(input.actions, outcomes)
  const found = { verdicts: packVerdicts(results), artifacts }
  return {
    ...headOf(input),
    verdict: verdictOf(results),
    ...(input.partial ? { partial: true } : {}),
    packs: input.packs.map((pack) => manifestPack(pack, found)),
    actions: input.actions.map((action) => manifestAction(action, outcomes)),
  }
}

/** What stands in the run's folder until the run has ended, and stays there if codex is killed. */
export function startedManifest(head: ManifestHead): Manifest {
  return { ...headOf(head), verdict: 'started', packs: [], actions: [] }
}

/** The manifest of a run in which nothing was allowed to start; `diagnostics` say why. */
export function refusedManifest(head: ManifestHead, diagnostics: readonly Diagnostic[]): Manifest {
  const refusals = diagnostics.map(refusalOf).toSorted(compareRefusals)
  return { ...headOf(head), verdict: 'refused', refusals, packs: [], actions: [] }
}

/** manifest.json, byte for byte: canonical JSON (RFC 8785) without a line break at its end. */
export function manifestBytes(manifest: Manifest): string {
  return canonicalJson(manifest as unknown as Json)
}

function headOf({ tool, guarantees }: ManifestHead): Pick<Manifest, 'manifestVersion' | 'tool' | 'guarantees'> {
  return { manifestVersion: MANIFEST_VERSION, tool: { name: tool.name, version: tool.version }, guarantees }
}

function byAction({ actions, outcomes }: ManifestInput): ReadonlyMap<ActionId, ActionOutcome> {
  const known = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
  const exact = known.size === outcomes.length && known.size === actions.length
  if (!exact || !actions.every(({ id }) => known.has(id))) throw new RangeError('outcomes and actions are not the same')
  return known
}

interface PackResults {
  readonly verdicts: ReadonlyMap<PackId, PackVerdict>
  readonly artifacts: ReadonlyMap<PackId, readonly TreeEntry[]>
}

function manifestPack({ definition, digest }: Pack, results: PackResults): ManifestPack {
  const { id, needs } = definition
  return {
    id,
    definition: digest,
    needs: [...new Set(needs)].toSorted(compareBytes),
    // It ran, so all that it asks for was granted.
    grants: namesOf(capabilitiesOf(definition)),
    verdict: results.verdicts.get(id) ?? 'failed',
    artifacts: entriesOf(treeOf(results.artifacts.get(id) ?? [])),
  }
}

/** What the gates of each pack have let through. */
function artifactsOf(
  actions: readonly Action[],
  outcomes: ReadonlyMap<ActionId, ActionOutcome>,
): ReadonlyMap<PackId, readonly TreeEntry[]> {
  const artifacts = new Map<PackId, TreeEntry[]>()
  for (const { id, kind, pack } of actions) {
    if (kind !== 'gate') continue
    artifacts.set(pack, [...(artifacts.get(pack) ?? []), ...(outcomes.get(id)?.outputs.entries ?? [])])
  }
  return artifacts
}

function manifestAction(action: Action, outcomes: ReadonlyMap<ActionId, ActionOutcome>): ManifestAction {
  const outcome = outcomes.get(action.id)
  if (outcome === undefined) throw new RangeError(`${action.id} has no outcome`)
  return {
    id: action.id,
    pack: action.pack,
    phase: action.phase,
    command: action.kind === 'command' ? action.argv : null,
    key: outcome.key,
    inputs: outcome.inputs?.digest ?? null,
    needs: action.needs,
    status: outcome.status,
    reason: outcome.reason,
    exitCode: outcome.exitCode,
    outputs: entriesOf(outcome.outputs),
  }
}

/** Member by member, so that nothing that a host may add to an entry gets into the manifest. */
function entriesOf({ entries }: Tree): readonly TreeEntry[] {
  return entries.map(({ path, digest, executable, size }) => ({ path, digest, executable, size }))
}

interface Refusal {
  readonly code: string
  readonly pack: PackId | null
  readonly field: string
}

function refusalOf({ code, facts }: Diagnostic): Refusal {
  const pack = 'pack' in facts ? facts.pack : null
  if ('field' in facts) return { code, pack, field: facts.field }
  return { code, pack, field: 'tool' in facts ? `inputs.tools.${facts.tool}` : '' }
}

function compareRefusals(a: Refusal, b: Refusal): number {
  return compareBytes(a.pack ?? '', b.pack ?? '') || compareBytes(a.code, b.code) || compareBytes(a.field, b.field)
}
