import { compareBytes } from '../model/order.ts'
import type { CommandAction } from '../model/graph.ts'
import { PROXY, SEARCH_PATH, SOURCE_DATE_EPOCH, VIEW } from '../model/view.ts'

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

const PROXY_URL = `http://${PROXY.host}:${PROXY.port}`

/**
 * What an action that has a network sees as well: the ways in which programs are told of a proxy, and that there is no host which
 * they reach without it.
 */
const PROXY_ENVIRONMENT: Readonly<Record<string, string>> = Object.freeze({
  ...{ HTTP_PROXY: PROXY_URL, HTTPS_PROXY: PROXY_URL, ALL_PROXY: PROXY_URL, NO_PROXY: '' },
  ...{ http_proxy: PROXY_URL, https_proxy: PROXY_URL, all_proxy: PROXY_URL, no_proxy: '' },
  NODE_USE_ENV_PROXY: '1',
})

/** The caller's variables; those that are `undefined` are not set. */
export type CallerEnvironment = Readonly<Record<string, string | undefined>>

/**
 * The environment of an action: what is fixed, then what the pack declares, then what it passes through from the
 * caller. A later one wins, but nothing can claim to be another action. Names are sorted by bytes.
 */
export function environmentOf(action: CommandAction, caller: CallerEnvironment): Readonly<Record<string, string>> {
  const proxy = action.capabilities.network.length > 0 ? PROXY_ENVIRONMENT : {}
  const values = new Map(Object.entries({ ...FIXED_ENVIRONMENT, ...proxy, ...action.env }))
  for (const name of action.passEnv) {
    const value = Object.hasOwn(caller, name) ? caller[name] : undefined
    if (value !== undefined) values.set(name, value)
  }
  // A control is told the name of its command: one that could tell the two apart could fail for that alone.
  values.set('CODEX_PACK', action.pack).set('CODEX_ACTION', action.control?.of ?? action.id)
  if (action.agent) values.set('CODEX_AGENT_PHASE', action.agent)
  return Object.freeze(Object.fromEntries([...values].toSorted(([a], [b]) => compareBytes(a, b))))
}
