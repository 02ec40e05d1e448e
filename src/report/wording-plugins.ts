import type { PluginProblem, Reason } from '../model/outcome.ts'
import { quote, type Worded, type Wording } from './phrase.ts'
import { wordCapability } from './wording-refusals.ts'

/** What is wrong with plugins, by themselves and in a run. */
export const pluginWording: Pick<
  Wording,
  'plugin-undescribed' | 'plugin-capability' | 'plugin-disabled' | 'plugin-error'
> = {
  'plugin-undescribed': ({ module, path }) => ({
    message: `The plugin ${quote(module)} has no ${quote(path)} beside it, which says what it is and what it uses.`,
    fix: `Write ${quote(path)}: ${quote('{ "name": "…", "version": "1.0.0" }')}; \`codex schema plugin\` describes it.`,
  }),
  'plugin-capability': ({ pack, capability }) => ({
    message: `The plugin of ${quote(pack)} uses ${wordCapability(capability)}, for which its pack does not ask.`,
    fix: 'Remove it from `capabilities`, or let the pack ask for it under `constraints`.',
  }),
  'plugin-disabled': ({ pack }) => ({
    message: `The plugin of ${quote(pack)} is disabled: none of its code is loaded.`,
    fix: 'If you trust it: `codex run --enable-plugins`.',
  }),
  'plugin-error': ({ action, reason }) => ({
    message: `Something went wrong with the plugin ${quote(action)}, and its pack may pass without it: ${wordError(reason)}.`,
    fix: 'Its log tells more; with `ORCH_PLUGINS_STRICT=1` it fails its pack.',
  }),
}

/** Why a plugin did not pass. */
export function wordPlugin(problem: PluginProblem): Worded {
  switch (problem) {
    case 'failed':
      return { message: 'The plugin says that the pack is not as it should be; its log tells why.', fix: null }
    case 'error':
      return { message: 'The plugin did not answer as a plugin has to; its log tells what went wrong.', fix: null }
    case 'result':
      return { message: 'The plugin ended without a result that says how, or with one that is none.', fix: null }
  }
}

function wordError(reason: Reason): string {
  switch (reason.kind) {
    case 'plugin':
      return reason.problem === 'result' ? 'it left no result' : 'it did not answer as a plugin has to'
    case 'limit':
      return `it passed its limit of ${reason.limit}`
    case 'missing-outputs':
      return `it did not make ${reason.paths.map(quote).join(', ')}`
    case 'repeated-error':
      return `it went wrong ${reason.times} times in the same way`
    default:
      return 'it ended badly'
  }
}
