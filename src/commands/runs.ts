import type { Command } from 'commander'
import { overviewOf } from '../evidence/overview.ts'
import type { RunArchive } from '../model/ports.ts'
import { renderRuns, renderRunsJson } from '../report/runs.ts'
import type { Context } from './context.ts'
import { folderOf, forPeople, styleFor, type CommonOptions } from './options.ts'
import { age, number, pruneRuns, type PruneOptions } from './prune.ts'
import { repairRuns } from './repair.ts'
import { withCommon, type Finish } from './syntax.ts'

/** Which folder of runs is meant. */
export interface RunsOptions extends CommonOptions {
  readonly out?: string
}

export function addRuns(program: Command, context: Context, finish: Finish): void {
  const runs = program.command('runs').description('list recorded runs, repair those that were killed, remove old ones')
  withRuns(runs.command('list', { isDefault: true }))
    .description('list the runs, the newest last, with their verdicts; those that were killed as well')
    .action(async (options: RunsOptions) => finish(await listRuns(context, options)))
  withRuns(runs.command('repair'))
    .argument('[runs...]', 'folders, names or beginnings of names (default: all runs that were killed)')
    .description('rebuild the manifest of runs that were killed, from their journals')
    .action(async (names: string[], options: RunsOptions) => {
      finish(await repairRuns(context, names, { ...options, archive: await archiveFor(context, options) }))
    })
  withRuns(runs.command('prune'))
    .option('--keep <n>', 'keep the newest n runs', number)
    .option('--older-than <time>', 'remove only what is older, such as 12h, 30d or 8w', age)
    .option('-n, --dry-run', 'show what would be removed')
    .option('-y, --yes', 'do not ask')
    .description('remove old runs; never one that runs, nor one that somebody has renamed')
    .action(async (options: RunsOptions & PruneOptions) => {
      finish(await pruneRuns(context, { ...options, archive: await archiveFor(context, options) }))
    })
}

function withRuns(command: Command): Command {
  return withCommon(command).option('-o, --out <dir>', 'the folder of runs that --out was for them')
}

async function archiveFor(context: Context, options: RunsOptions): Promise<RunArchive> {
  return context.runs(folderOf(context, options), options.out === undefined ? null : context.absolute(options.out))
}

async function listRuns(context: Context, options: RunsOptions): Promise<number> {
  const archive = await archiveFor(context, options)
  // Asked first whether it is alive: a run that ends meanwhile has a manifest by then.
  const overviews = archive.names().map((name) => {
    const alive = archive.isAlive(name)
    return overviewOf(archive.open(name), alive)
  })
  if (options.json) context.out(renderRunsJson(overviews))
  else forPeople('out', context)(renderRuns(overviews, styleFor('out', context, options)))
  return 0
}
