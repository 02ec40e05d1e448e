import type { Json } from '../model/canonical.ts'
import type { Emit, RunEvent } from '../model/event.ts'
import { diagnosticsJson } from './diagnostics.ts'
import { durationOf, printJsonLine } from './json.ts'
import type { Write } from './style.ts'

/** Writes each event of a run as one line of JSON. Of an action's inputs only the digest is shown: they may be thousands of files. */
export function jsonLines(out: Write): Emit {
  return (event) => out(printJsonLine(eventJson(event)))
}

function eventJson(event: RunEvent): object {
  if (event.type === 'run-started') {
    const { plan, ...started } = event
    return { ...started, actions: plan.actions.map(({ id }) => id) }
  }
  if (event.type === 'warning') {
    const [warning = null] = diagnosticsJson([event.diagnostic]) as readonly Json[]
    return { type: event.type, at: event.at, warning }
  }
  if (event.type !== 'action-finished') return event
  const { type, at, outcome } = event
  const { id, status, reason, exitCode, key, inputs, outputs, attempts } = outcome
  return {
    type,
    at,
    action: id,
    status,
    reason,
    exitCode,
    key,
    inputs: inputs?.digest ?? null,
    outputs: outputs.entries,
    durationMs: durationOf(outcome),
    reused: outcome.reused !== undefined,
    attempts: attempts.length,
  }
}
