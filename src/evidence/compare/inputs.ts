import type { FromTo, OwnChange, Side } from '../../model/difference.ts'
import type { Digest } from '../../model/digest.ts'
import type { ActionId } from '../../model/graph.ts'
import { compareBytes } from '../../model/order.ts'
import { workspacePath, type CommandDefinition, type Pack } from '../../model/pack.ts'
import type { RunView, ViewedAction } from '../../model/run-view.ts'
import { commandOf } from '../../model/commands.ts'
import { addedRemoved, executablesOf } from './fingerprints.ts'
import type { Products } from './products.ts'

export interface InputComparer {
  readonly runs: Readonly<Record<Side, RunView>>
  readonly products: Readonly<Record<Side, Products>>
  /** The files in which two trees differ, by the digests of the trees; actions of one pack mostly see the same. */
  readonly known: Map<string, readonly PathChange[]>
  /** Whether an action is the same in both runs. */
  readonly unchanged: (id: ActionId) => boolean
}

type PathChange = { readonly path: string } & FromTo<Digest | null>

interface Changes {
  readonly own: readonly OwnChange[]
  readonly via: readonly ActionId[]
}

/** In which files that an action sees it differs: those of the workspace are its own, the others came from who made them. */
export function inputChanges(pair: Readonly<Record<Side, ViewedAction>>, comparer: InputComparer): Changes {
  const via = new Set<ActionId>()
  const sources: PathChange[] = []
  const rerouted: PathChange[] = []
  for (const seen of pathChanges(pair, comparer)) {
    const change = { ...seen, path: originOf(pair.to, seen.path, comparer) }
    const made = producersOf(pair, change, comparer)
    const changed = made.filter((id) => !comparer.unchanged(id))
    for (const id of changed) via.add(id)
    if (made.length === 0) sources.push(change)
    else if (changed.length === 0) rerouted.push(change)
  }
  const own = [...sourceChanges(pair, { sources, rerouted }, comparer), ...modeChanges(pair, { comparer, via })]
  return { own, via: [...via] }
}

/** A control sees one file in place of another. */
function originOf({ id, pack, phase }: ViewedAction, path: string, { runs }: InputComparer): string {
  if (phase !== 'controls') return path
  const known = runs.to.definition(pack)
  const control = known && commandOf(known, { id, phase })?.control
  if (!control) return path
  const replaced = Object.entries(control).find(([target]) => workspacePath(known.dir, target) === path)
  return replaced ? workspacePath(known.dir, replaced[1]) : path
}

function producersOf(
  pair: Readonly<Record<Side, ViewedAction>>,
  change: PathChange,
  { products }: InputComparer,
): readonly ActionId[] {
  return (['from', 'to'] as const).flatMap((side) => {
    const digest = change[side]
    const producer = digest === null ? null : products[side].producerOf(pair[side], change.path, digest)
    return producer ?? []
  })
}

function pathChanges(
  { from, to }: Readonly<Record<Side, ViewedAction>>,
  comparer: InputComparer,
): readonly PathChange[] {
  const move = moved(comparer, from)
  const name = `${from.inputs} ${to.inputs ?? to.id} ${move?.from ?? ''} ${move?.to ?? ''}`
  const known = comparer.known.get(name)
  if (known) return known
  const [before, after] = [comparer.runs.from.inputs(from), comparer.runs.to.inputs(to)]
  const all = before && after ? treeChanges(before, after, move) : []
  // What is not there may be among what the action waits for.
  const changes = to.waitsFor.length > 0 ? all.filter((change) => change.to !== null) : all
  comparer.known.set(name, changes)
  return changes
}

/** A pack whose folder was moved: its files are not others for it. */
function moved({ runs }: InputComparer, { pack }: ViewedAction): FromTo<string> | null {
  const [from, to] = [runs.from.definition(pack)?.dir, runs.to.definition(pack)?.dir]
  return from === undefined || to === undefined || from === to || from === '' || to === '' ? null : { from, to }
}

function treeChanges(
  from: ReadonlyMap<string, Digest>,
  to: ReadonlyMap<string, Digest>,
  move: FromTo<string> | null,
): readonly PathChange[] {
  const changes: PathChange[] = []
  const matched = new Set<string>()
  for (const [path, digest] of from) {
    const now = move && path.startsWith(`${move.from}/`) ? `${move.to}${path.slice(move.from.length)}` : path
    matched.add(now)
    const other = to.get(now) ?? null
    if (other !== digest) changes.push({ path: other === null ? path : now, from: digest, to: other })
  }
  for (const [path, digest] of to) if (!matched.has(path)) changes.push({ path, from: null, to: digest })
  return changes.toSorted((a, b) => compareBytes(a.path, b.path))
}

/**
 * Where it is declared otherwise which files are read, it is by that declaration that some came and some went; and so it is where
 * an action sees what another makes, as before, in one run only.
 */
function sourceChanges(
  pair: Readonly<Record<Side, ViewedAction>>,
  { sources, rerouted }: { readonly sources: readonly PathChange[]; readonly rerouted: readonly PathChange[] },
  { runs }: InputComparer,
): readonly OwnChange[] {
  const [before, after] = (['from', 'to'] as const).map((side) =>
    patternsOf(pair[side], runs[side].definition(pair[side].pack)),
  )
  const declared = before !== after && before !== null && after !== null
  const isSelected = ({ from, to }: PathChange): boolean => declared && (from === null || to === null)
  const files = sources.filter((change) => !isSelected(change)).map((change) => ({ kind: 'file', ...change }) as const)
  const chosen = [...sources.filter(isSelected), ...rerouted]
  if (chosen.length === 0) return files
  const paths = (side: Side): readonly string[] =>
    chosen.filter((change) => change[side] !== null).map(({ path }) => path)
  return [...files, { kind: 'selection', ...addedRemoved(paths('from'), paths('to')) }]
}

function patternsOf(action: ViewedAction, pack: Pack | null): string | null {
  if (pack === null) return null
  const command: CommandDefinition | null = commandOf(pack, action)
  if (command === null) return null
  return JSON.stringify([pack.definition.inputs.files, command.files, pack.definition.inputs.artifacts])
}

/** The same bytes that have become executable, or are so no more. */
function modeChanges(
  pair: Readonly<Record<Side, ViewedAction>>,
  { comparer, via }: { readonly comparer: InputComparer; readonly via: Set<ActionId> },
): readonly OwnChange[] {
  const { runs, products } = comparer
  const [before, after] = [executablesOf(runs.from.fingerprint(pair.from)), executablesOf(runs.to.fingerprint(pair.to))]
  const flipped = [...new Set([...before, ...after])].filter((path) => before.has(path) !== after.has(path))
  if (flipped.length === 0) return []
  const [from, to] = [runs.from.inputs(pair.from), runs.to.inputs(pair.to)]
  return flipped.toSorted(compareBytes).flatMap((path): OwnChange[] => {
    const [old, now] = [from?.get(path), to?.get(path)]
    if (old === undefined || old !== now) return []
    const producer = products.from.producerOf(pair.from, path, old) ?? products.to.producerOf(pair.to, path, now)
    if (producer === null) return [{ kind: 'mode', path, from: before.has(path), to: after.has(path) }]
    via.add(producer)
    return []
  })
}
