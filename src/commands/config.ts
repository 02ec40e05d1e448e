import { Option, type Command } from 'commander'
import type { Json } from '../model/canonical.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { err, ok, type Result } from '../model/result.ts'
import { parseConfig, type ResolvedConfig } from '../packs/config.ts'
import type { LoadedConfig } from '../project.ts'
import { renderSettings, renderSettingsJson, type Origin, type Setting } from '../report/settings.ts'
import type { Context } from './context.ts'
import { ENABLE_PLUGINS, maxAttemptsOf, pluginModeOf, STRICT_PLUGINS } from './environment.ts'
import { withExecution } from './execution.ts'
import { folderOf, styleFor } from './options.ts'
import { showDiagnostics } from './project.ts'
import type { RunCommandOptions } from './run.ts'
import { KEY_VARIABLE } from './signing.ts'
import { withCache, withCommon, withPlugins, withSchedule, type Finish } from './syntax.ts'

export function addConfig(program: Command, context: Context, finish: Finish): void {
  const command = withExecution(withSchedule(withCache(withPlugins(withCommon(program.command('config'))))))
  command
    .description('show every setting that holds, and where it comes from; the flags are those of `codex run`')
    .addOption(new Option('--print', 'print them (what it does anyway)'))
    .addOption(new Option('--sign [=key]', 'as for `codex run`'))
    .action(async (options: RunCommandOptions) => finish(await config(context, command, options)))
}

async function config(context: Context, command: Command, options: RunCommandOptions): Promise<number> {
  const found = await fileOf(context, options)
  if (!found.ok) {
    showDiagnostics(context, found.error, { ...options, sources: new Map() })
    return 2
  }
  const flag = flagsOf(command)
  const settings = [
    { name: 'workspace', value: found.value.root, origin: placeOrigin(options) },
    ...fileSettings(found.value),
    ...runSettings(context, options, flag),
    ...screenSettings(context, options, flag),
  ]
  if (options.json) context.out(renderSettingsJson(settings))
  else context.out(renderSettings(settings, styleFor('out', context, options)))
  return 0
}

interface ConfigFile extends LoadedConfig {
  readonly root: string
  readonly resolved: ResolvedConfig
}

async function fileOf(
  context: Context,
  options: RunCommandOptions,
): Promise<Result<ConfigFile, readonly Diagnostic[]>> {
  const opened = await context.open(folderOf(context, options))
  if (!opened.ok) return err([opened.error])
  const { workspace, config: loaded } = opened.value
  if (!loaded.ok) return err([loaded.error])
  const { config: resolved, diagnostics } = parseConfig(loaded.value.value, loaded.value.file)
  return diagnostics.length > 0 ? err(diagnostics) : ok({ ...loaded.value, root: workspace.root, resolved })
}

function fileSettings({ file, value, resolved }: ConfigFile): readonly Setting[] {
  const setting = (path: readonly string[], holds: Json): Setting => ({
    name: path.join('.'),
    value: holds,
    origin: file !== null && memberOf(value, path) !== undefined ? { from: 'file', by: file } : BY_DEFAULT,
  })
  const breaker = (name: string): Setting => {
    const path = ['policy', 'breakers', name]
    return setting(path, (memberOf(value, path) ?? null) as Json)
  }
  const grants = resolved.grants.map((grant): Json => ({ ...grant }))
  return [
    { name: 'configuration', value: file, origin: BY_DEFAULT },
    setting(['packs'], resolved.packs),
    setting(['agent'], resolved.agent && { ...resolved.agent }),
    setting(['policy', 'grants'], grants),
    breaker('failures'),
    breaker('time'),
  ]
}

/** It may stand before the command, where it is not one of its own. */
function placeOrigin({ directory }: RunCommandOptions): Origin {
  return directory === undefined ? BY_DEFAULT : { from: 'flag', by: '--directory' }
}

type FlagOf = (name: string) => Origin

const BY_DEFAULT: Origin = { from: 'default', by: null }

/** What an option was set by, given its attribute. */
function flagsOf(command: Command): FlagOf {
  return (name) => {
    const option = command.options.find((candidate) => candidate.attributeName() === name)
    const isGiven = command.getOptionValueSource(name) !== undefined && command.getOptionValueSource(name) !== 'default'
    return isGiven && option?.long ? { from: 'flag', by: option.long } : BY_DEFAULT
  }
}

function memberOf(value: unknown, path: readonly string[]): unknown {
  let at = value
  for (const name of path) at = typeof at === 'object' && at !== null ? (Reflect.get(at, name) as unknown) : undefined
  return at
}

function fromEnvironment({ env }: Context, name: string): Origin {
  return env[name] ? { from: 'environment', by: name } : BY_DEFAULT
}

/** What `codex run` does with the same flags. */
function runSettings(context: Context, options: RunCommandOptions, flag: FlagOf): readonly Setting[] {
  const given = (name: keyof RunCommandOptions, label: string, otherwise: Json): Setting => {
    const value = options[name] as Json | undefined
    return { name: label, value: value ?? otherwise, origin: flag(name) }
  }
  const { sign, cache } = options
  const signs = sign === undefined ? fromKey(context) : flag('sign')
  return [
    given('jobs', 'jobs', context.processors),
    given('failFast', 'fail-fast', false),
    given('check', 'check', false),
    given('shuffle', 'shuffle', null),
    given('out', 'out', '.codex/runs'),
    given('sandbox', 'sandbox', 'auto'),
    given('acceptWeaker', 'accept-weaker', []),
    { name: 'allow', value: (options.allow ?? []).map((grant) => ({ ...grant })), origin: flag('allow') },
    { name: 'cache', value: cacheText(cache), origin: flag('cache') },
    { name: 'sign', value: signText(sign, signs), origin: signs },
    ...pluginSettings(context, options, flag),
    {
      name: 'max-attempts',
      value: maxAttemptsOf(context.env['MAX_ATTEMPTS']),
      origin: fromEnvironment(context, 'MAX_ATTEMPTS'),
    },
  ]
}

function pluginSettings(context: Context, options: RunCommandOptions, flag: FlagOf): readonly Setting[] {
  const mode = pluginModeOf(context.env, options)
  const { env } = context
  const flagged = flag('enablePlugins')
  const enabled = flagged.from === 'default' ? fromEnvironment(context, ENABLE_PLUGINS) : flagged
  return [
    { name: 'enable-plugins', value: mode !== 'disabled', origin: enabled },
    { name: 'plugins-strict', value: env[STRICT_PLUGINS] === '1', origin: fromEnvironment(context, STRICT_PLUGINS) },
  ]
}

function fromKey({ signingKey }: Context): Origin {
  return signingKey === null ? BY_DEFAULT : { from: 'environment', by: KEY_VARIABLE }
}

/** A flag without a value comes as `true`. */
function cacheText(cache: unknown): Json {
  if (cache === undefined) return null
  return typeof cache === 'string' && cache !== '' ? cache : '.codex/cache'
}

function signText(sign: unknown, origin: Origin): Json {
  if (typeof sign === 'string' && sign !== '') return sign
  return origin.from === 'default' ? null : KEY_VARIABLE
}

/** How it looks: the same decisions as for every command. */
function screenSettings(context: Context, options: RunCommandOptions, flag: FlagOf): readonly Setting[] {
  const { env, terminal } = context
  const { color, unicode } = styleFor('out', context, options)
  const decides = ['NO_COLOR', 'FORCE_COLOR'].find((name) =>
    name === 'NO_COLOR' ? env[name] : env[name] !== undefined,
  )
  const isDumb = terminal.out && env['TERM'] === 'dumb'
  const variable = decides ?? (isDumb ? 'TERM' : null)
  const byVariable: Origin = variable === null ? BY_DEFAULT : { from: 'environment', by: variable }
  const locale = ['LC_ALL', 'LC_CTYPE', 'LANG'].find((name) => env[name])
  const byLocale = env['CI'] === 'true' && !/utf-?8/i.test(env[locale ?? ''] ?? '') ? 'CI' : locale
  return [
    { name: 'color', value: color, origin: options.color === 'auto' ? byVariable : flag('color') },
    { name: 'unicode', value: unicode, origin: byLocale ? { from: 'environment', by: byLocale } : BY_DEFAULT },
    {
      name: 'github-actions',
      value: env['GITHUB_ACTIONS'] === 'true',
      origin: fromEnvironment(context, 'GITHUB_ACTIONS'),
    },
    {
      name: 'job-summary',
      value: env['GITHUB_STEP_SUMMARY'] || null,
      origin: fromEnvironment(context, 'GITHUB_STEP_SUMMARY'),
    },
    { name: 'job-outputs', value: env['GITHUB_OUTPUT'] || null, origin: fromEnvironment(context, 'GITHUB_OUTPUT') },
  ]
}
