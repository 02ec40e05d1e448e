import type { Comparison } from '../../model/explanation.ts'
import type { ActionId } from '../../model/graph.ts'
import type { RunView } from '../../model/run-view.ts'
import { compareRuns } from './runs.ts'

/**
 * Whether an action would have the key that it had in a run, and what is behind it where it would not.
 *
 * @param next the run that would come next, with the actions that lead to it alone
 */
export function compareNext(run: RunView, next: RunView, id: ActionId): Comparison {
  const wanted = new Map(next.actions.map((action) => [action.id, action]))
  const actions = run.actions.filter((action) => wanted.has(action.id))
  const recorded = actions.find((action) => action.id === id) ?? null
  const { causes } = compareRuns({ ...run, actions }, next)
  const unpassed = actions.filter(
    ({ id: other, key, status }) =>
      other !== id && status !== 'passed' && key !== null && key === wanted.get(other)?.key,
  )
  return {
    status: recorded?.status ?? null,
    recorded: recorded?.key ?? null,
    same: recorded !== null && recorded.key !== null && recorded.key === wanted.get(id)?.key,
    causes: causes.filter(
      ({ subject, actions: own, followers }) =>
        (own.includes(id) || followers.includes(id)) && (subject.kind !== 'unexplained' || unpassed.length === 0),
    ),
    unpassed: unpassed.map(({ id: action, status }) => ({ action, status })),
  }
}
