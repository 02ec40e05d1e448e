import type { Graph } from '../model/graph.ts'
import { renderTree } from '../report/tree.ts'
import type { ComplaintFormat } from './choices.ts'
import type { Context } from './context.ts'
import { styleFor, UsageError } from './options.ts'
import type { WatchOptions } from './watch-options.ts'
import { watchScreen } from './watch-screen.ts'
import { watch, watchLines } from './watch.ts'

interface Options extends WatchOptions {
  readonly format?: ComplaintFormat
}

/** Shows what is wrong with packs whenever it is something else. */
export async function watchPacks(context: Context, names: readonly string[], options: Options): Promise<number> {
  if (options.format !== undefined && options.format !== 'text') {
    throw new UsageError('--watch takes no --format: --jsonl is for programs')
  }
  const renderGraph = (graph: Graph): string => renderTree(graph, { ...styleFor('out', context, options), run: null })
  const view =
    context.terminal.out && !options.jsonl
      ? watchScreen(context, { options, shows: 'verdict', renderGraph })
      : watchLines(context, options)
  return watch(context, { names, options }, view)
}
