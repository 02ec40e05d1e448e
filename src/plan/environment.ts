import { compareBytes } from '../model/order.ts'
import type { CommandAction } from '../model/graph.ts'
import { SEARCH_PATH, SOURCE_DATE_EPOCH, VIEW } from '../model/view.ts'

/** What every action sees, on every machine; times and paths are those of the sandbox. */
const FIXED_ENVIRONMENT: Readonly<Record<string, string>> = Object.freeze({
  PATH: SEARCH_PATH,
  HOME: VIEW.home,
  TMPDIR: VIEW.temporary,
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  CI: 'true',
  SOURCE_DATE_EPOCH: String(SOURCE_DATE_EPOCH),
})

/** The caller's variables; those that are `undefined` are not set. */
export type CallerEnvironment = Readonly<Record<string, string | undefined>>

/**
 * The environment of an action: what is fixed, then what the pack declares, then what it passes through from the
 * caller. A later one wins, but nothing can claim to be another action. Names are sorted by bytes.
 */
export function environmentOf(action: CommandAction, caller: CallerEnvironment): Readonly<Record<string, string>> {
  const values = new Map<string, string>([...Object.entries(FIXED_ENVIRONMENT), ...Object.entries(action.env)])
  for (const name of action.passEnv) {
    const value = Object.hasOwn(caller, name) ? caller[name] : undefined
    if (value !== undefined) values.set(name, value)
  }
  values.set('CODEX_PACK', action.pack).set('CODEX_ACTION', action.id)
  return Object.freeze(Object.fromEntries([...values].toSorted(([a], [b]) => compareBytes(a, b))))
}
