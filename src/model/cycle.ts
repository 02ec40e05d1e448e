import { feedbackArcs } from './feedback-arcs.ts'

type Successors = readonly (readonly number[])[]

/** What is cyclic in one strongly connected part of a directed graph. */
export interface Cyclic {
  /** The shortest cycle without its first node repeated at the end; it starts with the node that comes first. */
  readonly cycle: readonly string[]
  /** Edges without which the part has no cycle; `null`: it is a ring, and any one of its edges will do. */
  readonly cut: readonly { readonly from: string; readonly to: string }[] | null
  /** Whether no fewer edges would do. */
  readonly least: boolean
}

/**
 * Every strongly connected part of a directed graph that holds a cycle, in the order of `names`. Iterative; linear unless many
 * cycles cross each other.
 */
export function cyclesOf(names: readonly string[], needs: (name: string) => readonly string[]): Cyclic[] {
  const index = new Map(names.map((name, place) => [name, place]))
  const successors = names.map((name) => needs(name).flatMap((need) => index.get(need) ?? []))
  const nameOf = (node: number): string => names[node] ?? ''
  return cyclicParts(successors).map((part) => {
    const cycle = shortestCycle(part, successors).map(nameOf)
    if (cycle.length === part.length && isRing(part, successors)) return { cycle, cut: null, least: true }
    const { arcs, least } = feedbackArcs(part, (node) => successors[node] ?? [])
    return { cycle, cut: arcs.map(([from, to]) => ({ from: nameOf(from), to: nameOf(to) })), least }
  })
}

function isRing(part: readonly number[], successors: Successors): boolean {
  const members = new Set(part)
  return part.every((node) => new Set(successors[node]?.filter((target) => members.has(target))).size === 1)
}

/** Tarjan's strongly connected components with an explicit stack; only those that hold a cycle, by their first node. */
function cyclicParts(successors: Successors): number[][] {
  const order = new Int32Array(successors.length).fill(-1)
  const low = new Int32Array(successors.length)
  const onStack = new Uint8Array(successors.length)
  const stack: number[] = []
  const parts: number[][] = []
  let next = 0
  const enter = (node: number): { node: number; edge: number } => {
    order[node] = low[node] = next++
    stack.push(node)
    onStack[node] = 1
    return { node, edge: 0 }
  }
  const leave = (node: number): void => {
    if (low[node] !== order[node]) return
    const part = stack.splice(stack.lastIndexOf(node))
    for (const member of part) onStack[member] = 0
    if (part.length > 1 || successors[node]?.includes(node)) parts.push(part.toSorted((a, b) => a - b))
  }
  for (let root = 0; root < successors.length; root++) {
    const path = order[root] === -1 ? [enter(root)] : []
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const target = successors[top.node]?.[top.edge++]
      if (target === undefined) {
        path.pop()
        leave(top.node)
        const above = path.at(-1)
        if (above) low[above.node] = Math.min(low[above.node] ?? 0, low[top.node] ?? 0)
      } else if (order[target] === -1) path.push(enter(target))
      else if (onStack[target] === 1) low[top.node] = Math.min(low[top.node] ?? 0, order[target] ?? 0)
    }
  }
  return parts.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0))
}

/**
 * The shortest cycle through each node in turn; a node that was tried is taken out, and with it all that is on no cycle
 * any more, so that a plain ring is walked once.
 */
function shortestCycle(part: readonly number[], successors: Successors): readonly number[] {
  const remaining = new Remaining(part, successors)
  let best: readonly number[] = []
  for (const node of part) {
    if (!remaining.has(node)) continue
    const cycle = remaining.cycleThrough(node, best.length === 0 ? part.length : best.length - 1)
    if (cycle) best = cycle
    if (best.length === 1) break
    remaining.remove(node)
  }
  const first = best.indexOf(best.reduce((least, node) => Math.min(least, node), Infinity))
  return [...best.slice(first), ...best.slice(0, first)]
}

class Remaining {
  readonly #next = new Map<number, readonly number[]>()
  readonly #previous = new Map<number, number[]>()
  readonly #in = new Map<number, number>()
  readonly #out = new Map<number, number>()

  constructor(part: readonly number[], successors: Successors) {
    const members = new Set(part)
    for (const node of part) {
      const next = [...new Set(successors[node])].filter((target) => members.has(target)).toSorted((a, b) => a - b)
      this.#next.set(node, next)
      this.#out.set(node, next.length)
      for (const target of next) {
        this.#in.set(target, (this.#in.get(target) ?? 0) + 1)
        const previous = this.#previous.get(target)
        if (previous) previous.push(node)
        else this.#previous.set(target, [node])
      }
    }
  }

  has(node: number): boolean {
    return this.#next.has(node)
  }

  /** Takes a node out, then all that have no way in or no way out. */
  remove(start: number): void {
    const pending = [start]
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      const next = this.#next.get(node)
      if (!next) continue
      this.#next.delete(node)
      for (const target of next) if (lower(this.#in, target) === 0) pending.push(target)
      for (const source of this.#previous.get(node) ?? []) if (lower(this.#out, source) === 0) pending.push(source)
    }
  }

  /** Breadth first, over at most `bound` edges. */
  cycleThrough(start: number, bound: number): readonly number[] | null {
    const parent = new Map<number, number>()
    let level = [start]
    for (let depth = 1; depth <= bound && level.length > 0; depth++) {
      const below: number[] = []
      for (const node of level) {
        for (const target of this.#next.get(node) ?? []) {
          if (target === start) return pathTo(node, start, parent)
          if (!this.has(target) || parent.has(target)) continue
          parent.set(target, node)
          below.push(target)
        }
      }
      level = below
    }
    return null
  }
}

function lower(counts: Map<number, number>, node: number): number {
  const count = (counts.get(node) ?? 0) - 1
  counts.set(node, count)
  return count
}

function pathTo(end: number, start: number, parent: ReadonlyMap<number, number>): readonly number[] {
  const path = [end]
  for (let at = end; at !== start;) {
    at = parent.get(at) ?? start
    path.push(at)
  }
  return path.toReversed()
}
