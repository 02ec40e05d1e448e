/** In CSS pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

export interface Box extends Size {
  readonly x: number
  readonly y: number
}

/** Boxes by their place in the list, and what leads from which to which. */
export interface Problem {
  readonly boxes: readonly Size[]
  readonly lines: readonly { readonly from: number; readonly to: number; readonly hidden?: boolean }[]
  readonly gaps: { readonly along: number; readonly across: number }
}

/** x and y in turn: the start of a line, and for each of its cubic curves two control points and an end. */
export type Curve = readonly number[]

export interface Solution extends Size {
  readonly boxes: readonly Box[]
  /** One for each line of the problem, from the middle of the right side of a box to that of the left side of another. */
  readonly lines: readonly Curve[]
}

/** Places boxes in columns, so that lines lead from left to right. The same for the same problem on every machine. */
export type Engine = (problem: Problem) => Solution

/** Graphviz's `dot`, compiled to WebAssembly, so that it comes along and gives the same numbers everywhere. */
export async function loadEngine(): Promise<Engine> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz')
  const graphviz = await Graphviz.load()
  const solved = new Map<string, Solution>()
  return (problem) => {
    const source = sourceOf(problem)
    const known = solved.get(source)
    if (known) return known
    const answer = JSON.parse(graphviz.layout(source, 'json', 'dot', { yInvert: true })) as Answer
    const solution = solutionOf(problem, answer)
    solved.set(source, solution)
    return solution
  }
}

/** Its unit is a point, 72 to the inch; here a point is a pixel. */
const INCH = 72

/** Nothing in it comes from a pack: boxes and lines are numbers. */
function sourceOf({ boxes, lines, gaps }: Problem): string {
  return [
    `digraph { rankdir=LR ranksep=${inches(gaps.along)} nodesep=${inches(gaps.across)} nslimit=8 nslimit1=8 mclimit=1`,
    'node [shape=box fixedsize=true label=""] edge [dir=none tailport=e headport=w]',
    ...boxes.map(({ width, height }, at) => `${at} [width=${inches(width)} height=${inches(height)}]`),
    ...lines.map(
      ({ from, to, hidden }, at) => `${from} -> ${to} [id=${at}${hidden ? ' style=invis weight=0' : ' weight=2'}]`,
    ),
    '}',
  ].join('\n')
}

function inches(pixels: number): string {
  return (pixels / INCH).toFixed(4)
}

interface Answer {
  readonly bb: string
  readonly objects?: readonly { readonly name: string; readonly pos: string }[]
  readonly edges?: readonly { readonly id: string; readonly pos?: string }[]
}

function solutionOf({ boxes, lines }: Problem, { bb, objects = [], edges = [] }: Answer): Solution {
  const [left = 0, top = 0, right = 0, bottom = 0] = numbersOf(bb)
  const centres = new Map(objects.map(({ name, pos }) => [Number(name), numbersOf(pos)]))
  const curves = new Map(edges.map(({ id, pos = '' }) => [Number(id), numbersOf(pos)]))
  const placed = boxes.map((size, at): Box => {
    const [x = 0, y = 0] = centres.get(at) ?? []
    return { ...size, x: x - size.width / 2, y: y - size.height / 2 }
  })
  return {
    width: Math.abs(right - left),
    height: Math.abs(bottom - top),
    boxes: placed,
    lines: lines.map((_, at) => curves.get(at) ?? []),
  }
}

function numbersOf(text: string): readonly number[] {
  return text
    .split(/[ ,]+/)
    .filter((part) => part !== '')
    .map(Number)
}
