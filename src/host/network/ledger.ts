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

/** Nothing that could act on a terminal, or fill a record. */
function shown(written: string): string {
  const text = written.replaceAll(/[^\u0021-\u007e]/gu, '?')
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text
}

function placeOf(wanted: string): Pick<Connection, 'host' | 'port'> {
  const [, host = wanted, port = '0'] = /^(.*):(\d{1,5})$/s.exec(wanted) ?? []
  return { host: host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host, port: Number(port) }
}
