import type { PluginMode } from '../model/plugin.ts'
import { UsageError } from './options.ts'

/** What enables plugins, and what makes their own errors those of their packs. */
export const ENABLE_PLUGINS = 'ORCH_ENABLE_PLUGINS'
export const STRICT_PLUGINS = 'ORCH_PLUGINS_STRICT'

/** What becomes of plugins, by the flag `--enable-plugins` and the caller's variables. */
export function pluginModeOf(
  env: Readonly<Record<string, string | undefined>>,
  { enablePlugins = false }: { readonly enablePlugins?: boolean },
): PluginMode {
  const [enabled, strict] = [isSwitchedOn(env, ENABLE_PLUGINS), isSwitchedOn(env, STRICT_PLUGINS)]
  if (!enablePlugins && !enabled) return 'disabled'
  return strict ? 'strict' : 'enabled'
}

/** Nothing but a plain yes enables anything, and what is neither that nor a plain no is a mistake. */
function isSwitchedOn(env: Readonly<Record<string, string | undefined>>, name: string): boolean {
  const text = env[name] ?? ''
  if (text === '' || text === '0') return false
  if (text === '1') return true
  throw new UsageError(`${name} is '${text}': 1 or 0 is needed`)
}

/** What MAX_ATTEMPTS says; `null`: it is not set. */
export function maxAttemptsOf(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new UsageError(`MAX_ATTEMPTS is '${text}': a whole number from 1 is needed`)
  return Number(text)
}
