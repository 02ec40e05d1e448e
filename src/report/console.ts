import type { Emit, RunEvent } from '../model/event.ts'
import type { Graph } from '../model/graph.ts'
import { workflowView, type WorkflowView } from './console-github.ts'
import { warningText } from './diagnostics.ts'
import { attemptLine, finishedLine, startLine } from './lines.ts'
import { liveBlock, renderBlock, type Live, type Size } from './live.ts'
import { trackRun, type RunState } from './run-state.ts'
import { escapeText, guardWorkflowCommands, styleOf, type Style, type StyleOptions, type Write } from './style.ts'
import { renderSummary } from './summary.ts'
import type { ReadLog } from './tail.ts'

export type Verbosity = 'quiet' | 'normal' | 'verbose'

export interface ConsoleOptions extends StyleOptions {
  readonly graph: Graph
  /** Data: the manifest's digest, last of all. A caller that prints a document there passes a writer that drops it. */
  readonly out: Write
  /** Progress and failures. */
  readonly err: Write
  /** Whether `err` is a terminal that can redraw lines. */
  readonly live: boolean
  readonly verbosity: Verbosity
  /** Whether GitHub Actions reads the streams and obeys what it takes for workflow commands. */
  readonly github: boolean
  /** A path of the workspace as one of the repository that GitHub Actions has checked out; absent: they are the same. */
  readonly repositoryPath?: (path: string) => string
  readonly size: Size
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number
  readonly readLog: ReadLog
  /** The run's folder as a person would name it, by its name. */
  readonly runPath: (run: string) => string
}

export interface RunConsole {
  readonly listen: Emit
  /** Redraws the times of what runs; to be called some times a second where `live`. */
  readonly tick: () => void
  /** Removes the block that is redrawn, for whoever writes to the terminal next. */
  readonly close: () => void
}

interface Face {
  readonly state: RunState
  readonly style: Style
  readonly options: ConsoleOptions
  readonly print: Write
  /** `null`: nobody reads workflow commands. */
  readonly workflow: WorkflowView | null
}

/** A burst of events redraws a terminal no oftener than this. */
const REDRAW_MS = 50

/**
 * Shows a run to people, as it happens: a block that is redrawn on a terminal, plain lines elsewhere; in GitHub Actions with what has
 * passed folded, and what has failed annotated.
 */
export function runConsole(options: ConsoleOptions): RunConsole {
  const { state, apply } = trackRun()
  const err = options.github ? guardWorkflowCommands(options.err) : options.err
  const style = styleOf(options)
  const live = options.live && options.verbosity !== 'quiet' ? liveBlock(err) : null
  const { repositoryPath = (path: string): string => path } = options
  const workflow = options.github ? workflowView({ ...options, state, style, repositoryPath }) : null
  const face: Face = { state, style, options, print: live ? live.print : err, workflow }
  let drawnAt = -Infinity
  const draw = (atMostEveryMs: number): void => {
    const now = options.now()
    if (!live || !isRunning(state) || now - drawnAt < atMostEveryMs) return
    drawnAt = now
    live.draw(renderBlock(state, now, { style, ...options }))
  }
  const listen = (event: RunEvent): void => {
    apply(event)
    if (event.type === 'run-finished') return finish(face, live)
    const line = options.verbosity === 'quiet' ? null : lineOf(event, face)
    if (line !== null) face.print(`${line}\n`)
    if (event.type === 'action-finished' && workflow !== null && options.verbosity !== 'quiet') {
      options.err(workflow.groupsAfter(event.outcome))
    }
    draw(REDRAW_MS)
  }
  return { listen, tick: () => draw(0), close: () => live?.clear() }
}

function isRunning(state: RunState): boolean {
  return state.total > 0 && state.verdict === 'started'
}

/** What an event adds to the lines that stay; `null`: nothing. */
function lineOf(event: RunEvent, { state, style, options }: Face): string | null {
  const verbose = options.verbosity === 'verbose'
  switch (event.type) {
    case 'run-started':
      return startLine(event, options.graph.packs.length)
    case 'action-started':
      return verbose ? `${style.colors.dim(style.glyphs.bullet)} ${escapeText(event.action)}  started` : null
    case 'attempt-finished':
      return verbose || event.retryInMs !== null ? attemptLine(event, style) : null
    case 'action-finished':
      return finished(event, { state, style, verbose })
    case 'rehearsal-started':
      return style.colors.dim(`rehearsing every action first, up to ${event.jobs} at a time, to compare`)
    case 'action-rehearsed':
      return verbose ? `${style.colors.dim(style.glyphs.bullet)} ${escapeText(event.action)}  rehearsed` : null
    case 'warning':
      return warningText(event.diagnostic, style)
    case 'run-interrupted':
      return style.colors.yellow(`${escapeText(event.signal)}: stopping what runs`)
    case 'run-refused':
    case 'action-differed':
    case 'run-finished':
      return null
  }
}

function finished(
  { outcome }: Extract<RunEvent, { type: 'action-finished' }>,
  options: { state: RunState; style: Style; verbose: boolean },
): string {
  const { state, style } = options
  const total = String(state.total)
  const done = style.colors.dim(`[${String(state.outcomes.size).padStart(total.length)}/${total}]`)
  const line = finishedLine(outcome, state.durations.get(outcome.id) ?? null, style)
  const key = options.verbose && outcome.key !== null ? `  ${style.colors.dim(`sha256:${outcome.key}`)}` : ''
  return `${done} ${line}${key}`
}

function finish({ state, style, options, print, workflow }: Face, live: Live | null): void {
  const { graph, readLog, runPath, verbosity, size } = options
  const quiet = verbosity === 'quiet'
  const separator = quiet ? '' : '\n'
  if (workflow !== null) options.err(workflow.annotations())
  print(separator + renderSummary(state, { graph, style, columns: size().columns, readLog, runPath, quiet }))
  live?.clear()
  if (state.manifest !== null) options.out(`manifest sha256:${state.manifest}\n`)
}
