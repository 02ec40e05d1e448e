import type { Graph } from '../model/graph.ts'
import { CLEAR, renderKeys, renderPolling, renderWatchScreen } from '../report/watch.ts'
import type { Verdict } from '../watching.ts'
import type { Context } from './context.ts'
import { styleFor } from './options.ts'
import type { WatchOptions } from './watch-options.ts'
import { stateOf, type WatchView } from './watch.ts'

interface ScreenOptions {
  readonly options: WatchOptions
  /** What is shown at first. */
  readonly shows: 'verdict' | 'graph'
  readonly renderGraph: (graph: Graph) => string
}

/** The last verdict, or the graph, on a terminal that is cleared before each. */
export function watchScreen(context: Context, { options, shows: first, renderGraph }: ScreenOptions): WatchView {
  let shows = first
  let verdict: Verdict | null = null
  let notice = ''
  const draw = (): void => {
    if (!verdict) return
    const style = { ...styleFor('out', context, options), width: context.terminal.size().columns }
    const graph = shows === 'graph' ? verdict.project.freeze() : null
    const shown = graph ? renderGraph(graph) : renderWatchScreen(stateOf(verdict), style)
    context.out(`${CLEAR}${shown}${notice}${renderKeys(graph ? 'graph' : 'verdict', style)}`)
  }
  return {
    onVerdict: (next) => {
      verdict = next
      draw()
    },
    onReady: () => {},
    onPolling: (code) => {
      notice = renderPolling(code)
      draw()
    },
    onKey: (key) => {
      if (key !== 'g') return false
      shows = shows === 'graph' ? 'verdict' : 'graph'
      draw()
      return true
    },
  }
}
