import { UsageError, type CommonOptions, type PluginOptions, type SelectionOptions } from './options.ts'

export interface WatchOptions extends CommonOptions, SelectionOptions, PluginOptions {
  readonly watch?: boolean
  readonly poll?: boolean
  readonly jsonl?: boolean
}

/** What only makes sense with `--watch`. */
export function checkWatch(options: WatchOptions): void {
  if (options.watch) {
    if (options.since === undefined) return
    throw new UsageError('--watch hears of every change by itself: leave out --since')
  }
  if (options.poll) throw new UsageError('--poll goes with --watch')
  if (options.jsonl) throw new UsageError('--jsonl goes with --watch: say --json for one document')
}
