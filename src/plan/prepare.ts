import { canonicalJson, type Json } from '../model/canonical.ts'
import { applyChanges, changesBetween, type FileChange } from '../model/change.ts'
import { sha256 } from '../model/digest.ts'
import type { Action, ActionId, CommandAction, Control, GateAction } from '../model/graph.ts'
import { compareBytes } from '../model/order.ts'
import type { Guarantees, IdentifiedMount, PreparedAction, Tool } from '../model/plan.ts'
import type { RuntimeFile } from '../model/plugin.ts'
import type { ContentStore, FileError } from '../model/ports.ts'
import { ok, type Result } from '../model/result.ts'
import { treeOf, type Tree } from '../model/tree.ts'
import { environmentOf, type CallerEnvironment } from './environment.ts'
import { commandFingerprint, gateFingerprint } from './fingerprint.ts'
import { createGatherer, stepChangesOf, type Outcomes } from './inputs.ts'
import { replaceInputs } from './replace.ts'

/** What identifies actions beside their graph; the same throughout a run. */
export interface PlanContext {
  readonly store: ContentStore
  readonly guarantees: Guarantees
  /** Every tool that a pack declares, by {@link toolKey}. */
  readonly tools: ReadonlyMap<string, Tool>
  readonly callerEnv: CallerEnvironment
  /** What actions that run a plugin see of codex; absent: there is none to be seen. */
  readonly pluginRuntime?: () => readonly RuntimeFile[]
}

/**
 * Makes an action ready: its input tree, environment and key. A file that can't be read is an error.
 *
 * @throws RangeError where a provider of the action has no outcome yet, a tool was not resolved, or there is nothing to run a
 * plugin with
 */
export type Prepare = (action: Action, outcomes: Outcomes) => Result<PreparedAction, FileError>

/** Packs may ask for different versions of one tool. */
export function toolKey(name: string, range: string): string {
  return `${name} ${range}`
}

export function createPreparer(context: PlanContext): Prepare {
  const gather = createGatherer(context.store, context.pluginRuntime)
  return (action, outcomes) => {
    const inputs = gather(action, outcomes)
    if (!inputs.ok) return inputs
    if (action.kind === 'gate') return ok(prepareGate(action, inputs.value, outcomes))
    if (!action.control) return prepareCommand(action, inputs.value, context)
    return prepareControl({ ...action, control: action.control }, inputs.value, { ...context, outcomes })
  }
}

function prepareControl(
  action: CommandAction & { readonly control: Control },
  inputs: Tree,
  context: PlanContext & { readonly outcomes: Outcomes },
): Result<PreparedAction<CommandAction>, FileError> {
  const replaced = replaceInputs(inputs, action.control, context)
  if (!replaced.ok) return replaced
  const prepared = prepareCommand(action, replaced.value.inputs, context)
  const { vain } = replaced.value
  return prepared.ok && vain ? ok({ ...prepared.value, vain }) : prepared
}

function prepareGate(action: GateAction, inputs: Tree, outcomes: Outcomes): PreparedAction<GateAction> {
  const changes = action.steps ? { changes: changesOf(action, action.steps, { inputs, outcomes }) } : {}
  const parts = { action, inputs, env: {}, tools: [], mounts: [], ...changes }
  return keyed(parts, gateFingerprint(parts))
}

/** What steps have made of the files in scope: of those before them for the gate `scope`, and otherwise of nothing. */
function changesOf(
  { gate }: GateAction,
  steps: readonly ActionId[],
  { inputs, outcomes }: { readonly inputs: Tree; readonly outcomes: Outcomes },
): readonly FileChange[] {
  const before = gate === 'scope' ? inputs : treeOf([])
  const made = steps.map((id) => stepChangesOf(id, outcomes))
  return changesBetween(before, treeOf(applyChanges(before.entries, made, () => true)))
}

function prepareCommand(
  action: CommandAction,
  inputs: Tree,
  { store, guarantees, tools, callerEnv }: PlanContext,
): Result<PreparedAction<CommandAction>, FileError> {
  const mounts = identifyMounts(action, store)
  if (!mounts.ok) return mounts
  const parts = {
    action,
    inputs,
    env: environmentOf(action, callerEnv),
    tools: toolsOf(action, tools),
    mounts: mounts.value,
  }
  return ok(keyed(parts, commandFingerprint({ ...parts, guarantees })))
}

function keyed<A extends Action>(
  parts: Omit<PreparedAction<A>, 'fingerprint' | 'key'>,
  fingerprint: Json,
): PreparedAction<A> {
  const text = canonicalJson(fingerprint)
  return { ...parts, fingerprint: text, key: sha256(text) }
}

function identifyMounts({ mounts }: CommandAction, store: ContentStore): Result<readonly IdentifiedMount[], FileError> {
  const identified: IdentifiedMount[] = []
  for (const { path, identity } of mounts) {
    const entry = store.stage(identity)
    if (!entry.ok) return entry
    identified.push({ path, identity, digest: entry.value.digest })
  }
  return ok(identified)
}

function toolsOf(action: CommandAction, tools: ReadonlyMap<string, Tool>): readonly Tool[] {
  const names = Object.keys(action.tools).toSorted(compareBytes)
  return names.map((name) => {
    const tool = tools.get(toolKey(name, action.tools[name] ?? ''))
    if (!tool) throw new RangeError(`the tool ${name} of ${action.id} was not resolved`)
    return tool
  })
}
