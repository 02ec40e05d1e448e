import { InvalidArgumentError } from 'commander'
import { overviewOf, type RunOverview } from '../evidence/overview.ts'
import type { RunArchive } from '../model/ports.ts'
import { renderPruned, renderPrunedJson, wordQuestion } from '../report/pruning.ts'
import type { Context } from './context.ts'
import { forPeople, UsageError, type CommonOptions } from './options.ts'

export interface PruneOptions {
  readonly keep?: number
  /** In milliseconds. */
  readonly olderThan?: number
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** How many runs to keep. */
export function number(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('a whole number is needed')
  return Number(text)
}

const AGES: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `30d` in milliseconds. */
export function age(text: string): number {
  const [, amount, unit] = /^([1-9]\d{0,4})([mhdw])$/.exec(text) ?? []
  const ms = Number(amount) * (AGES[unit ?? ''] ?? Number.NaN)
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('a number of minutes, hours, days or weeks is needed, such as 30d')
  return ms
}

/** As codex names runs. One that has another name was given it by somebody who wants to keep it. */
const RUN_NAME = /^\d{8}T\d{6}Z-[0-9a-f]{8}$/

/** Removes the runs behind the newest ones, or the old ones of these. */
export async function pruneRuns(
  context: Context,
  options: CommonOptions & PruneOptions & { readonly archive: RunArchive },
): Promise<number> {
  const { archive, dryRun = false } = options
  if (options.keep === undefined && options.olderThan === undefined) {
    throw new UsageError('What is to be kept? Say --keep n, --older-than 30d, or both')
  }
  const { doomed, alive } = choose(archive, options, context.now())
  if (!dryRun && doomed.length > 0 && !(await agreed(context, doomed, options))) {
    context.err('Nothing was removed.\n')
    return 1
  }
  const removed = dryRun ? doomed : doomed.filter(({ name }) => archive.remove(name))
  const pruned = { removed, alive, dryRun, kept: archive.names().length - (dryRun ? removed.length : 0) }
  if (options.json) context.out(renderPrunedJson(pruned))
  else if (!options.quiet) forPeople('out', context)(renderPruned(pruned))
  return 0
}

interface Choice {
  readonly doomed: readonly RunOverview[]
  /** Names of runs that would go if nothing were at work on them. */
  readonly alive: readonly string[]
}

function choose(archive: RunArchive, { keep = 0, olderThan }: PruneOptions, now: number): Choice {
  const runs = archive.names().filter((name) => RUN_NAME.test(name))
  const old = runs
    .slice(0, Math.max(0, runs.length - keep))
    .filter((name) => olderThan === undefined || now - startOf(name) > olderThan)
  const alive = old.filter((name) => archive.isAlive(name))
  const doomed = old.filter((name) => !alive.includes(name))
  return { doomed: doomed.map((name) => overviewOf(archive.open(name), false)), alive }
}

/** `20260102T030405Z-…`, in milliseconds since the Unix epoch. */
function startOf(name: string): number {
  return Date.parse(name.slice(0, 16).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

async function agreed(context: Context, doomed: readonly RunOverview[], { yes }: PruneOptions): Promise<boolean> {
  if (yes) return true
  if (context.confirm) return context.confirm(wordQuestion(doomed))
  throw new UsageError(
    'Runs are removed for good, and there is no terminal to ask: say --yes, or --dry-run to see which',
  )
}
