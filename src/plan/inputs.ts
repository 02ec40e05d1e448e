import { applyChanges, type StepChanges } from '../model/change.ts'
import type { Action, ActionId, ArtifactMount, SeenChanges } from '../model/graph.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import { PLUGIN_RUNTIME, type RuntimeFile } from '../model/plugin.ts'
import type { ContentStore, FileError } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { selectionTest } from '../model/pattern.ts'
import { treeOf, type Tree, type TreeEntry } from '../model/tree.ts'

export type Outcomes = ReadonlyMap<ActionId, ActionOutcome>

const NO_ARTIFACTS: readonly ArtifactMount[] = []

/**
 * Gathers what an action reads: its sources, the outputs of its providers laid over them, then its artifacts. Actions
 * that read the same get the same tree, sorted and hashed once.
 */
export function createGatherer(
  store: ContentStore,
  pluginRuntime?: () => readonly RuntimeFile[],
): (action: Action, outcomes: Outcomes) => Result<Tree, FileError> {
  const gather = createFileGatherer(store)
  let runtime: readonly TreeEntry[] | null = null
  return (action, outcomes) => {
    const gathered = gather(action, outcomes)
    if (!gathered.ok || action.kind === 'gate' || !action.plugin) return gathered
    runtime ??= addRuntime(store, pluginRuntime?.() ?? [], action.id)
    return ok(treeOf([...gathered.value.entries, ...runtime]))
  }
}

function addRuntime(store: ContentStore, files: readonly RuntimeFile[], action: ActionId): readonly TreeEntry[] {
  if (files.length === 0) throw new RangeError(`there is nothing to run the plugin of ${action} with`)
  return files.map(({ name, bytes }) => store.add(`${PLUGIN_RUNTIME}/${name}`, bytes))
}

function createFileGatherer(store: ContentStore): (action: Action, outcomes: Outcomes) => Result<Tree, FileError> {
  const staged = new WeakMap<readonly string[], Result<Tree, FileError>>()
  const layered = new WeakMap<Tree, Layering[]>()

  const sourcesOf = (paths: readonly string[]): Result<Tree, FileError> => {
    const known = staged.get(paths)
    if (known) return known
    const tree = stageAll(store, paths)
    staged.set(paths, tree)
    return tree
  }

  return (action, outcomes) => {
    const sources = sourcesOf(action.sources)
    if (!sources.ok) return sources
    const artifacts = action.kind === 'command' ? action.artifacts : NO_ARTIFACTS
    if (action.providers.length === 0 && artifacts.length === 0 && !action.changes) return sources
    const layers = layersOf(action, artifacts, outcomes)
    const known = layered.get(sources.value) ?? []
    layered.set(sources.value, known)
    const same = known.find((each) => isSame(each, layers))
    if (same) return ok(same.tree)
    const mounted = mountAll(artifacts, outcomes)
    if (!mounted.ok) return mounted
    const outputs = layers.provided.flatMap(({ entries }) => entries)
    const { changes } = action
    const files = changes
      ? applyChanges(sources.value.entries, layers.changed, takenBy(changes))
      : sources.value.entries
    const tree = treeOf([...files, ...outputs, ...mounted.value])
    known.push({ ...layers, tree })
    return ok(tree)
  }
}

/** All that a tree is made of beside its sources. */
interface Layers {
  readonly artifacts: readonly ArtifactMount[]
  readonly provided: readonly Tree[]
  /** The outputs among which the artifacts are. */
  readonly produced: readonly Tree[]
  /** What steps before it have made of files of the workspace, and which of their new files it takes. */
  readonly changed: readonly StepChanges[]
  readonly takes: SeenChanges['takes'] | null
}

type Layering = Layers & { readonly tree: Tree }

function layersOf({ providers, changes }: Action, artifacts: readonly ArtifactMount[], outcomes: Outcomes): Layers {
  const outputs = (id: ActionId): Tree => outputsOf(id, outcomes)
  const produced = artifacts.flatMap(({ producers }) => producers.map(outputs))
  const changed = (changes?.from ?? []).map((id) => stepChangesOf(id, outcomes))
  return { artifacts, provided: providers.map(outputs), produced, changed, takes: changes?.takes ?? null }
}

/** Tests paths of files that steps have made. */
function takenBy({ takes }: SeenChanges): (path: string) => boolean {
  const selections = takes.map((patterns) => selectionTest(patterns))
  return (path) => selections.some((takesIt) => takesIt(path))
}

function isSame(left: Layers, right: Layers): boolean {
  return (
    left.artifacts === right.artifacts &&
    left.takes === right.takes &&
    isSameList(left.provided, right.provided) &&
    isSameList(left.changed, right.changed) &&
    isSameList(left.produced, right.produced)
  )
}

function isSameList<T>(left: readonly T[], right: readonly T[]): boolean {
  return left.length === right.length && left.every((item, place) => item === right[place])
}

function stageAll(store: ContentStore, paths: readonly string[]): Result<Tree, FileError> {
  const entries: TreeEntry[] = []
  for (const path of paths) {
    const entry = store.stage(path)
    if (!entry.ok) return entry
    entries.push(entry.value)
  }
  return ok(treeOf(entries))
}

function mountAll(artifacts: readonly ArtifactMount[], outcomes: Outcomes): Result<readonly TreeEntry[], FileError> {
  const entries: TreeEntry[] = []
  for (const artifact of artifacts) {
    const found = artifact.producers.flatMap((id) => mount(artifact, outputsOf(id, outcomes)))
    if (found.length === 0) return err({ code: 'ENOENT', path: artifact.path, message: notMade(artifact) })
    for (const entry of found) entries.push(entry)
  }
  return ok(entries)
}

function mount({ path, as }: ArtifactMount, { entries }: Tree): readonly TreeEntry[] {
  if (!path.endsWith('/'))
    return entries.filter((entry) => entry.path === path).map((entry) => ({ ...entry, path: as }))
  const target = as.endsWith('/') ? as : `${as}/`
  return entries
    .filter((entry) => entry.path.startsWith(path))
    .map((entry) => ({ ...entry, path: `${target}${entry.path.slice(path.length)}` }))
}

function notMade({ from, path }: ArtifactMount): string {
  return `${from} passed without making ${path}`
}

/** @throws where the provider has not ended: whoever asks must run it first */
export function outputsOf(id: ActionId, outcomes: Outcomes): Tree {
  return outcomeOf(id, outcomes).outputs
}

/** @throws where the step has not ended, or not passed */
export function stepChangesOf(id: ActionId, outcomes: Outcomes): StepChanges {
  const { changes } = outcomeOf(id, outcomes)
  if (!changes) throw new RangeError(`${id} has not passed`)
  return changes
}

function outcomeOf(id: ActionId, outcomes: Outcomes): ActionOutcome {
  const outcome = outcomes.get(id)
  if (!outcome) throw new RangeError(`${id} has not run yet`)
  return outcome
}
