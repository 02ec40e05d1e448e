import type { CommandAction, Control } from '../model/graph.ts'
import type { Reason, Status } from '../model/outcome.ts'
import type { Execution } from '../model/ports.ts'
import { listed, sortedPaths } from './outcomes.ts'

export interface Judgement {
  readonly status: Status
  readonly reason: Reason | null
  readonly exitCode: number | null
}

/**
 * Judges how an attempt ended. Where several things went wrong, the first of these is told:
 *
 * 1. interrupted: says nothing about the action
 * 2. not started
 * 3. more printed than the log limit allows, however the command ended, because who was quicker is chance
 * 4. any other limit
 * 5. an exit code other than 0: what such a command left undone or half done is a consequence
 * 6. inputs that were altered
 * 7. undeclared writes, before missing outputs: a mistyped output is both, and what was written shows the mistake
 * 8. outputs that can't be kept
 * 9. missing outputs
 *
 * From 5 on a negative control is judged by rules of its own.
 */
export function judge(action: CommandAction, execution: Execution, logExceeded: boolean): Judgement {
  const { end } = execution
  if (end.kind === 'interrupted') return unended('interrupted', null)
  if (end.kind === 'not-started') return unended('failed', { kind: 'not-started', command: action.argv[0] ?? '' })
  if (logExceeded) return unended('limit', { kind: 'limit', limit: 'log' })
  if (end.kind === 'limit') {
    return unended(end.limit === 'timeout' ? 'timed-out' : 'limit', end)
  }
  return action.control ? judgeControl(action.control, end.exitCode, execution) : judgeExit(end.exitCode, execution)
}

/** Exit codes of a shell that could not run a program: there, and not executable; not there. */
const NOT_RUN: ReadonlySet<number> = new Set([126, 127])

/** Whether a command that ended so has refused what it saw. */
export function isRefusal(exitCode: number): boolean {
  return exitCode !== 0 && !NOT_RUN.has(exitCode)
}

/**
 * A control passes where its command fails by itself. The rules about writes hold for it however it ends, because a control that
 * passes has kept them like everything else that passes; what becomes of its outputs does not matter, because nobody gets them.
 */
function judgeControl({ replace }: Control, exitCode: number, { altered, undeclared }: Execution): Judgement {
  if (altered.length > 0) return { ...violated({ kind: 'altered-inputs', ...listed(altered) }), exitCode }
  if (undeclared.length > 0) return { ...violated({ kind: 'undeclared-writes', ...listed(undeclared) }), exitCode }
  if (isRefusal(exitCode)) return { status: 'passed', reason: null, exitCode }
  const problem = exitCode === 0 ? 'accepted' : 'not-run'
  return {
    status: 'failed',
    reason: { kind: 'control', problem, paths: replace.map(({ target }) => target) },
    exitCode,
  }
}

function unended(status: Status, reason: Reason | null): Judgement {
  return { status, reason, exitCode: null }
}

function judgeExit(exitCode: number, execution: Execution): Judgement {
  const { altered, undeclared, unusable, missing } = execution
  if (exitCode !== 0) return { status: 'failed', reason: { kind: 'exit' }, exitCode }
  if (altered.length > 0) return violated({ kind: 'altered-inputs', ...listed(altered) })
  if (undeclared.length > 0) return violated({ kind: 'undeclared-writes', ...listed(undeclared) })
  if (unusable.length > 0) return violated({ kind: 'unusable-outputs', ...listed(unusable) })
  if (missing.length > 0) {
    return { status: 'failed', reason: { kind: 'missing-outputs', paths: sortedPaths(missing) }, exitCode }
  }
  return { status: 'passed', reason: null, exitCode }
}

function violated(reason: Reason): Judgement {
  return { status: 'violated', reason, exitCode: 0 }
}
