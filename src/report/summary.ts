import type { Action, Graph } from '../model/graph.ts'
import type { ActionOutcome, RunBreakerReason, Verdict } from '../model/outcome.ts'
import type { PackId } from '../model/pack.ts'
import { ASPECTS } from '../model/plan.ts'
import { byteSize } from './bytes.ts'
import { countSkippedByRoot, isFailure } from './causes.ts'
import { wordConnections } from './connections.ts'
import { fixLines, placeText } from './diagnostics.ts'
import { elapsed } from './duration.ts'
import { STATUS_WORDS, statusWords } from './lines.ts'
import { count, type Worded } from './phrase.ts'
import { wordReason, wordRunBreaker } from './reasons.ts'
import { countByStatus, type RunState } from './run-state.ts'
import { escapeText, type Style } from './style.ts'
import { wordUndeclared } from './undeclared.ts'
import { readTail, renderTail, type ReadLog } from './tail.ts'
import { signedWords } from './wording-keys.ts'

export interface SummaryOptions {
  readonly graph: Graph
  readonly style: Style
  readonly columns: number
  readonly readLog: ReadLog
  /** The run's folder as a person would name it, by its name. */
  readonly runPath: (run: string) => string
  /** Leaves out what is neither a failure nor the verdict. */
  readonly quiet: boolean
}

/** Failures that are shown with log and fix; of the others only the line. */
const SHOWN_IN_FULL = 10
const LISTED_AT_MOST = 50

/** What is left to say at the end of a run: the failures, those that caused others to be skipped among them, and the verdict. */
export function renderSummary(state: RunState, options: SummaryOptions): string {
  const { style } = options
  const lines = [
    ...failureLines(state, options),
    ...breakerLines(state, style),
    ...checkLines(state),
    ...isolationLines(state, style),
  ]
  if (!options.quiet && state.run !== '') {
    lines.push(`Run folder: ${escapeText(options.runPath(state.run))} (${signedWords(state.signed)})`)
  }
  lines.push(verdictLine(state, options.style))
  return lines.map((line) => `${line}\n`).join('')
}

/**
 * Failures in plan order. Each is a root: what depended on it was skipped and is only counted under it. An action that was
 * interrupted says nothing about itself and is counted only.
 */
function failureLines(state: RunState, options: SummaryOptions): readonly string[] {
  const failures = failuresOf(state, options.graph)
  const skipped = countSkippedByRoot(state.outcomes)
  const full = failures
    .slice(0, SHOWN_IN_FULL)
    .flatMap(({ action, outcome }) =>
      failure(action, outcome, { ...options, state, skipped: skipped.get(action.id) ?? 0 }),
    )
  const { colors, glyphs } = options.style
  const rest = failures.slice(SHOWN_IN_FULL)
  const listed = rest
    .slice(0, LISTED_AT_MOST)
    .map(({ outcome }) => `${colors.red(glyphs.fail)} ${escapeText(outcome.id)}  ${statusWords(outcome)}`)
  const more = rest.length - listed.length
  return [
    ...full,
    ...listed,
    ...(more > 0 ? [`${glyphs.ellipsis} and ${count(more, 'more failure')}`] : []),
    ...(rest.length > 0 ? [''] : []),
  ]
}

/** Actions that went wrong by themselves, in plan order. */
export function failuresOf(
  { outcomes }: RunState,
  { actions }: Graph,
): readonly { readonly action: Action; readonly outcome: ActionOutcome }[] {
  return actions.flatMap((action) => {
    const outcome = outcomes.get(action.id)
    return outcome && isFailure(outcome) ? [{ action, outcome }] : []
  })
}

/** A breaker that has stopped a thousand actions is told once. */
function breakerLines({ outcomes }: RunState, style: Style): readonly string[] {
  const reasons = [...outcomes.values()].flatMap(({ reason }) => (reason?.kind === 'run-breaker' ? [reason] : []))
  return (['failures', 'time'] as const).flatMap((breaker) => {
    const stopped: readonly RunBreakerReason[] = reasons.filter((reason) => reason.breaker === breaker)
    const [reason] = stopped
    if (reason === undefined) return []
    const { message, fix } = wordRunBreaker(reason)
    const what = `${count(stopped.length, 'action')} ${stopped.length === 1 ? 'was' : 'were'} not accepted because of it.`
    const below = fixLines(fix, style).split('\n')
    return [style.colors.red(`${message} ${what}`), ...below.filter((line) => line !== '')]
  })
}

interface FailureOptions extends SummaryOptions {
  readonly state: RunState
  /** Actions that were skipped because of this one. */
  readonly skipped: number
}

function failure(action: Action, outcome: ActionOutcome, options: FailureOptions): readonly string[] {
  const { style, state, skipped } = options
  const { colors, glyphs } = style
  const last = outcome.attempts.at(-1)
  const tail = last ? readTail(last.log, options.readLog) : { lines: [], cut: false }
  const difference = state.differences.get(action.id)
  const { message, fix } = explainFailure(action, outcome, { ...options, logLines: tail.lines })
  const tried = outcome.attempts.length > 1 ? `  ${count(outcome.attempts.length, 'attempt')}` : ''
  const duration = state.durations.get(action.id)
  const time = duration === undefined ? '' : `  ${colors.dim(elapsed(duration))}`
  const check = outcome.reason?.kind === 'nondeterministic' ? ['--check'] : []
  const plugin = action.kind === 'command' && action.plugin ? ['--enable-plugins'] : []
  const again = ['codex run', ...check, ...plugin, shellWord(action.pack), ...allowances(action)].join(' ')
  return [
    `${colors.red(glyphs.fail)} ${colors.bold(escapeText(action.id))}  ${colors.red(statusWords(outcome))}${tried}${time}`,
    `  ${colors.dim(placeText(action.place))}`,
    ...(action.kind === 'command' ? [`  ${colors.dim('$')} ${escapeText(action.text)}`] : []),
    ...(last ? renderTail(tail, last.log, options) : []),
    `  ${message}`,
    ...fixLines(fix, style)
      .split('\n')
      .filter((line) => line !== ''),
    ...wordConnections(last?.connections ?? []).map((line) => `  ${line}`),
    ...(skipped > 0 ? [`  ${count(skipped, 'action')} ${skipped === 1 ? 'was' : 'were'} skipped because of it.`] : []),
    ...(last ? logLine(last.log, options) : []),
    ...(difference?.log
      ? [`  log of the first time: ${escapeText(`${options.runPath(state.run)}/${difference.log}`)}`]
      : []),
    `  again: ${colors.cyan(again)}`,
    '',
  ]
}

interface Explained {
  readonly graph: Graph
  readonly state: RunState
  /** The end of the log, escaped. */
  readonly logLines: readonly string[]
}

/** Why an action failed, and what to do about it. */
export function explainFailure(action: Action, outcome: ActionOutcome, { graph, state, logLines }: Explained): Worded {
  const dir = graph.packs.find((pack) => pack.definition.id === action.pack)?.dir ?? ''
  const difference = state.differences.get(action.id)
  const { message, fix } = wordReason(outcome, { action, dir, logLines, ...(difference ? { difference } : {}) })
  const hint = outcome.reason?.kind === 'exit' ? wordUndeclared(action, graph, logLines) : null
  const fixes = [fix, hint].filter((line) => line !== null)
  return { message, fix: fixes.length > 0 ? fixes.join('\n') : null }
}

/** What the pack would be refused without; where the configuration grants it, it does no harm. */
function allowances(action: Action): readonly string[] {
  if (action.kind !== 'command') return []
  const { network, secrets, cloud } = action.capabilities
  const words = [
    ...(network.length > 0 ? ['network'] : []),
    ...secrets.map((name) => `secret=${name}`),
    ...(cloud ? ['cloud'] : []),
  ]
  return words.map((word) => `--allow ${word}`)
}

function logLine(
  log: { path: string | null; totalBytes: number },
  { state, runPath }: FailureOptions,
): readonly string[] {
  if (log.path === null) return []
  return [`  log: ${escapeText(`${runPath(state.run)}/${log.path}`)} (${byteSize(log.totalBytes)})`]
}

/** An id of a pack needs no quotes; whatever else got here must not become shell syntax. */
function shellWord(text: PackId): string {
  return /^[\w./-]+$/.test(text) ? text : `'${escapeText(text).replaceAll("'", "'\\''")}'`
}

/** That nothing was found is worth a line, because it is what was asked for. */
function checkLines({ rehearsed, differences, verdict }: RunState): readonly string[] {
  if (rehearsed === null || differences.size > 0 || verdict === 'interrupted') return []
  return ['Run twice, in another order and number: what ended both times was the same.']
}

function isolationLines({ guarantees }: RunState, { colors }: Style): readonly string[] {
  const missing = guarantees ? ASPECTS.filter((aspect) => guarantees[aspect] === 'none') : []
  if (missing.length === 0) return []
  return [colors.yellow(`Not enforced in this run: ${missing.join(', ')}. The manifest says so.`)]
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  started: 'NOT FINISHED',
  passed: 'PASSED',
  failed: 'FAILED',
  interrupted: 'INTERRUPTED',
  refused: 'REFUSED',
}

function verdictLine(state: RunState, { colors }: Style): string {
  const paint = state.verdict === 'passed' ? colors.green : colors.red
  const counts = countByStatus(state.outcomes.values())
  const parts = (Object.keys(STATUS_WORDS) as (keyof typeof STATUS_WORDS)[]).flatMap((status) => {
    const number = counts.get(status)
    const reused = status === 'passed' && state.reused > 0 ? ` (${state.reused} reused)` : ''
    return number === undefined ? [] : [`${number} ${STATUS_WORDS[status]}${reused}`]
  })
  const missing = state.total - state.outcomes.size
  if (missing > 0) parts.push(`${missing} not started`)
  const what = parts.length > 0 ? `: ${parts.join(', ')}` : ''
  const by = state.signal === null ? '' : ` by ${escapeText(state.signal)}`
  const time = state.total > 0 ? ` in ${elapsed(state.lastAt - state.startedAt)}` : ''
  return `${paint(colors.bold(VERDICT_WORDS[state.verdict]))}${by}${what}${time}`
}
