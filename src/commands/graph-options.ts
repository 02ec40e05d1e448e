import { InvalidArgumentError, Option, type Command } from 'commander'
import { GRAPH_FORMATS, type GraphFormat } from './choices.ts'
import { oneMore } from './syntax.ts'
import type { WatchOptions } from './watch-options.ts'

/** What of a graph is shown, and how. */
export interface ViewOptions {
  readonly format?: GraphFormat
  readonly output?: string
  /** Whether each pack is one node; absent: where there is much. */
  readonly fold?: boolean
  readonly run?: string
  readonly focus?: string
  readonly depth?: number
  /** Two actions. */
  readonly why?: readonly string[]
  /** Paths, as they were written. */
  readonly affectedBy?: readonly string[]
}

export interface GraphOptions extends WatchOptions, ViewOptions {}

export function withView(command: Command): Command {
  return command
    .addOption(new Option('-f, --format <format>', 'how to show it (default: tree)').choices(GRAPH_FORMATS))
    .option('-o, --output <file>', 'write it to this file')
    .option('--run <run>', 'lay a run over it: how each action ended, and the critical path')
    .addOption(
      new Option(
        '--focus <action>',
        'only this action or pack, what comes before it and what comes after it',
      ).conflicts(['why', 'affectedBy']),
    )
    .addOption(new Option('--depth <n>', 'with --focus: no further than so many edges away').argParser(distance))
    .addOption(
      new Option('--why <action...>', 'only the way from one action to another, and why it is one').conflicts(
        'affectedBy',
      ),
    )
    .addOption(
      new Option(
        '--affected-by <file>',
        'only what may do something else when this file is another; repeatable',
      ).argParser(oneMore(null)),
    )
    .option('--fold', 'svg, html: each pack as one node (default: where there are many actions)')
    .addOption(new Option('--no-fold', 'svg, html: all that is in the packs').hideHelp())
}

function distance(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 to 9999 is needed')
  return Number(text)
}
