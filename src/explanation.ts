import { pluginModeOf } from './evidence/manifest.ts'
import { diagnostic, type Diagnostic } from './model/diagnostic.ts'
import type { Explanation, KnownAction } from './model/explanation.ts'
import type { Action, ActionId, Graph } from './model/graph.ts'
import { capabilitiesOf, namesOf, type Grant } from './model/grant.ts'
import { compareBytes } from './model/order.ts'
import { err, ok, type Result } from './model/result.ts'
import type { Fingerprint, RunView, ViewedAction } from './model/run-view.ts'
import { makeReady, type Machine, type RunOptions } from './pipeline.ts'
import { createInputOrigins, variableOrigin } from './plan/origins.ts'
import { prepareTowards, type Remembered } from './plan/towards.ts'
import type { Project } from './project.ts'

export interface ExplainOptions {
  readonly tool: RunOptions['tool']
  /** Beside those of the configuration. */
  readonly grants: readonly Grant[]
  readonly remembered: Remembered
}

export interface Explained {
  readonly explanation: Explanation
  /** The run that would come next, as far as it leads to the action. */
  readonly next: RunView
}

/** All that enters the key of an action, before anything has run; the error tells why it would not run at all. */
export async function explainAction(
  project: Project & { readonly graph: Graph },
  action: Action,
  { machine, ...options }: ExplainOptions & { readonly machine: Machine },
): Promise<Result<Explained, readonly Diagnostic[]>> {
  const ready = await makeReady(project, machine, options.grants)
  if (!ready.ok) return ready
  const { executor, prepare } = ready.value
  try {
    const known = prepareTowards(project.graph, action, { prepare, remembered: options.remembered })
    if (!known.ok) return err([diagnostic('unreadable', null, { path: known.error.path, reason: known.error.message })])
    const { guarantees } = executor
    const explanation = explain(project.graph, known.value, { action, guarantees, variables: machine.variables })
    return ok({ explanation, next: nextRun(project, known.value, { guarantees, tool: options.tool }) })
  } finally {
    await executor.close()
  }
}

interface Surroundings extends Pick<Explanation, 'action' | 'guarantees'> {
  readonly variables: Machine['variables']
}

function explain(
  graph: Graph,
  known: readonly KnownAction[],
  { action, guarantees, variables }: Surroundings,
): Explanation {
  const own = known.find((each) => each.action === action)
  const pack = graph.packs.find(({ definition }) => definition.id === action.pack)
  if (!own || !pack) throw new RangeError(`${action.id} is not of this graph`)
  const { prepared, waitsFor } = own
  const origin = createInputOrigins(action, pack, madeFor(action, known))
  const passed = action.kind === 'command' ? action.passEnv : []
  return {
    ...{ action, pack, prepared, waitsFor, guarantees },
    inputs: prepared.inputs.entries.map((entry) => ({ entry, origin: origin(entry.path) })),
    variables: Object.entries(prepared.env)
      .toSorted(([a], [b]) => compareBytes(a, b))
      .map(([name, value]) => ({
        ...{ name, value },
        origin: action.kind === 'command' ? variableOrigin(action, name, variables) : 'fixed',
      })),
    unset: passed.filter((name) => !Object.hasOwn(variables, name)).toSorted(compareBytes),
    needs: graph.edges.filter(({ to }) => to === action.id),
  }
}

function madeFor({ providers }: Action, known: readonly KnownAction[]): ReadonlyMap<string, ActionId> {
  const makers = known.filter(({ action }) => providers.includes(action.id))
  return new Map(makers.flatMap(({ action, outputs }) => (outputs ?? []).map(({ path }) => [path, action.id] as const)))
}

function nextRun(
  { packs, graph }: Project & { readonly graph: Graph },
  known: readonly KnownAction[],
  { tool, guarantees }: Pick<RunView, 'tool' | 'guarantees'>,
): RunView {
  const byId = new Map(known.map((each) => [each.action.id, each]))
  const of = new Set(known.map(({ action }) => action.pack))
  return {
    ...{ digest: null, tool, guarantees, refusals: [], verdict: null, partial: false },
    packs: packs
      .filter(({ definition }) => of.has(definition.id))
      .map(({ definition, digest }) => ({
        id: definition.id,
        definition: digest,
        needs: [...new Set(definition.needs)].toSorted(compareBytes),
        grants: namesOf(capabilitiesOf(definition)),
        ...(definition.plugin === null ? {} : { plugin: pluginModeOf(definition.id, graph.actions) }),
      })),
    actions: known.map(viewed),
    fingerprint: ({ id }) => {
      const found = byId.get(id)
      return found ? (JSON.parse(found.prepared.fingerprint) as Fingerprint) : null
    },
    inputs: ({ id }) => {
      const found = byId.get(id)
      return found ? new Map(found.prepared.inputs.entries.map(({ path, digest }) => [path, digest])) : null
    },
    definition: (id) => packs.find(({ definition }) => definition.id === id) ?? null,
  }
}

function viewed({ action, prepared, waitsFor, outputs }: KnownAction): ViewedAction {
  const known = waitsFor.length === 0
  return {
    id: action.id,
    pack: action.pack,
    phase: action.phase,
    command: action.kind === 'command' ? action.argv : null,
    key: known ? prepared.key : null,
    inputs: known ? prepared.inputs.digest : null,
    needs: action.needs,
    ...{ status: null, reason: null, exitCode: null, outputs: outputs ?? [], waitsFor },
  }
}
