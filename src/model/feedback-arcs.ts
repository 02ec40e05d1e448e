import TinyQueue from 'tinyqueue'

/** An arc of a directed graph, from one node to another, or to itself. */
export type Arc = readonly [from: number, to: number]

export interface FeedbackArcs {
  /** Without them there is no cycle. In the order of the nodes. */
  readonly arcs: readonly Arc[]
  /** Whether no fewer would do. */
  readonly least: boolean
}

/** One or several arcs in a row or side by side, as if they were one: what it takes to cut it. */
interface Bundle {
  readonly cut: readonly Arc[]
}

/** The nodes that are left of a graph, by their successors and predecessors. */
interface Network {
  readonly next: Map<number, Map<number, Bundle>>
  readonly previous: Map<number, Set<number>>
}

/** The time and memory of the exact way double with each node: with so many it takes some ten milliseconds. */
const EXACT = 15

/**
 * Arcs without which a strongly connected graph has no cycle: a minimum feedback arc set where few nodes are left once those on
 * the way between two others are taken out, and otherwise one that is likely near it (Eades, Lin and Smyth 1993).
 *
 * @param nodes in the order that decides between sets of the same size
 */
export function feedbackArcs(nodes: readonly number[], next: (node: number) => readonly number[]): FeedbackArcs {
  const network = networkOf(nodes, next)
  const found: Arc[] = contract(network)
  const left = nodes.filter((node) => network.next.has(node))
  const least = left.length <= EXACT
  const order = least ? bestOrder(left, network) : goodOrder(left, network)
  found.push(...backward(order, network))
  const rank = new Map(nodes.map((node, place) => [node, place]))
  const place = (node: number): number => rank.get(node) ?? 0
  const arcs = least ? found : needed(found, nodes, next)
  return { arcs: arcs.toSorted((a, b) => place(a[0]) - place(b[0]) || place(a[1]) - place(b[1])), least }
}

function networkOf(nodes: readonly number[], next: (node: number) => readonly number[]): Network {
  const members = new Set(nodes)
  const network: Network = {
    next: new Map(nodes.map((node) => [node, new Map<number, Bundle>()])),
    previous: new Map(nodes.map((node) => [node, new Set<number>()])),
  }
  for (const node of nodes) {
    for (const target of new Set(next(node))) {
      if (members.has(target)) join(network, [node, target], { cut: [[node, target]] })
    }
  }
  return network
}

/** Two bundles side by side have both to be cut. */
function join({ next, previous }: Network, [from, to]: Arc, { cut }: Bundle): void {
  const beside = next.get(from)?.get(to)?.cut ?? []
  next.get(from)?.set(to, { cut: [...beside, ...cut] })
  previous.get(to)?.add(from)
}

/** Takes out nodes with one way in and one way out, and those with none; gives what has to be cut because it leads back at once. */
function contract(network: Network): Arc[] {
  const { next, previous } = network
  const cut: Arc[] = []
  const pending = [...next.keys()]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const out = next.get(node)
    const into = previous.get(node)
    if (!out || !into) continue
    const own = out.get(node)
    if (own) {
      cut.push(...own.cut)
      out.delete(node)
      into.delete(node)
    }
    const passes = out.size === 1 && into.size === 1
    if (!passes && out.size > 0 && into.size > 0) continue
    const [[to, after] = []] = out
    const [from] = into
    const before = from === undefined ? undefined : next.get(from)?.get(node)
    pending.push(...out.keys(), ...into)
    remove(network, node)
    if (!passes || from === undefined || to === undefined || !before || !after) continue
    join(network, [from, to], before.cut.length <= after.cut.length ? before : after)
  }
  return cut
}

function remove({ next, previous }: Network, node: number): void {
  for (const target of next.get(node)?.keys() ?? []) previous.get(target)?.delete(node)
  for (const source of previous.get(node) ?? []) next.get(source)?.delete(node)
  next.delete(node)
  previous.delete(node)
}

/** What leads back to an earlier node of an order. */
function backward(order: readonly number[], { next }: Network): Arc[] {
  const rank = new Map(order.map((node, place) => [node, place]))
  return order.flatMap((node, place) =>
    [...(next.get(node) ?? [])].flatMap(([to, { cut }]) => ((rank.get(to) ?? place) <= place ? cut : [])),
  )
}

/**
 * The order with the least to cut, by dynamic programming over the sets of nodes that stand first (Lawler 1964): 2^n sets, each
 * with the cheapest node to stand last in it.
 */
function bestOrder(nodes: readonly number[], { next }: Network): readonly number[] {
  const count = nodes.length
  const place = new Map(nodes.map((node, at) => [node, at]))
  const weights = nodes.map((node) => {
    const row = new Int32Array(count)
    for (const [to, { cut }] of next.get(node) ?? []) row[place.get(to) ?? 0] = cut.length
    return row
  })
  const costs = new Int32Array(2 ** count)
  const lasts = new Int8Array(2 ** count)
  for (let set = 1; set < 2 ** count; set++) {
    let least = Infinity
    for (let last = 0; last < count; last++) {
      if ((set & (1 << last)) === 0) continue
      const before = set ^ (1 << last)
      const cost = (costs[before] ?? 0) + weightInto(weights[last], before)
      if (cost >= least) continue
      least = cost
      lasts[set] = last
    }
    costs[set] = least
  }
  const order: number[] = []
  for (let set = 2 ** count - 1; set > 0; set ^= 1 << (lasts[set] ?? 0)) order.push(nodes[lasts[set] ?? 0] ?? 0)
  return order.toReversed()
}

/** What leads from a node to those of a set. */
function weightInto(row: Int32Array | undefined, set: number): number {
  let sum = 0
  for (let rest = set; rest > 0; rest &= rest - 1) sum += row?.[31 - Math.clz32(rest & -rest)] ?? 0
  return sum
}

interface Candidate {
  readonly node: number
  /** What leads out of it less what leads into it, when it became a candidate. */
  readonly surplus: number
  readonly place: number
}

/** The node with the most to lose stands next: first what nothing leads into; what leads nowhere stands last. */
function goodOrder(nodes: readonly number[], network: Network): readonly number[] {
  const { next, previous } = network
  const rest: Network = {
    next: new Map([...next].map(([node, out]) => [node, new Map(out)])),
    previous: new Map([...previous].map(([node, into]) => [node, new Set(into)])),
  }
  const places = new Map(nodes.map((node, place) => [node, place]))
  const candidate = (node: number): Candidate => ({ node, surplus: surplus(rest, node), place: places.get(node) ?? 0 })
  const queue = new TinyQueue(nodes.map(candidate), (a, b) => b.surplus - a.surplus || a.place - b.place)
  const first: number[] = []
  const last: number[] = []
  /** Takes a node out, then all that lead nowhere any more. */
  const take = (start: number): void => {
    first.push(start)
    const pending = detach(rest, start)
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (rest.next.get(node)?.size === 0) {
        last.push(node)
        pending.push(...detach(rest, node))
      } else if (rest.next.has(node)) queue.push(candidate(node))
    }
  }
  for (let top = queue.pop(); top; top = queue.pop()) {
    if (rest.next.has(top.node) && top.surplus === surplus(rest, top.node)) take(top.node)
  }
  return [...first, ...last.toReversed()]
}

/** Removes a node; gives those that were beside it. */
function detach(network: Network, node: number): number[] {
  const beside = [...(network.next.get(node)?.keys() ?? []), ...(network.previous.get(node) ?? [])]
  remove(network, node)
  return beside
}

function surplus({ next, previous }: Network, node: number): number {
  let sum = 0
  for (const { cut } of next.get(node)?.values() ?? []) sum += cut.length
  for (const source of previous.get(node) ?? []) sum -= next.get(source)?.get(node)?.cut.length ?? 0
  return previous.get(node)?.size === 0 ? Infinity : sum
}

/** Looking for arcs that need not be cut is worth so many steps. */
const STEPS = 5_000_000

/** Leaves out arcs that lead back to nothing once the others are cut. */
function needed(
  arcs: readonly Arc[],
  nodes: readonly number[],
  next: (node: number) => readonly number[],
): readonly Arc[] {
  const cut = new Map<number, Set<number>>()
  for (const [from, to] of arcs) cut.set(from, (cut.get(from) ?? new Set()).add(to))
  const members = new Set(nodes)
  let steps = STEPS
  const reaches = (start: number, goal: number): boolean => {
    const seen = new Set([start])
    // A set that is being walked also yields what is added on the way.
    for (const node of seen) {
      if (node === goal || --steps < 0) return true
      for (const to of next(node)) {
        steps--
        if (members.has(to) && cut.get(node)?.has(to) !== true) seen.add(to)
      }
    }
    return false
  }
  return arcs.filter(([from, to]) => {
    if (steps < 0 || reaches(to, from)) return true
    cut.get(from)?.delete(to)
    return false
  })
}
