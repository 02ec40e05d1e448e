import { dial, type Dialled, type Lines } from './dial.ts'
import type { Ledger } from './ledger.ts'
import type { Rules, Target } from './rules.ts'

/** How connections that are asked for are checked, made and told of. */
export interface Exchange {
  /**
   * @param written what was asked for
   * @param target `null`: it names none
   */
  dial(written: string, target: Target | null): Promise<Answered>
}

/** Whoever got a socket says when it has ended. */
export type Answered =
  | (Extract<Dialled, { verdict: 'allowed' }> & { readonly end: () => void })
  | (Exclude<Dialled, { verdict: 'allowed' }> & { readonly wanted: string })

export interface Ways {
  readonly rules: Rules
  readonly lines: Lines
  readonly signal: AbortSignal
}

export function createExchange(ledger: Ledger, { rules, ...ways }: Ways): Exchange {
  return {
    dial: async (written, target) => {
      const entry = ledger.open(written)
      if (!entry) return { verdict: 'refused', reason: 'too-many-connections', address: null, wanted: 'anything' }
      const { wanted } = entry
      const dialled: Dialled = target
        ? await dial(target, rules, ways)
        : { verdict: 'refused', reason: 'malformed', address: null }
      if (dialled.verdict !== 'allowed') {
        entry.end(dialled)
        return { ...dialled, wanted }
      }
      const { socket, ...outcome } = dialled
      const end = (): void => entry.end({ ...outcome, sent: socket.bytesWritten, received: socket.bytesRead })
      return { ...dialled, end }
    },
  }
}
