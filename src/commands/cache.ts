import { InvalidArgumentError, type Command } from 'commander'
import { CACHE_BYTES, type CacheAmount } from '../model/cache-prune.ts'
import { parseSize } from '../packs/units.ts'
import { byteSize } from '../report/bytes.ts'
import { printJson } from '../report/json.ts'
import { count } from '../report/phrase.ts'
import { escapeText } from '../report/style.ts'
import type { Context } from './context.ts'
import { folderOf, UsageError, type CommonOptions } from './options.ts'
import { age } from './prune.ts'
import { withCommon, type Finish } from './syntax.ts'

interface PruneOptions extends CommonOptions {
  /** Bytes. */
  readonly maxSize: number
  /** Milliseconds. */
  readonly olderThan?: number
  readonly cache?: string
  readonly dryRun?: boolean
  readonly yes?: boolean
}

export function addCache(program: Command, context: Context, finish: Finish): void {
  const command = program.command('cache').description('keep what `codex run --cache` reuses small')
  withCommon(command.command('prune'))
    .description('remove the outcomes that were used longest ago')
    .option('--max-size <size>', 'keep at most so much', readSize, CACHE_BYTES)
    .option('--older-than <age>', 'remove what nobody has used for so long: 30d, 12h', age)
    .option('--cache <dir>', 'the cache (default: .codex/cache of the workspace)')
    .option('-n, --dry-run', 'say what would go, and leave it')
    .option('-y, --yes', "don't ask")
    .action(async (options: PruneOptions) => finish(await prune(context, options)))
}

function readSize(text: string): number {
  const bytes = text === '0' ? 0 : parseSize(text)
  if (bytes === null) throw new InvalidArgumentError('It takes a size such as 5GiB or 500MB.')
  return bytes
}

async function prune(context: Context, options: PruneOptions): Promise<number> {
  const named = options.cache === undefined ? null : context.absolute(options.cache)
  const bounds = { maxBytes: options.maxSize, unusedForMs: options.olderThan ?? Infinity, now: context.now() }
  const { planCachePruning } = await context.caches()
  const planned = planCachePruning(folderOf(context, options), named, bounds)
  if (planned === null) throw new UsageError(`There is no cache in ${options.cache ?? 'the workspace'}`)
  const { before, going, path } = planned
  const shown = context.showPath(path)
  const { dryRun = false } = options
  if (!dryRun && going.bytes > 0 && !(await isWanted(context, options, `${words(going, before)} from ${shown}`))) {
    context.err('Nothing was removed.\n')
    return 1
  }
  const problem = dryRun ? null : planned.carryOut()
  if (problem !== null) throw new UsageError(`Not everything could be removed: ${problem}`)
  if (options.json) context.out(printJson({ cache: shown, before, going, dryRun }))
  else if (!options.quiet) {
    const text = `${dryRun ? 'Would remove' : 'Removed'} ${words(going, before)} in ${shown}.`
    context.out(`${escapeText(text)}\n`)
  }
  return 0
}

function words(going: CacheAmount, before: CacheAmount): string {
  const outcomes = `${going.entries} of ${count(before.entries, 'outcome')}`
  return `${outcomes}, ${byteSize(going.bytes)} of ${byteSize(before.bytes)}`
}

async function isWanted(context: Context, { yes }: PruneOptions, what: string): Promise<boolean> {
  if (yes) return true
  if (context.confirm) return context.confirm(escapeText(`Remove ${what}?`))
  throw new UsageError('There is no terminal to ask: say --yes, or --dry-run to see what would go')
}
