import { Option, type Command } from 'commander'
import type { Grant } from '../model/grant.ts'
import { ASPECTS } from '../model/plan.ts'
import { readGrant } from './allow.ts'
import { SANDBOXES } from './choices.ts'
import type { Isolation } from './run-place.ts'
import { oneMore } from './syntax.ts'

/** How and with what leave actions are run. */
export interface ExecutionOptions extends Isolation {
  readonly jobs?: number
  readonly out?: string
  readonly allow?: readonly Grant[]
}

export function withExecution(command: Command): Command {
  return command
    .option('-o, --out <dir>', "put the run's folder here instead of .codex/runs")
    .addOption(
      new Option('--sandbox <kind>', 'how to isolate; none runs without isolation, and the manifest says so')
        .choices(SANDBOXES)
        .default('auto'),
    )
    .addOption(
      new Option(
        '--accept-weaker <guarantee>',
        'where no sandbox holds all of them, run in one that lacks this guarantee; repeatable',
      )
        .choices(ASPECTS)
        .argParser(oneMore(ASPECTS)),
    )
    .addOption(
      new Option(
        '--allow <capability>',
        'grant what packs ask for: network[=host:port], secret=NAME, cloud; repeatable',
      )
        .argParser(readGrant)
        .default([], 'nothing'),
    )
}
