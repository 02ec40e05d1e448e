import type { RunEvent } from '../model/event.ts'
import type { ActionOutcome, Status } from '../model/outcome.ts'
import { elapsed } from './duration.ts'
import { count } from './phrase.ts'
import { escapeText, type Style } from './style.ts'

/** How each status reads after a number or a name; `stopped`: by a breaker of the whole run. */
export const STATUS_WORDS: Readonly<Record<Status | 'stopped', string>> = {
  passed: 'passed',
  failed: 'failed',
  'timed-out': 'timed out',
  limit: 'over a limit',
  violated: 'broke the rules',
  breaker: 'kept failing',
  stopped: 'stopped by a breaker',
  skipped: 'skipped',
  interrupted: 'interrupted',
}

/** What a breaker of the whole run has stopped did not fail itself. */
function isStopped({ reason }: Pick<ActionOutcome, 'reason'>): boolean {
  return reason?.kind === 'run-breaker'
}

/** `✓ web:steps/build  1.2 s`, with why for what did not pass. */
export function finishedLine(outcome: ActionOutcome, durationMs: number | null, style: Style): string {
  const { colors, glyphs } = style
  const time = durationMs === null ? '' : `  ${colors.dim(elapsed(durationMs))}`
  const reused = outcome.reused === undefined ? '' : `  ${colors.dim('reused')}`
  const id = escapeText(outcome.id)
  if (outcome.tolerated) return `${colors.yellow(glyphs.skip)} ${id}  ${colors.yellow('went wrong by itself')}${time}`
  // Only a negative control passes with another exit code than 0.
  const refused =
    outcome.exitCode === null || outcome.exitCode === 0 ? '' : `  failed as it must (exit code ${outcome.exitCode})`
  if (outcome.status === 'passed') return `${colors.green(glyphs.pass)} ${id}${colors.dim(refused)}${time}${reused}`
  if (outcome.status === 'skipped') return colors.dim(`${glyphs.skip} ${id}  ${skipWords(outcome)}`)
  if (isStopped(outcome)) return colors.dim(`${glyphs.skip} ${id}  ${statusWords(outcome)}`)
  const paint = outcome.status === 'interrupted' ? colors.yellow : colors.red
  return `${paint(glyphs.fail)} ${id}  ${paint(statusWords(outcome))}${time}`
}

/** `failed (exit code 1)`, `over a limit (memory)`. */
export function statusWords({
  status,
  reason,
  exitCode,
}: Pick<ActionOutcome, 'status' | 'reason' | 'exitCode'>): string {
  if (reason?.kind === 'run-breaker') return `${STATUS_WORDS.stopped} (${reason.breaker})`
  const words = STATUS_WORDS[status]
  if (reason?.kind === 'exit' && exitCode !== null) return `${words} (exit code ${exitCode})`
  if (reason?.kind === 'nondeterministic') return `${words} (not the same twice)`
  if (reason?.kind === 'limit' && status === 'limit') return `${words} (${reason.limit})`
  return words
}

function skipWords({ reason }: ActionOutcome): string {
  return reason?.kind === 'cause' ? `skipped: ${escapeText(reason.action)} did not pass` : 'skipped'
}

export function attemptLine(event: Extract<RunEvent, { type: 'attempt-finished' }>, style: Style): string {
  const { attempt, retryInMs, action } = event
  const code = attempt.exitCode === null ? '' : ` (exit code ${attempt.exitCode})`
  const next = retryInMs === null ? '' : `; trying again in ${elapsed(retryInMs)}`
  const glyph = style.colors.dim(style.glyphs.retry)
  const words = `attempt ${attempt.number} ${STATUS_WORDS[attempt.status]}${code} after ${elapsed(attempt.durationMs)}${next}`
  return `${glyph} ${escapeText(action)}  ${words}`
}

export function startLine(event: Extract<RunEvent, { type: 'run-started' }>, packs: number): string {
  const isolation = event.executor === 'none' ? 'without a sandbox' : `in ${escapeText(event.executor)}`
  const order = event.shuffle === undefined ? '' : `, shuffled by \`${escapeText(event.shuffle)}\``
  return `${count(event.plan.actions.length, 'action')} of ${count(packs, 'pack')}, up to ${event.jobs} at a time, ${isolation}${order}`
}
