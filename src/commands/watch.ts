import { ok } from '../model/result.ts'
import {
  renderPolling,
  renderPollingJson,
  renderWatchingJson,
  renderWatchJson,
  renderWatchLines,
} from '../report/watch.ts'
import type { WatchedState } from '../report/watch.ts'
import { ProjectWatch, type Verdict } from '../watching.ts'
import type { Context } from './context.ts'
import type { WatchHost } from './context-terminal.ts'
import { pluginModeOf } from './environment.ts'
import { folderOf, forPeople, selectionOf, styleFor } from './options.ts'
import type { WatchOptions } from './watch-options.ts'

/** Shows verdicts as they come. */
export interface WatchView {
  onVerdict(verdict: Verdict): void
  onReady(folders: number): void
  onPolling(code: string): void
  /** Gives whether the key was one of its own. */
  onKey?(key: string): boolean
}

const [INTERRUPT, QUIT, ENTER] = ['\u0003', 'q', '\r'] as const

/** Exit codes of being asked to stop: Ctrl-C is how watching ends. */
const EXIT: Readonly<Record<string, number>> = { SIGINT: 0, SIGTERM: 143, SIGHUP: 129 }

/** Validates the packs that were named whenever a file changes that has a say in them, until somebody ends it. */
export async function watch(
  context: Context,
  { names, options }: { readonly names: readonly string[]; readonly options: WatchOptions },
  view: WatchView,
): Promise<number> {
  // Before anything else: names that can't be of a pack.
  selectionOf(names, options, { root: '/', start: '' })
  const host = await context.watchHost()
  const stop = context.watchStop()
  const closers: (() => void)[] = []
  try {
    return await new Promise<number>((resolve, reject) => {
      const watched = projectWatch(context, host, { names, options, view, reject })
      closers.push(
        () => watched.close(),
        host.onContinued(() => watched.doubt()),
        host.onUnread(() => resolve(0)),
      )
      stop.addEventListener('abort', () => resolve(EXIT[String(stop.reason)] ?? 0))
      const keys = host.readKeys?.((key) => {
        if (key === INTERRUPT || key === QUIT) resolve(0)
        else if (!view.onKey?.(key) && (key === ENTER || key === '\n')) watched.ask()
      })
      if (keys) closers.push(keys)
      watched.start()
    })
  } finally {
    for (const close of closers) close()
  }
}

interface Watching {
  readonly names: readonly string[]
  readonly options: WatchOptions
  readonly view: WatchView
  readonly reject: (error: unknown) => void
}

function projectWatch(context: Context, host: WatchHost, { names, options, view, reject }: Watching): ProjectWatch {
  const plugins = pluginModeOf(context.env, options)
  return new ProjectWatch(
    {
      open: async () => {
        const opened = await context.open(folderOf(context, options))
        return opened.ok ? ok({ ...opened.value, plugins }) : opened
      },
      watchFiles: (root, events) => host.watchFiles({ root, poll: options.poll ?? false }, events),
      now: context.now,
      after: host.after,
    },
    {
      onVerdict: (verdict) => view.onVerdict(verdict),
      onReady: (folders) => view.onReady(folders),
      onPolling: (code) => view.onPolling(code),
      onCrash: reject,
    },
    ({ workspace, start }) => selectionOf(names, options, { root: workspace.root, start }),
  )
}

/** Verdicts in a pipe, for people or programs. */
export function watchLines(context: Context, options: WatchOptions): WatchView {
  const out = forPeople('out', context)
  const style = { ...styleFor('out', context, options), width: 120 }
  if (options.jsonl) {
    return {
      onVerdict: (verdict) => context.out(renderWatchJson(stateOf(verdict))),
      onReady: (folders) => context.out(renderWatchingJson(folders)),
      onPolling: (code) => context.out(renderPollingJson(code)),
    }
  }
  return {
    onVerdict: (verdict) => out(renderWatchLines(stateOf(verdict), style)),
    onReady: () => {},
    onPolling: (code) => context.err(renderPolling(code)),
  }
}

export function stateOf({ project, ...verdict }: Verdict): WatchedState {
  const { packs, actions, diagnostics, sources } = project
  return { ...verdict, packs: packs.length, actions, diagnostics, sources }
}
