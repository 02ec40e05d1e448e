import type { Json } from '../model/canonical.ts'
import type { Manifest } from '../model/manifest.ts'
import type { ManifestDifference } from '../model/verification.ts'

const OF_ACTIONS = 'actions'

/** What is not the same in two manifests: of the run, then of each action in plan order. */
export function manifestDifferences(left: Manifest, right: Manifest): readonly ManifestDifference[] {
  const whole = differingMembers(left, right).filter((name) => name !== OF_ACTIONS)
  const others = new Map(right.actions.map((action) => [action.id, action]))
  const known = new Set(left.actions.map(({ id }) => id))
  return [
    ...(whole.length > 0 ? [{ action: null, members: whole }] : []),
    ...left.actions.flatMap((action) => differenceOf(action.id, differingMembers(action, others.get(action.id) ?? {}))),
    ...right.actions.flatMap((action) => (known.has(action.id) ? [] : differenceOf(action.id, Object.keys(action)))),
  ]
}

function differenceOf(action: string, members: readonly string[]): readonly ManifestDifference[] {
  return members.length > 0 ? [{ action, members }] : []
}

function differingMembers(left: object, right: object): readonly string[] {
  const [before, after] = [left, right] as [Readonly<Record<string, Json>>, Readonly<Record<string, Json>>]
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
}
