import { compareBytes } from '../../model/order.ts'
import {
  evidenceProblem,
  type EvidenceProblem,
  type EvidenceProblemFacts,
  type EvidenceProblemKind,
} from '../../model/verification.ts'

/** How many problems are kept; of the others only their number. */
const KEPT = 1000

/** Takes note of a problem. */
export type Report = <Kind extends EvidenceProblemKind>(
  kind: Kind,
  path: string,
  facts: EvidenceProblemFacts[Kind],
) => void

/** Gathers problems, so that all of them are told at once, and a run that is nothing but problems takes no more memory. */
export interface Findings {
  readonly report: Report
  result(): { readonly problems: readonly EvidenceProblem[]; readonly more: number }
}

export function createFindings(): Findings {
  const problems: EvidenceProblem[] = []
  let more = 0
  return {
    report: (kind, path, facts) => {
      if (problems.length < KEPT) problems.push(evidenceProblem(kind, path, facts))
      else more += 1
    },
    result: () => ({ problems: problems.toSorted((a, b) => compareBytes(a.path, b.path)), more }),
  }
}
