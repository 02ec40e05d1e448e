import type { Difference, OwnChange, Side } from '../../model/difference.ts'
import type { ActionId } from '../../model/graph.ts'
import type { RunView, ViewedAction } from '../../model/run-view.ts'
import { createAttribution } from './attribute.ts'
import { behind, causesOf, dependentsOf, type Differing } from './causes.ts'
import { changesOf, differs, endingOf, type Comparison, type Pair } from './actions.ts'
import { productsOf } from './products.ts'

/**
 * Why two runs differ, as causes: what differs of an action itself is one, and what it only got from another action is none of its
 * own. What enters many actions is one cause.
 */
export function compareRuns(from: RunView, to: RunView): Difference {
  const pairs = pairsOf(from, to)
  const differing = findDiffering(pairs, comparisonOf(pairs, from, to))
  const roots = differing.filter(({ own }) => own.length > 0).map(({ action }) => action.id)
  const followers = differing.filter(({ own }) => own.length === 0).map(({ action }) => action.id)
  return {
    same: from.digest !== null && from.digest === to.digest,
    causes: causesOf(differing, { from, to, attribute: createAttribution(from, to) }),
    total: pairs.size,
    unchanged: pairs.size - differing.length,
    roots,
    followers,
    endings: [...pairs].flatMap(([action, pair]) => endingChange(action, pair)),
  }
}

function endingChange(action: ActionId, { from, to }: Partial<Pair>): Difference['endings'] {
  if (!from || !to || !hasRun(from) || !hasRun(to)) return []
  if (from.status === to.status && from.exitCode === to.exitCode) return []
  return [{ action, from: endingOf(from), to: endingOf(to) }]
}

function hasRun({ status }: ViewedAction): boolean {
  return status !== null && status !== 'skipped' && status !== 'interrupted'
}

type Pairs = ReadonlyMap<ActionId, Partial<Pair>>

/** Every action of either run in plan order: that of the second, with those that are only in the first after those that they came after there. */
function pairsOf(from: RunView, to: RunView): Pairs {
  const places = new Map(from.actions.map(({ id }, place) => [id, place]))
  const kept = new Set(to.actions.map(({ id }) => id))
  const pairs = new Map<ActionId, Partial<Pair>>()
  let next = 0
  const takeOld = (until: number): void => {
    for (const old of from.actions.slice(next, until)) if (!kept.has(old.id)) pairs.set(old.id, { from: old })
    next = Math.max(next, until)
  }
  for (const action of to.actions) {
    const place = places.get(action.id)
    const old = place === undefined ? undefined : from.actions[place]
    if (place !== undefined) takeOld(place)
    pairs.set(action.id, old ? { from: old, to: action } : { to: action })
  }
  takeOld(from.actions.length)
  return pairs
}

function comparisonOf(pairs: Pairs, from: RunView, to: RunView): Comparison {
  const single = new Map<ActionId, Side>()
  const same = new Set<ActionId>()
  for (const [id, pair] of pairs) {
    if (!isWhole(pair)) single.set(id, pair.from ? 'from' : 'to')
    else if (!differs(pair)) same.add(id)
  }
  const products = { from: productsOf(from), to: productsOf(to) }
  const inputs = { runs: { from, to }, products, known: new Map(), unchanged: (id: ActionId) => same.has(id) }
  return { from, to, single, inputs }
}

function findDiffering(pairs: Pairs, comparison: Comparison): readonly Differing[] {
  const found = new Map<ActionId, Differing>()
  for (const [id, pair] of pairs) {
    const action = pair.to ?? pair.from
    if (!action || comparison.inputs.unchanged(id)) continue
    const { own, via } = isWhole(pair) ? changesOf(pair, comparison) : { own: singleChange(pair), via: [] }
    found.set(id, { action, own, via: via.filter((each) => each !== id && !comparison.inputs.unchanged(each)) })
  }
  return withReasons([...found.values()])
}

function isWhole(pair: Partial<Pair>): pair is Pair {
  return pair.from !== undefined && pair.to !== undefined
}

function singleChange({ from }: Partial<Pair>): readonly OwnChange[] {
  return [{ kind: from ? 'removed' : 'added' }]
}

/** Whoever follows nobody that has a reason of its own is not explained by following. */
function withReasons(differing: readonly Differing[]): readonly Differing[] {
  const reached = behind(
    differing.filter(({ own }) => own.length > 0).map(({ action }) => action.id),
    dependentsOf(differing),
  )
  return differing.map((each) => (reached.has(each.action.id) ? each : { ...each, own: [{ kind: 'unexplained' }] }))
}
