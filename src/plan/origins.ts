import { posix } from 'node:path'
import type { InputOrigin, VariableOrigin } from '../model/explanation.ts'
import { commandOf } from '../model/commands.ts'
import type { Action, ActionId, CommandAction } from '../model/graph.ts'
import { workspacePath, type Pack } from '../model/pack.ts'
import { matcher } from '../model/pattern.ts'
import { PLUGIN_RUNTIME } from '../model/plugin.ts'
import type { CallerEnvironment } from './environment.ts'

/**
 * Why an action sees each of its files.
 *
 * @param made who made the files that its providers have made, by path
 */
export function createInputOrigins(
  action: Action,
  pack: Pack,
  made: ReadonlyMap<string, ActionId>,
): (path: string) => InputOrigin {
  const patterns = patternsOf(action, pack).map((pattern) => ({ pattern, matches: placed(pack, pattern) }))
  return (path) => {
    const replaced =
      action.kind === 'command' ? action.control?.replace.find(({ target }) => target === path) : undefined
    if (replaced) return { kind: 'control', path: replaced.source }
    if (path.startsWith(`${PLUGIN_RUNTIME}/`)) return { kind: 'runtime' }
    const mounted = action.kind === 'command' ? mountOf(action, path) : null
    if (mounted) return mounted
    const maker = made.get(path)
    if (maker !== undefined) return { kind: 'output', action: maker }
    return { kind: 'source', pattern: patterns.find(({ matches }) => matches(path))?.pattern ?? null }
  }
}

function mountOf({ artifacts }: CommandAction, path: string): InputOrigin | null {
  for (const artifact of artifacts) {
    const { from: pack, path: made, as } = artifact
    if (path === as && !made.endsWith('/')) return { kind: 'artifact', pack, path: made }
    const folder = as.endsWith('/') ? as : `${as}/`
    if (made.endsWith('/') && path.startsWith(folder)) {
      return { kind: 'artifact', pack, path: `${made}${path.slice(folder.length)}` }
    }
  }
  return null
}

/** Those that were written for the action itself, otherwise the pack's; for a gate what it requires. */
function patternsOf(action: Action, pack: Pack): readonly string[] {
  const { inputs, artifacts } = pack.definition
  const patterns = action.kind === 'gate' ? artifacts.required : (commandOf(pack, action)?.files ?? inputs.files)
  return patterns.filter((pattern) => !pattern.startsWith('!'))
}

function placed({ dir }: Pack, pattern: string): (path: string) => boolean {
  return matcher(posix.normalize(workspacePath(dir, pattern)))
}

/** Where a variable of an action has its value from. */
export function variableOrigin(action: CommandAction, name: string, caller: CallerEnvironment): VariableOrigin {
  if (/^CODEX_(?:PACK|ACTION|AGENT_PHASE)$/.test(name)) return 'codex'
  if (action.passEnv.includes(name) && Object.hasOwn(caller, name)) return 'caller'
  return Object.hasOwn(action.env, name) ? 'declared' : 'fixed'
}
