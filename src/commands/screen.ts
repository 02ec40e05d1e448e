import type { Graph } from '../model/graph.ts'
import type { RunFolder } from '../model/ports.ts'
import { runConsole, type RunConsole } from '../report/console.ts'
import type { Context } from './context.ts'
import { styleFor, verbosityOf, type CommonOptions } from './options.ts'
import { isWorkflow, repositoryPathFor } from './workflow.ts'

interface Shown {
  /** Absolute path of the workspace. */
  readonly root: string
  readonly folder: RunFolder
  readonly options: CommonOptions
}

/** What people see of a run while it goes on. */
export function screenFor(context: Context, graph: Graph, { root, folder, options }: Shown): RunConsole {
  return runConsole({
    ...styleFor('err', context, options),
    graph,
    out: context.out,
    err: context.err,
    live: context.terminal.err && context.env['CI'] !== 'true' && context.env['TERM'] !== 'dumb',
    verbosity: verbosityOf(options),
    github: isWorkflow(context),
    repositoryPath: repositoryPathFor(context, root),
    size: () => (context.terminal.err ? context.terminal.size() : { columns: 200, rows: 24 }),
    now: context.now,
    readLog: (path, bytes) => context.readTail(folder.resolve(path), bytes),
    runPath: () => context.showPath(folder.path),
  })
}
