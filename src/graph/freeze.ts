import { capabilitiesOf } from '../model/grant.ts'
import type { Action, ActionId, CommandAction, Edge, GateAction, Graph } from '../model/graph.ts'
import { placeOf, type PackId } from '../model/pack.ts'
import { PLUGIN_TOOL } from '../model/plugin.ts'
import { agentsOwn, commandLineOf, mayChange } from './command-line.ts'
import { scopeOf, type ChangeFlow } from './changes.ts'
import type { RequiredArtifacts } from './artifacts.ts'
import type { ControlDraft, Draft, PackDraft } from './draft.ts'
import type { Predecessors } from './edges.ts'
import { normalPath } from './pattern.ts'

export interface Parts {
  /** In plan order. */
  readonly packs: ReadonlyMap<PackId, PackDraft>
  /** Ids in plan order. */
  readonly order: readonly ActionId[]
  readonly predecessors: Predecessors
  readonly artifacts: ReadonlyMap<PackId, RequiredArtifacts>
  readonly changes: ChangeFlow
}

export function freezeGraph({ packs, order, predecessors, artifacts, changes }: Parts): Graph {
  const rank: Rank = new Map(order.map((id, place) => [id, place]))
  const needsOf = needsReader(predecessors, rank)
  const actions = new Map<ActionId, Action>()
  for (const [id, draft] of packs) {
    const shared = sharedOf(draft)
    for (const command of draft.phases.flat()) {
      actions.set(command.id, Object.freeze(commandAction(command, needsOf(command.id), { rank, shared, changes })))
    }
    for (const control of draft.controls) {
      actions.set(control.id, Object.freeze(controlAction(control, needsOf(control.id), { rank, shared, changes })))
    }
    for (const gate of gateActions(draft, { rank, needsOf, artifacts: artifacts.get(id), changes })) {
      actions.set(gate.id, Object.freeze(gate))
    }
  }
  return Object.freeze({
    packs: Object.freeze([...packs.values()].map(({ pack }) => pack)),
    actions: Object.freeze(order.flatMap((id) => actions.get(id) ?? [])),
    edges: Object.freeze(edgesOf(predecessors, order)),
  })
}

type Rank = ReadonlyMap<ActionId, number>

type NeedsOf = (id: ActionId) => readonly ActionId[]

/** Sorts once what several actions share. */
function needsReader(predecessors: Predecessors, rank: Rank): NeedsOf {
  const sorted = new Map<ReadonlyMap<ActionId, unknown> | undefined, readonly ActionId[]>()
  return (id) => {
    const before = predecessors.get(id)
    let needs = sorted.get(before)
    if (!needs) sorted.set(before, (needs = inOrder(before?.keys() ?? [], rank)))
    return needs
  }
}

/** What all commands of a pack have in common, made once, so that thousands of them do not hold copies. */
type Shared = Pick<CommandAction, 'passEnv' | 'tools' | 'mounts' | 'capabilities'>

function sharedOf({ pack: { definition, dir } }: PackDraft): Shared {
  const { env, tools, mounts } = definition.inputs
  const placed = mounts.map(({ path, identity }) =>
    Object.freeze({ path: normalPath(dir, path), identity: normalPath(dir, identity) }),
  )
  return { passEnv: env, tools, mounts: Object.freeze(placed), capabilities: capabilitiesOf(definition) }
}

function commandAction(
  draft: Draft,
  needs: readonly ActionId[],
  { rank, shared, changes }: CommandContext,
): CommandAction {
  const { id, pack, phase, command, outputs, sources, artifacts, providers } = draft
  const seen = changes.ofCommand(draft)
  return {
    kind: 'command',
    id,
    pack: pack.definition.id,
    phase,
    needs,
    place: placeOf(pack, command.pointer),
    ...commandLineOf(command, pack.dir),
    cwd: pack.dir,
    env: Object.freeze({ ...pack.definition.env, ...command.env }),
    sources,
    providers: idsOf([...providers], rank),
    artifacts: Object.freeze(artifacts),
    outputs: Object.freeze(outputs.map(({ path }) => path)),
    limits: command.limits,
    retries: command.retries,
    ...shared,
    ...(command.agent ? agentsOwn(command.agent, shared) : {}),
    ...(seen ? { changes: seen } : {}),
    ...(pack.scope && phase === 'steps' ? { scope: Object.freeze(mayChange(command) ? scopeOf(pack) : []) } : {}),
    ...pluginParts(draft, shared),
  }
}

interface CommandContext {
  readonly rank: Rank
  readonly changes: ChangeFlow
  readonly shared: Shared
}

/** A plugin gets what it says that it uses, which is no more than its pack gets, and what runs it. */
function pluginParts({ plugin, pack }: Draft, shared: Shared): Partial<CommandAction> {
  if (!plugin) return {}
  const { capabilities, text, ...run } = plugin
  const { name, range } = PLUGIN_TOOL
  const tools = Object.hasOwn(pack.definition.inputs.tools, name) ? shared.tools : { ...shared.tools, [name]: range }
  return { text, capabilities, tools: Object.freeze(tools), plugin: Object.freeze(run) }
}

/** Tried once: an attempt that fails is what it is for. */
function controlAction(control: ControlDraft, needs: readonly ActionId[], context: CommandContext): CommandAction {
  const { id, of, replace } = control
  const command = commandAction(of, needs, context)
  const replacements = replace.map(({ target, source, producers }) =>
    Object.freeze({ target, source, producers: idsOf([...producers], context.rank) }),
  )
  return {
    ...command,
    id,
    phase: 'controls',
    place: placeOf(of.pack, `${of.command.pointer}/control`),
    retries: { ...command.retries, attempts: 1 },
    control: Object.freeze({ of: of.id, replace: Object.freeze(replacements) }),
  }
}

interface GateContext {
  readonly rank: Rank
  readonly needsOf: NeedsOf
  readonly artifacts: RequiredArtifacts | undefined
  readonly changes: ChangeFlow
}

/** The gates of a pack look at the same files; the lists are the same objects, so that these are staged and hashed once. */
function gateActions(draft: PackDraft, context: GateContext): readonly GateAction[] {
  const { pack, phases, controls, gates } = draft
  const { rank, needsOf, artifacts, changes } = context
  const commands = phases.flat()
  const added = commands.flatMap(({ plugin, outputs }) => (plugin ? outputs.map(({ path }) => path) : []))
  const makers = commands.filter(({ outputs }) => outputs.length > 0)
  const { required = NONE, optional = NONE, sources = NONE } = artifacts ?? {}
  const base = {
    kind: 'gate',
    pack: pack.definition.id,
    phase: 'gate',
    needs: needsOf(gates.artifacts),
    place: placeOf(pack, '/artifacts'),
  } as const
  const seen = changes.atEnd(base.pack, [...required, ...optional])
  const shared = {
    ...base,
    required: Object.freeze(required),
    optional: Object.freeze(optional),
    sources: Object.freeze(sources),
    providers: idsOf(makers, rank),
    ...(seen ? { changes: seen } : {}),
    ...(added.length > 0 ? { added: Object.freeze(added) } : {}),
  }
  const steps = changes.stepsOf(base.pack)
  const changed = pack.scope ? { steps: Object.freeze(steps) } : {}
  const found: GateAction[] = [
    { ...shared, gate: 'artifacts', id: gates.artifacts, logs: NONE },
    { ...shared, ...changed, gate: 'secrets', id: gates.secrets, logs: idsOf([...commands, ...controls], rank) },
  ]
  const none = { ...base, required: NONE, optional: NONE, sources: NONE, providers: NONE, logs: NONE }
  if (gates.scope !== undefined) found.push(scopeGate({ ...none, id: gates.scope }, draft, changes))
  if (gates.controls === undefined) return found
  return [...found, { ...none, gate: 'controls', id: gates.controls, controls: idsOf(controls, rank) }]
}

function scopeGate(gate: Omit<GateAction, 'gate'>, { pack }: PackDraft, changes: ChangeFlow): GateAction {
  const { id, constraints } = pack.definition
  const patterns = Object.freeze(scopeOf(pack))
  const before = changes.before(id, patterns)
  const rivals = changes.rivalsOf(id)
  return {
    ...gate,
    gate: 'scope',
    place: placeOf(pack, '/constraints/scope'),
    sources: Object.freeze(pack.scope?.files ?? []),
    ...(before ? { changes: before } : {}),
    steps: Object.freeze(changes.stepsOf(id)),
    scope: Object.freeze({
      patterns,
      limits: constraints.changes,
      definition: pack.source.file,
      obstacles: pack.scope?.obstacles ?? [],
      rivals,
    }),
    ...(rivals.length > 0 ? { after: Object.freeze(rivals.flatMap(({ steps }) => steps)) } : {}),
  }
}

const NONE: readonly string[] = Object.freeze([])

function idsOf(drafts: readonly { readonly id: ActionId }[], rank: Rank): readonly ActionId[] {
  return inOrder(
    drafts.map(({ id }) => id),
    rank,
  )
}

/** Taken in plan order of their ends, so that each list of those from one action is sorted as it grows. */
function edgesOf(predecessors: Predecessors, order: readonly ActionId[]): readonly Edge[] {
  const byFrom = new Map<ActionId, Edge[]>(order.map((id) => [id, []]))
  for (const to of order) {
    for (const [from, kind] of predecessors.get(to) ?? []) byFrom.get(from)?.push(Object.freeze({ from, to, kind }))
  }
  return [...byFrom.values()].flat()
}

function inOrder(ids: Iterable<ActionId>, rank: Rank): readonly ActionId[] {
  return Object.freeze([...ids].toSorted((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0)))
}
