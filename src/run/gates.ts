import picomatch from 'picomatch/posix.js'
import type { ActionId, GateAction } from '../model/graph.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import type { PreparedAction } from '../model/plan.ts'
import { treeOf, type Tree, type TreeEntry } from '../model/tree.ts'
import { isRefusal } from './judge.ts'
import { EMPTY_TREE, sortedPaths, type Ending } from './outcomes.ts'

/**
 * The gate `artifacts`: every required path or glob matches a file, and none of those files is empty; what a plugin made meets no
 * requirement. The outputs are the required, optional and added artifacts among the gate's inputs.
 */
export function runArtifactsGate({ action, inputs }: PreparedAction<GateAction>): Ending {
  const added = new Set(action.added)
  const made = treeOf(inputs.entries.filter(({ path }) => !added.has(path)))
  const required = action.required.map((pattern) => ({ pattern, found: findIn(made, pattern) }))
  const missing = required.filter(({ found }) => found.length === 0).map(({ pattern }) => pattern)
  const empty = required.flatMap(({ found }) => found.filter(({ size }) => size === 0).map(({ path }) => path))
  if (missing.length > 0 || empty.length > 0) {
    const reason = { kind: 'artifacts', missing: sortedPaths(missing), empty: sortedPaths(empty) } as const
    return { status: 'failed', reason, exitCode: null, outputs: EMPTY_TREE, attempts: [] }
  }
  return { status: 'passed', reason: null, exitCode: null, outputs: artifactsAmong(inputs, action), attempts: [] }
}

/**
 * The gate `controls`: every control of the pack has passed, and by an exit code that only its command can have given. It does
 * not rely on having been started only then.
 *
 * @throws RangeError where a control has no outcome yet, or there is none to look at
 */
export function runControlsGate(
  { action: { id, controls = [] } }: PreparedAction<GateAction>,
  outcomes: ReadonlyMap<ActionId, ActionOutcome>,
): Ending {
  if (controls.length === 0) throw new RangeError(`${id} has no controls to look at`)
  const ending = { exitCode: null, outputs: EMPTY_TREE, attempts: [] }
  for (const control of controls) {
    const outcome = outcomes.get(control)
    if (!outcome) throw new RangeError(`${control} has not run yet`)
    const proves = outcome.status === 'passed' && outcome.exitCode !== null && isRefusal(outcome.exitCode)
    if (!proves) return { ...ending, status: 'failed', reason: { kind: 'cause', action: control } }
  }
  return { ...ending, status: 'passed', reason: null }
}

/** Required and optional artifacts, and what a plugin adds. */
export function artifactsAmong(inputs: Tree, { required, optional, added = [] }: GateAction): Tree {
  return treeOf([...required, ...optional, ...added].flatMap((pattern) => findIn(inputs, pattern)))
}

/** A pattern is a path, a folder (trailing `/`) or a glob. A file whose name looks like a glob is found by its name. */
function findIn(inputs: Tree, pattern: string): readonly TreeEntry[] {
  if (pattern.endsWith('/')) return inputs.entries.filter(({ path }) => path.startsWith(pattern))
  const named = inputs.entries.filter(({ path }) => path === pattern)
  if (named.length > 0) return named
  const matches = picomatch(pattern, { dot: true, nonegate: true })
  return inputs.entries.filter(({ path }) => matches(path))
}
