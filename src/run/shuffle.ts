import { createHash } from 'node:crypto'
import type { Action, ActionId } from '../model/graph.ts'

/**
 * A priority for each action that depends on nothing but the seed and its id: so one order among those that are ready belongs
 * to a seed, on every machine, and an action more in the graph does not change the order of the others.
 */
export function shuffledPriority(actions: readonly Action[], seed: string): ReadonlyMap<ActionId, number> {
  return new Map(actions.map(({ id }) => [id, numberOf(`${seed}\0${id}`)]))
}

/** 48 bits of a digest, which a number holds exactly. */
function numberOf(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6)
}
