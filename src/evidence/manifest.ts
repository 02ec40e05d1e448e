import { canonicalJson, type Json } from '../model/canonical.ts'
import type { Change, FileState } from '../model/change.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Action, ActionId } from '../model/graph.ts'
import { capabilitiesOf, namesOf } from '../model/grant.ts'
import {
  MANIFEST_VERSION,
  type Manifest,
  type ManifestOutcome,
  type ManifestPack,
  type ManifestPlan,
  type ManifestRefusal,
} from '../model/manifest.ts'
import { compareBytes } from '../model/order.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import type { Pack, PackId } from '../model/pack.ts'
import type { Guarantees } from '../model/plan.ts'
import type { PluginMode } from '../model/plugin.ts'
import { treeOf, type Tree, type TreeEntry } from '../model/tree.ts'
import { packVerdicts, verdictOf } from './verdict.ts'

export interface ManifestHead {
  readonly tool: Manifest['tool']
  /** `null` until the sandbox has been probed. */
  readonly guarantees: Guarantees | null
}

export interface ManifestInput extends ManifestHead {
  readonly plan: ManifestPlan
  /** One for each action, in any order. */
  readonly outcomes: readonly ManifestOutcome[]
  readonly partial: boolean
  /** Whether a signal or a crash ended the run. */
  readonly interrupted: boolean
}

/**
 * The manifest of a run that has ended.
 *
 * @throws RangeError if the outcomes are not exactly those of the actions
 */
export function buildManifest({ plan, ...input }: ManifestInput): Manifest {
  const { partial, interrupted } = input
  const outcomes = byAction(plan, input.outcomes)
  const results = { ...plan, packs: plan.packs.map(({ id }) => id), outcomes: input.outcomes, partial, interrupted }
  const verdicts = packVerdicts(results)
  const artifacts = artifactsOf(plan, outcomes)
  const changes = changesOf(plan, outcomes)
  return {
    ...headOf(input),
    verdict: verdictOf(results),
    ...(partial ? { partial: true } : {}),
    packs: plan.packs.map((pack) => ({
      ...pack,
      verdict: verdicts.get(pack.id) ?? 'failed',
      artifacts: entriesOf(treeOf(artifacts.get(pack.id) ?? [])),
      ...changes.get(pack.id),
    })),
    actions: plan.actions.map((action) => ({ ...action, ...outcomeOf(action.id, outcomes) })),
  }
}

/** Packs and actions in plan order. */
export function planOf(packs: readonly Pack[], actions: readonly Action[]): ManifestPlan {
  return {
    packs: packs.map(({ definition, digest }) => ({
      id: definition.id,
      definition: digest,
      needs: [...new Set(definition.needs)].toSorted(compareBytes),
      // It runs, so all that it asks for was granted.
      grants: namesOf(capabilitiesOf(definition)),
      ...(definition.plugin === null ? {} : { plugin: pluginModeOf(definition.id, actions) }),
    })),
    actions: actions.map((action) => ({
      id: action.id,
      pack: action.pack,
      phase: action.phase,
      command: action.kind === 'command' ? action.argv : null,
      needs: action.needs,
    })),
  }
}

/** Where a pack's plugin runs it is an action, which knows how it is judged. */
export function pluginModeOf(pack: PackId, actions: readonly Action[]): PluginMode {
  const run = actions.find((action) => action.kind === 'command' && action.plugin && action.pack === pack)
  if (run?.kind !== 'command' || !run.plugin) return 'disabled'
  return run.plugin.strict ? 'strict' : 'enabled'
}

/** What of an outcome is in the manifest: member by member, so that nothing that a host may add to an entry gets there. */
export function manifestOutcome(outcome: ActionOutcome): ManifestOutcome {
  return {
    id: outcome.id,
    key: outcome.key,
    inputs: outcome.inputs?.digest ?? null,
    status: outcome.status,
    reason: outcome.reason,
    exitCode: outcome.exitCode,
    outputs: entriesOf(outcome.outputs),
    ...(outcome.change ? { change: changeOf(outcome.change) } : {}),
    ...(outcome.tolerated ? { tolerated: outcome.tolerated } : {}),
  }
}

function changeOf({ base, tree, files, lines, patch }: Change): Change {
  const stateOf = (state: FileState | null): FileState | null =>
    state && { digest: state.digest, executable: state.executable, size: state.size }
  return {
    base,
    tree,
    files: files.map(({ path, before, after }) => ({ path, before: stateOf(before), after: stateOf(after) })),
    lines: { added: lines.added, removed: lines.removed },
    patch,
  }
}

/** What stands in the run's folder until the run has ended, and stays there if codex is killed. */
export function startedManifest(head: ManifestHead): Manifest {
  return { ...headOf(head), verdict: 'started', packs: [], actions: [] }
}

/** The manifest of a run in which nothing was allowed to start. */
export function refusedManifest(head: ManifestHead, refusals: readonly ManifestRefusal[]): Manifest {
  return { ...headOf(head), verdict: 'refused', refusals, packs: [], actions: [] }
}

/** The manifest of a run that ended, by a crash or from outside, before it was known what it was to do. */
export function undoneManifest(head: ManifestHead): Manifest {
  return { ...headOf(head), verdict: 'interrupted', packs: [], actions: [] }
}

export function refusalsOf(diagnostics: readonly Diagnostic[]): readonly ManifestRefusal[] {
  return diagnostics.map(refusalOf).toSorted(compareRefusals)
}

/** manifest.json, byte for byte: canonical JSON (RFC 8785) without a line break at its end. */
export function manifestBytes(manifest: Manifest): string {
  return canonicalJson(manifest as unknown as Json)
}

function headOf({ tool, guarantees }: ManifestHead): Pick<Manifest, 'manifestVersion' | 'tool' | 'guarantees'> {
  return { manifestVersion: MANIFEST_VERSION, tool: { name: tool.name, version: tool.version }, guarantees }
}

type Outcomes = ReadonlyMap<ActionId, ManifestOutcome>

function byAction({ actions }: ManifestPlan, outcomes: readonly ManifestOutcome[]): Outcomes {
  const known = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
  const exact = known.size === outcomes.length && known.size === actions.length
  if (!exact || !actions.every(({ id }) => known.has(id))) throw new RangeError('outcomes and actions are not the same')
  return known
}

function outcomeOf(id: ActionId, outcomes: Outcomes): ManifestOutcome {
  const outcome = outcomes.get(id)
  if (outcome === undefined) throw new RangeError(`${id} has no outcome`)
  return outcome
}

/** What the gates of each pack have let through. */
function artifactsOf({ actions }: ManifestPlan, outcomes: Outcomes): ReadonlyMap<PackId, readonly TreeEntry[]> {
  const artifacts = new Map<PackId, TreeEntry[]>()
  for (const { id, phase, pack } of actions) {
    if (phase !== 'gate') continue
    artifacts.set(pack, [...(artifacts.get(pack) ?? []), ...(outcomes.get(id)?.outputs ?? [])])
  }
  return artifacts
}

/** What the gate `scope` of each change pack has let through. */
function changesOf({ actions }: ManifestPlan, outcomes: Outcomes): ReadonlyMap<PackId, Pick<ManifestPack, 'change'>> {
  return new Map(
    actions.flatMap(({ id, pack }) => {
      const change = outcomes.get(id)?.change
      return change ? [[pack, { change }] as const] : []
    }),
  )
}

function entriesOf({ entries }: Tree): readonly TreeEntry[] {
  return entries.map(({ path, digest, executable, size }) => ({ path, digest, executable, size }))
}

function refusalOf({ code, facts }: Diagnostic): ManifestRefusal {
  const pack = 'pack' in facts ? facts.pack : null
  if ('field' in facts) return { code, pack, field: facts.field }
  if (!('tool' in facts)) return { code, pack, field: '' }
  return { code, pack, field: `${facts.by === 'agent' ? 'agent' : 'inputs'}.tools.${facts.tool}` }
}

function compareRefusals(a: ManifestRefusal, b: ManifestRefusal): number {
  return compareBytes(a.pack ?? '', b.pack ?? '') || compareBytes(a.code, b.code) || compareBytes(a.field, b.field)
}
