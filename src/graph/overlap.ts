/** One part of a pattern between slashes: `**`, or characters with `*` and `?` as the only wildcards. */
export type Segment = { readonly deep: true } | { readonly deep: false; readonly tokens: readonly string[] }

const DEEP: Segment = { deep: true }
/** Stands for `*` among tokens, which are single characters otherwise. */
const MANY = '**'
const ONE = '??'

export function literalSegments(path: string): readonly Segment[] {
  return path === '' ? [] : path.split('/').map((part) => ({ deep: false, tokens: [...part] }))
}

/**
 * Splits a glob for {@link mayOverlap}. Braces, classes and extended globs are widened to `*`, and to `**` where they
 * span parts, so that an overlap is never missed.
 */
export function segmentsOf(glob: string): readonly Segment[] {
  const segments: Segment[] = []
  for (const part of widen(glob).split('/')) {
    if (/^\*{2,}$/.test(part)) segments.push(DEEP)
    else segments.push({ deep: false, tokens: tokensOf(part) })
  }
  return segments
}

/** Whether a path exists that both could match. */
export function mayOverlap(left: readonly Segment[], right: readonly Segment[]): boolean {
  return meet(left, right, {
    free: (segment) => segment.deep,
    equal: (a, b) => a.deep || b.deep || meet(a.tokens, b.tokens, CHARACTERS),
  })
}

interface Alphabet<T> {
  /** Matches any number of items, none included. */
  readonly free: (item: T) => boolean
  readonly equal: (a: T, b: T) => boolean
}

const CHARACTERS: Alphabet<string> = {
  free: (token) => token === MANY,
  equal: (a, b) => a === b || a === ONE || b === ONE,
}

/** Whether two sequences with wildcards have a common instance; row by row, so that long ones do not recurse. */
function meet<T>(left: readonly T[], right: readonly T[], { free, equal }: Alphabet<T>): boolean {
  let below: boolean[] = []
  for (let i = left.length; i >= 0; i--) {
    const row: boolean[] = Array.from({ length: right.length + 1 }, () => false)
    for (let j = right.length; j >= 0; j--) {
      const a = left[i]
      const b = right[j]
      if (a === undefined && b === undefined) row[j] = true
      else if (a !== undefined && free(a)) row[j] = below[j] === true || (b !== undefined && row[j + 1] === true)
      else if (b !== undefined && free(b)) row[j] = row[j + 1] === true || (a !== undefined && below[j] === true)
      else row[j] = a !== undefined && b !== undefined && equal(a, b) && below[j + 1] === true
    }
    below = row
  }
  return below[0] === true
}

function widen(glob: string): string {
  let widened = glob.replaceAll(/\\[^/]/g, '?').replaceAll('\\', '')
  for (let before = ''; before !== widened;) {
    before = widened
    widened = widened.replaceAll(/[@?*+!]?\([^()]*\)|\{[^{}]*\}|\[[^[\]/]+\]/g, (group) =>
      group.includes('/') || group.includes('\0') ? '\0' : '*',
    )
  }
  const spanning = widened.indexOf('\0')
  if (spanning === -1) return widened
  return `${widened.slice(0, widened.lastIndexOf('/', spanning) + 1)}**`
}

function tokensOf(part: string): readonly string[] {
  if (/[[\]{}()]/.test(part)) return [MANY]
  const tokens = part.replaceAll(/\*+/g, '*')
  return [...tokens].map((token) => (token === '*' ? MANY : token === '?' ? ONE : token))
}
