import { canonicalJson, type Json } from '../../model/canonical.ts'
import type { Ending, OutputChange, OwnChange, Side } from '../../model/difference.ts'
import type { Digest } from '../../model/digest.ts'
import type { ActionId } from '../../model/graph.ts'
import { compareBytes } from '../../model/order.ts'
import type { RunView, ViewedAction } from '../../model/run-view.ts'
import type { TreeEntry } from '../../model/tree.ts'
import { addedRemoved, fingerprintChanges } from './fingerprints.ts'
import { inputChanges, type InputComparer } from './inputs.ts'

/** In what one action differs. */
export interface ActionChanges {
  /** What of it is its own. */
  readonly own: readonly OwnChange[]
  /** The actions that what it sees, or that it ran at all, came from. */
  readonly via: readonly ActionId[]
}

export interface Pair {
  readonly from: ViewedAction
  readonly to: ViewedAction
}

export interface Comparison {
  readonly from: RunView
  readonly to: RunView
  /** Actions that are in one of the runs only, with that run. */
  readonly single: ReadonlyMap<ActionId, Side>
  readonly inputs: InputComparer
}

export function differs({ from, to }: Pair): boolean {
  if (from.status === null || to.status === null) return from.key !== to.key || to.key === null
  return canonicalJson(plain(from)) !== canonicalJson(plain(to))
}

function plain({ waitsFor: _waitsFor, ...action }: ViewedAction): Json {
  return action as unknown as Json
}

export function changesOf(pair: Pair, comparison: Comparison): ActionChanges {
  const { waitsFor } = pair.to
  const needs = needChanges(pair, comparison)
  const entered = hasOtherKey(pair) ? enteringChanges(pair, comparison) : null
  const ended = entered ? null : endingChanges(pair, comparison)
  const own = [...(entered?.own ?? []), ...(ended?.own ?? []), ...needs.own]
  const via = new Set([...(entered?.via ?? []), ...(ended?.via ?? []), ...needs.via, ...waitsFor])
  return { own, via: [...via] }
}

/** An action that waits for others has a key still to come, and a part of what will enter it already. */
function hasOtherKey({ from, to }: Pair): boolean {
  if (from.key === null) return false
  return to.key === null ? to.waitsFor.length > 0 : to.key !== from.key
}

/** What entered the key. */
function enteringChanges(pair: Pair, comparison: Comparison): ActionChanges {
  const { from, to } = pair
  const [before, after] = [comparison.from.fingerprint(from), comparison.to.fingerprint(to)]
  const command: readonly OwnChange[] =
    from.command && to.command && from.command.join('\0') !== to.command.join('\0')
      ? [{ kind: 'command', from: from.command, to: to.command }]
      : []
  const rest = before && after ? fingerprintChanges(before, after) : []
  const inputs = inputChanges(pair, comparison.inputs)
  return { own: [...command, ...rest, ...inputs.own], via: inputs.via }
}

/** Needs within a phase are declared, or follow from what is read; all others follow from which actions there are. */
function needChanges({ from, to }: Pair, { single }: Comparison): ActionChanges {
  const { added, removed } = addedRemoved(from.needs, to.needs)
  if (added.length + removed.length === 0) return { own: [], via: [] }
  const declared = (id: ActionId): boolean => id.startsWith(`${to.pack}:${to.phase}/`)
  const own = { added: added.filter(declared), removed: removed.filter(declared) }
  if (own.added.length + own.removed.length > 0) return { own: [{ kind: 'needs', ...own }], via: [] }
  const via = [...added, ...removed].filter((id) => single.has(id))
  return { own: via.length > 0 ? [] : [{ kind: 'needs', added, removed }], via }
}

/** How it ended, where nothing that entered the key explains it. */
function endingChanges(pair: Pair, comparison: Comparison): ActionChanges {
  const { from, to } = pair
  if (from.status === null || to.status === null || isSameEnding(from, to)) return { own: [], via: [] }
  const sides = (['from', 'to'] as const).map((side) => stopOf(pair[side], side, comparison))
  const stopped = { own: sides.flatMap(({ own }) => own), via: sides.flatMap(({ via }) => via) }
  if (stopped.own.length + stopped.via.length > 0 || from.key === null || from.key !== to.key) return stopped
  const change = { kind: 'outcome', outputs: outputChanges(from.outputs, to.outputs) } as const
  return { own: [{ ...change, from: endingOf(from), to: endingOf(to) }], via: [] }
}

function isSameEnding(from: ViewedAction, to: ViewedAction): boolean {
  const ending = (action: ViewedAction): string =>
    canonicalJson({ ...endingOf(action), outputs: action.outputs } as unknown as Json)
  return from.key === to.key && ending(from) === ending(to)
}

/** What was tolerated is how it ended by itself. */
export function endingOf({ status, exitCode, reason, tolerated }: ViewedAction): Ending {
  return { status, exitCode, reason: tolerated ?? reason }
}

/** What kept an action from its own end. */
function stopOf({ status, reason }: ViewedAction, run: Side, comparison: Comparison): ActionChanges {
  const stopped = (how: Extract<OwnChange, { kind: 'stopped' }>['how']): ActionChanges => ({
    own: [{ kind: 'stopped', run, how }],
    via: [],
  })
  if (status === 'interrupted') return stopped('interrupted')
  if (reason?.kind === 'run-breaker') return stopped('breaker')
  if (reason?.kind === 'internal') return stopped('crash')
  if (reason?.kind === 'input-changed') return { own: [{ kind: 'unreadable', run, path: reason.path }], via: [] }
  if (reason?.kind !== 'cause') return { own: [], via: [] }
  // A failure that is the same in both runs holds this one back in one of them only because that run stopped at it.
  return comparison.inputs.unchanged(reason.action) ? stopped('fail-fast') : { own: [], via: [reason.action] }
}

function outputChanges(from: readonly TreeEntry[], to: readonly TreeEntry[]): readonly OutputChange[] {
  const [before, after] = [digests(from), digests(to)]
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted(compareBytes)
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => ({ path, from: before.get(path) ?? null, to: after.get(path) ?? null }))
}

function digests(entries: readonly TreeEntry[]): ReadonlyMap<string, Digest> {
  return new Map(entries.map(({ path, digest }) => [path, digest]))
}
