import type { Command } from 'commander'
import { compareRuns } from '../evidence/compare/runs.ts'
import type { Side } from '../model/difference.ts'
import { renderDifference } from '../report/difference.ts'
import { renderDifferenceJson } from '../report/difference-json.ts'
import type { Context } from './context.ts'
import { forPeople, styleFor, type CommonOptions } from './options.ts'
import { readRecorded, tellDamage } from './recorded.ts'
import { withCommon, type Finish } from './syntax.ts'
import { versionsFor } from './versions.ts'

const NAMES = { from: 'the first run', to: 'the second run' }

/** What was changed between two runs: 0 for equal manifests, 1 for others, as diff(1), and 5 where one of them is damaged. */
async function diff(context: Context, names: Readonly<Record<Side, string>>, options: CommonOptions): Promise<number> {
  const from = readRecorded(context, names.from, options)
  const to = readRecorded(context, names.to, options)
  if (!from || !to) return 5
  const runs = { from, to }
  const difference = compareRuns(from.view, to.view)
  const versions = await versionsFor(context, difference.causes, { runs, options })
  // Only what was needed has been read, and it has been by now.
  const damaged = (['from', 'to'] as const).flatMap((run) => runs[run].damage().map((each) => ({ run, ...each })))
  const exitCode = damaged.length > 0 ? 5 : difference.same ? 0 : 1
  if (options.json) context.out(renderDifferenceJson({ difference, runs, exitCode, damaged }))
  else if (!options.quiet) {
    const style = { ...styleFor('out', context, options), verbose: options.verbose ?? false }
    forPeople('out', context)(renderDifference(difference, runs, { ...style, names: NAMES, versions }))
  }
  for (const run of [from, to]) tellDamage(context, run)
  return exitCode
}

export function addDiff(program: Command, context: Context, finish: Finish): void {
  withCommon(program.command('diff'))
    .description('say why two runs differ: what was changed, and what only followed from it')
    .argument('<run>', "a run's name or a beginning of it, its folder, or latest")
    .argument('<other>', 'the run to compare it with')
    .action(async (from: string, to: string, options: CommonOptions) =>
      finish(await diff(context, { from, to }, options)),
    )
}
