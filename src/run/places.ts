import type { Action, ActionId } from '../model/graph.ts'

/**
 * The places of each action's needs in plan order, ascending and each once. `after`: of all that must have ended, whether or
 * not it has to pass.
 *
 * @throws RangeError if an action comes before one that it needs
 */
export function needsOf(actions: readonly Action[], { after = false }: { readonly after?: boolean } = {}): number[][] {
  const places = new Map<ActionId, number>()
  return actions.map((action, index) => {
    const needs = [...new Set([...action.needs, ...(after && action.kind === 'gate' ? (action.after ?? []) : [])])].map(
      (need) => {
        const place = places.get(need)
        if (place === undefined) throw new RangeError(`${action.id} does not come after ${need}`)
        return place
      },
    )
    places.set(action.id, index)
    return needs.toSorted((a, b) => a - b)
  })
}

/** The places of the actions that directly need each one, ascending. */
export function dependentsOf(needs: readonly (readonly number[])[]): number[][] {
  const dependents: number[][] = needs.map(() => [])
  for (const [index, places] of needs.entries()) for (const place of places) dependents[place]?.push(index)
  return dependents
}
