import { wordChanges } from './changes-refused.ts'
import type { Difference } from '../model/check.ts'
import type { CommandAction, GateAction, Phase } from '../model/graph.ts'
import type { ActionOutcome, Reason, RunBreakerReason } from '../model/outcome.ts'
import type { Limits } from '../model/pack.ts'
import { packSize } from './bytes.ts'
import { packDuration } from './duration.ts'
import { count, quote, quoteAll, type Worded } from './phrase.ts'
import { wordDifference } from './check.ts'
import { wordControl } from './controls.ts'
import { wordSecrets } from './secrets.ts'
import { escapeText } from './style.ts'
import { wordPlugin } from './wording-plugins.ts'

/** What the words need of an action: as it is in the graph, or as a run has recorded it. */
export type ReasonAction =
  | (Pick<CommandAction, 'kind' | 'argv' | 'place'> & { readonly phase: Phase; readonly limits: Limits | null })
  | Pick<GateAction, 'kind' | 'place'>

export type Ending = Pick<ActionOutcome, 'status' | 'reason' | 'exitCode'>

export interface ReasonContext {
  readonly action: ReasonAction
  /** The pack's folder relative to the workspace; empty for the root. */
  readonly dir: string
  /** The end of the log, escaped; tells which program a shell did not find. */
  readonly logLines: readonly string[]
  /** What was not the same twice, where that is known. */
  readonly difference?: Difference
}

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
}

/** Why an action did not pass, in words, with the fix where there is an exact one. */
export function wordReason(outcome: Ending, context: ReasonContext): Worded {
  const { reason } = outcome
  if (reason === null) return { message: `It ended as ${outcome.status}.`, fix: null }
  switch (reason.kind) {
    case 'exit':
      return wordExit(outcome.exitCode, context)
    case 'limit':
      return wordLimit(reason, context.action)
    case 'repeated-error':
      return {
        message: `It failed ${count(reason.times, 'time')} in the same way, so it was not tried again.`,
        fix: null,
      }
    case 'not-started':
      return notFound(reason.command, 'It could not be started')
    case 'cause':
      return { message: `It was skipped, because ${quote(reason.action)} did not pass.`, fix: null }
    case 'nondeterministic':
      return wordDifference(reason, context.difference)
    case 'control':
      return wordControl(reason, outcome.exitCode)
    case 'scope':
    case 'changes':
    case 'conflict':
      return wordChanges(reason)
    case 'plugin':
      return wordPlugin(reason.problem)
    case 'run-breaker':
      return wordRunBreaker(reason)
    case 'internal':
      return {
        message: `codex itself failed: ${escapeText(reason.error)}`,
        fix: 'This is a bug in codex; please report it with the events.jsonl of the run.',
      }
    default:
      return wordFiles(reason, context)
  }
}

/** What has stopped the run as a whole, whichever action is asked about. */
export function wordRunBreaker(reason: RunBreakerReason): Worded {
  if (reason.breaker === 'time') {
    const limit = packDuration(reason.limit)
    return {
      message: `The run took longer than its breaker allows (\`time: ${limit}\`).`,
      fix: 'Run fewer packs at once, or raise `policy.breakers.time` in the configuration.',
    }
  }
  const last = quote(reason.action)
  const failed = reason.limit === 1 ? `${last} failed` : `${reason.limit} actions failed, the last of them ${last}`
  return {
    message: `The run's breaker tripped (\`failures: ${reason.limit}\`): ${failed}.`,
    fix: 'Correct the failures; those behind them in plan order come to light in the next run.',
  }
}

type FileReason = Extract<
  Reason,
  {
    kind:
      | 'missing-outputs'
      | 'unusable-outputs'
      | 'altered-inputs'
      | 'undeclared-writes'
      | 'input-changed'
      | 'artifacts'
      | 'secrets'
  }
>

function wordFiles(reason: FileReason, context: ReasonContext): Worded {
  switch (reason.kind) {
    case 'missing-outputs':
      return {
        message: `It declares outputs that it did not write: ${quoteAll(reason.paths)}.`,
        fix: 'Write them, or remove them from `outputs`.',
      }
    case 'unusable-outputs':
      return {
        message: `Outputs must be regular files with one name each; these are not: ${quoteAll(reason.paths, 10, reason.more)}.`,
        fix: 'Write a plain file: copy instead of linking, and leave no FIFO, socket or device behind.',
      }
    case 'altered-inputs':
      return {
        message: `It changed or deleted inputs of its own: ${quoteAll(reason.paths, 10, reason.more)}.`,
        fix: 'Leave inputs as they are: write the result to another path and declare that under `outputs`.',
      }
    case 'undeclared-writes':
      return {
        message: `It wrote files that it does not declare: ${quoteAll(reason.paths, 10, reason.more)}.`,
        fix: declare(reason, context),
      }
    case 'input-changed':
      return {
        message: `${quote(reason.path)} could not be read: it changed or vanished during the run, or its permissions forbid it.`,
        fix: 'Let the caller read it, and leave it alone while a run goes on.',
      }
    case 'artifacts':
      return wordArtifacts(reason)
    case 'secrets':
      return wordSecrets(reason)
  }
}

function wordArtifacts(reason: Extract<Reason, { kind: 'artifacts' }>): Worded {
  const sentences = [
    ...(reason.missing.length > 0 ? [`Required artifacts are missing: ${quoteAll(reason.missing)}.`] : []),
    ...(reason.empty.length > 0 ? [`Required artifacts are empty: ${quoteAll(reason.empty)}.`] : []),
  ]
  return {
    message: sentences.join(' '),
    fix: 'Let a command write them and name them under its `outputs`, or remove them from `artifacts.required`.',
  }
}

function wordExit(exitCode: number | null, { action, logLines }: ReasonContext): Worded {
  if (exitCode === 127) return notFound(missingProgram(action, logLines), 'It exited with code 127')
  if (exitCode === 126) {
    return {
      message: "It exited with code 126: the program is there but can't be run.",
      fix: 'Make it executable, or name its interpreter in `run`.',
    }
  }
  const signal = exitCode === null ? undefined : SIGNALS[exitCode - 128]
  if (signal !== undefined) return { message: `It was ended by ${signal} (exit code ${exitCode}).`, fix: null }
  return { message: exitCode === null ? 'It did not end by itself.' : `It exited with code ${exitCode}.`, fix: null }
}

function notFound(program: string | null, message: string): Worded {
  if (program?.includes('/')) {
    return {
      message: `${message}: ${quote(program)} was not found, or its interpreter was not.`,
      fix: 'Let `inputs.files` hold it and make it executable, or name its interpreter in `run`.',
    }
  }
  return {
    message: `${message}: ${program === null ? 'a program' : quote(program)} was not found.`,
    fix: `Declare it in the pack:\ninputs:\n  tools: { ${program === null ? 'name' : escapeText(program)}: "*" }`,
  }
}

/** The program that was not found: as the shell complains in the log, or the first word of an argv. */
function missingProgram(action: ReasonAction, logLines: readonly string[]): string | null {
  for (const line of logLines.toReversed()) {
    const found = /(?:^|[\s:])([\w.+-]+): (?:command )?not found\b/.exec(line)?.[1]
    if (found !== undefined) return found
  }
  if (action.kind !== 'command' || /(?:^|\/)(?:ba|da|k|z)?sh$/.test(action.argv[0] ?? '')) return null
  return action.argv[0] ?? null
}

function wordLimit({ limit, files }: Extract<Reason, { kind: 'limit' }>, action: ReasonAction): Worded {
  if (files !== undefined) {
    return {
      message: `It left more than ${count(files, 'file or folder', 'files and folders')} behind.`,
      fix: 'Write fewer, pack them into an archive, or write those that nobody needs to $TMPDIR.',
    }
  }
  if (action.kind !== 'command' || action.limits === null)
    return { message: `It passed its limit of ${limit}.`, fix: null }
  const { limits } = action
  const raise = (value: string): string => `Let it use less, or raise \`limits: { ${limit}: ${value} }\`.`
  switch (limit) {
    case 'timeout':
      return {
        message: `It ran longer than its limit of ${packDuration(limits.timeoutMs)}.`,
        fix: `Make it quicker, or raise \`limits: { timeout: ${packDuration(limits.timeoutMs)} }\`.`,
      }
    case 'memory':
      return {
        message: `It used more than its limit of ${packSize(limits.memoryBytes)} of memory.`,
        fix: raise(packSize(limits.memoryBytes)),
      }
    case 'processes':
      return {
        message: `It started more than its limit of ${count(limits.processes, 'process', 'processes')}.`,
        fix: raise(String(limits.processes)),
      }
    case 'log':
      return {
        message: `It printed more than its limit of ${packSize(limits.logBytes)}.`,
        fix: raise(packSize(limits.logBytes)),
      }
    case 'output':
      return {
        message: `It wrote more than its limit of ${packSize(limits.outputBytes)}.`,
        fix: raise(packSize(limits.outputBytes)),
      }
  }
}

const DECLARED_AT_MOST = 10

/** The lines to add to the command in task.yml. */
function declare(
  { paths, more = 0 }: Extract<Reason, { kind: 'undeclared-writes' }>,
  { action, dir }: ReasonContext,
): string {
  if (action.kind === 'command' && action.phase === 'plugin') {
    return "List them as `artifacts` in the JSON file beside the plugin's module, which takes files in the folder of its pack; or write them to $TMPDIR instead"
  }
  const shown = paths.slice(0, DECLARED_AT_MOST).map((path) => `  - ${yamlText(globLiteral(packPath(dir, path)))}`)
  const rest = paths.length - shown.length + more
  const others = rest > 0 ? [`and ${rest} more; a folder is declared as a whole with a trailing \`/\``] : []
  const place = `${escapeText(action.place.file)}:${action.place.start.line}`
  return [`Declare them at ${place}, or write them to $TMPDIR instead:`, 'outputs:', ...shown, ...others].join('\n')
}

/** A path of the workspace as a task.yml in `dir` writes it. */
function packPath(dir: string, path: string): string {
  if (dir === '') return path
  return path.startsWith(`${dir}/`) ? path.slice(dir.length + 1) : `/${path}`
}

/** A pattern has no way to escape a character; the wildcard for one character stands for those that mean something else. */
function globLiteral(path: string): string {
  return path.replace(/^!|[*[\]{}()\\]/g, '?')
}

/** A YAML scalar: plain where that is safe, otherwise in double quotes, whose escapes are those of JSON. */
function yamlText(text: string): string {
  return /^[/\w][\w./-]*$/.test(text) && !/^(?:true|false|null|[-.\d_]+|0[xo].*|.*e\d+)$/i.test(text)
    ? text
    : escapeText(JSON.stringify(text))
}
