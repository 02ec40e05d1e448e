import type { Connection } from '../../model/outcome.ts'

/** Every connection that an attempt asks for, each told once, when it has ended. */
export interface Ledger {
  /** @param wanted what was asked for, as it was written; `null`: there were too many already */
  open(wanted: string): Entry | null
}

export interface Entry {
  /** What was asked for, fit to be shown. */
  readonly wanted: string
  end(outcome: Ending): void
}

export type Ending = Pick<Connection, 'address' | 'verdict' | 'reason'> & Partial<Pick<Connection, 'sent' | 'received'>>

/** A name may have 253 characters. */
const LONGEST_SHOWN = 260

const UNSHOWN = '...'

export interface LedgerOptions {
  readonly onConnection: (connection: Connection) => void
  /** What is asked for beyond that is told of once, as refused. */
  readonly most: number
  /** Called when more has been asked for. */
  readonly onFull: () => void
}

export function createLedger({ onConnection, most, onFull }: LedgerOptions): Ledger {
  let count = 0
  return {
    open: (written) => {
      const wanted = shown(written)
      const place = placeOf(wanted)
      const at = Date.now()
      count++
      const end = (ending: Ending): void => onConnection({ at, ...place, sent: 0, received: 0, ...ending })
      if (count <= most) return { wanted, end }
      if (count === most + 1) {
        end({ address: null, verdict: 'refused', reason: 'too-many-connections' })
        onFull()
      }
      return null
    },
  }
}

/**
 * As it was written or not at all: it may hold a secret, which whoever keeps it can hide only where no part of it is missing or
 * changed. Nothing in it acts on a terminal, or fills a record.
 */
function shown(written: string): string {
  return written.length <= LONGEST_SHOWN && /^[\u0021-\u007e]*$/.test(written) ? written : UNSHOWN
}

function placeOf(wanted: string): Pick<Connection, 'host' | 'port'> {
  const [, host = wanted, port = '0'] = /^(.*):(\d{1,5})$/s.exec(wanted) ?? []
  return { host: host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host, port: Number(port) }
}
