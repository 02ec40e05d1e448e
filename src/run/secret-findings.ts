import { compareBytes } from '../model/order.ts'
import type { SecretFinding } from '../model/secrets.ts'

/** Keeps the first findings by path, line and rule, each once; a file may hold millions. */
export interface Findings {
  add(finding: SecretFinding): void
  /** Whether nothing that is found from this line of the file on can change what is told. */
  isSettled(path: string, line: number): boolean
  /** Sorted. */
  readonly kept: readonly SecretFinding[]
  /** Whether others were left out. */
  readonly more: boolean
}

export function createFindings(limit: number): Findings {
  const kept: SecretFinding[] = []
  let more = false
  return {
    add: (finding) => {
      const place = placeIn(kept, finding)
      const there = kept[place]
      if (there && compareFindings(there, finding) === 0) return
      kept.splice(place, 0, finding)
      if (kept.length <= limit) return
      kept.pop()
      more = true
    },
    isSettled: (path, line) => {
      const last = kept.at(-1)
      return more && last !== undefined && compareFindings(last, { path, line, rule: '' }) < 0
    },
    kept,
    get more() {
      return more
    },
  }
}

/** Where the finding is, or belongs. */
function placeIn(sorted: readonly SecretFinding[], finding: SecretFinding): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    const at = sorted[middle]
    if (at && compareFindings(at, finding) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function compareFindings(a: SecretFinding, b: SecretFinding): number {
  const byPath = a.path === b.path ? 0 : compareBytes(a.path, b.path)
  return byPath || a.line - b.line || compareBytes(a.rule, b.rule)
}
