import { Option, type Command } from 'commander'
import type { Context } from './context.ts'
import { withExecution } from './execution.ts'
import { reportOption } from './report.ts'
import { run, type RunCommandOptions } from './run.ts'
import { replayOption, withCache, withPlugins, withSchedule, withSelection, type Finish } from './syntax.ts'

const REPLAY = `
With --replay the packs are those of the run that is named. The steps of those with a scope are not run: their changes and outputs
are taken from it, and nothing of theirs has a network or a secret. The run has to verify, and to be one that could have been made
here; otherwise what differs is named, and the exit code is 5. The same base gives the same manifest.
`

const EXIT_CODES = `
Exit codes: 0 all accepted; 1 acceptance failed, or two runs differ; 2 usage, or an invalid pack or config; 3 refused
by policy, or no sandbox; 4 time-out, limit or breaker; 5 evidence that is not genuine, or outcomes that are not the
same twice; 70 a bug in codex; 130, 143 ended by a signal.`

export function addRun(program: Command, context: Context, finish: Finish): void {
  withExecution(withSchedule(withCache(withPlugins(withSelection(program.command('run'))))))
    .description('run packs and all that they need, and keep the evidence')
    .option('-n, --dry-run', 'show what would run, and every key that is known already')
    .option('--base <ref>', 'take all files as this commit has them, not as they lie there')
    .addOption(new Option('--jsonl', 'print each event as a line of JSON').conflicts(['json', 'dryRun']))
    .addOption(
      new Option(
        '--sign [=key]',
        'sign what was shown: with the key in this file, with CODEX_SIGNING_KEY, or without a key by =sigstore',
      ),
    )
    .addOption(reportOption())
    .addOption(
      new Option(
        '--apply',
        'once all has passed, put what it has changed and its artifacts into the working tree',
      ).conflicts('dryRun'),
    )
    .addOption(replayOption())
    .addHelpText('after', `${REPLAY}${EXIT_CODES}`)
    .action(async (names: string[], options: RunCommandOptions) => finish(await run(context, names, options)))
}
