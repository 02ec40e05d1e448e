import type { CacheEntry, CacheProblem } from '../model/cache-entry.ts'
import { diagnostic, type DiagnosticFacts } from '../model/diagnostic.ts'
import type { Emit } from '../model/event.ts'
import { actionPath, type CommandAction } from '../model/graph.ts'
import { namesOf } from '../model/grant.ts'
import type { LogRecord } from '../model/outcome.ts'
import { matcher } from '../model/pattern.ts'
import { ASPECTS, type PreparedAction } from '../model/plan.ts'
import type { ActionCache } from '../model/action-cache.ts'
import type { Clock, Executor, RunFolder } from '../model/ports.ts'
import { treeOf } from '../model/tree.ts'
import { isRefusal } from './judge.ts'
import type { Ending } from './outcomes.ts'

/** How actions of a run get their outcomes from a cache, and leave theirs in it. */
export interface Reuse {
  /** The outcome kept under the action's key; `null`: it has to run. */
  take(prepared: PreparedAction<CommandAction>): Promise<Ending | null>
  /** Keeps how an action ended, if that may be kept. `tidy`: it wrote nothing that it did not declare. */
  keep(prepared: PreparedAction<CommandAction>, ending: Ending, tidy: boolean): void
}

export interface ReuseInput {
  /** `null`: every action runs. */
  readonly cache: ActionCache | null
  readonly tool: { readonly name: string; readonly version: string }
  readonly executor: Pick<Executor, 'guarantees'>
  readonly folder: RunFolder
  readonly clock: Clock
  readonly emit: Emit
}

/**
 * What has a grant is neither kept nor taken: what it did depends on more than its key. Nor is a step that changes files of the
 * workspace. The same goes for all actions where
 * the sandbox lacks a guarantee, which is told once.
 */
export function createReuse({ cache, ...input }: ReuseInput): Reuse | null {
  if (cache === null) return null
  const missing = ASPECTS.filter((aspect) => input.executor.guarantees[aspect] === 'none')
  if (missing.length === 0) return new CachedOutcomes({ ...input, cache })
  warn(input, 'cache-unused', { missing })
  return null
}

type Warning = 'cache-entry-dropped' | 'cache-not-stored' | 'cache-unused'

function warn<Code extends Warning>(
  { clock, emit }: Pick<ReuseInput, 'clock' | 'emit'>,
  code: Code,
  facts: DiagnosticFacts[Code],
): void {
  emit({ type: 'warning', at: clock.now(), diagnostic: diagnostic(code, null, facts, { severity: 'warning' }) })
}

type CacheInput = ReuseInput & { readonly cache: ActionCache }

class CachedOutcomes implements Reuse {
  readonly #input: CacheInput
  /** Until a disk is full, or the cache turns out not to be ours to write to. */
  #storing = true

  constructor(input: CacheInput) {
    this.#input = input
  }

  async take({ action, key }: PreparedAction<CommandAction>): Promise<Ending | null> {
    if (!isReusable(action)) return null
    const { cache, clock } = this.#input
    const startedAt = clock.now()
    const answer = await cache.get(key, (entry) => problemOf(entry, action))
    if (answer.kind === 'dropped') {
      warn(this.#input, 'cache-entry-dropped', { action: action.id, key, problem: answer.problem })
    }
    if (answer.kind !== 'hit') return null
    const log = this.#writeLog(action, answer.entry, answer.log)
    const passed = { status: 'passed', exitCode: answer.entry.exitCode } as const
    const attempt = { number: 1, startedAt, durationMs: clock.now() - startedAt, ...passed, log, connections: [] }
    const outputs = treeOf(answer.entry.outputs)
    return { ...passed, reason: null, outputs, attempts: [attempt], reused: answer.from }
  }

  /** Where the command itself would have left it, because the gate `secrets` and people read it there. */
  #writeLog(action: CommandAction, { log }: CacheEntry, chunks: Iterable<Uint8Array>): LogRecord {
    if (log === null) return { path: null, totalBytes: 0, digest: null }
    const { folder } = this.#input
    const path = `logs/${actionPath(action.id)}/1.log`
    for (const chunk of chunks) folder.append(path, chunk)
    folder.closeFile(path)
    return { path, totalBytes: log.size, digest: log.digest }
  }

  keep({ action, key }: PreparedAction<CommandAction>, ending: Ending, tidy: boolean): void {
    const [attempt, ...more] = ending.attempts
    // One that failed at first may do so again: its next run has to say.
    const isPlain = ending.tolerated === undefined && isReusable(action)
    const sure = ending.status === 'passed' && tidy && more.length === 0 && isPlain
    if (!this.#storing || !sure || attempt === undefined || ending.exitCode === null) return
    const { cache, folder } = this.#input
    const tool = `${this.#input.tool.name} ${this.#input.tool.version}`
    const { path, digest, totalBytes: size } = attempt.log
    const log = digest === null ? null : { digest, size }
    const chunks = (): Iterable<Uint8Array> => (path === null ? [] : folder.chunks(path))
    const error = cache.put({ key, tool, exitCode: ending.exitCode, outputs: ending.outputs.entries, log }, chunks)
    if (error === null) return
    this.#storing = false
    warn(this.#input, 'cache-not-stored', { action: action.id, reason: error.message })
  }
}

/** Of a step of a change pack an entry would have to hold more than outputs. */
function isReusable({ capabilities, scope }: CommandAction): boolean {
  return namesOf(capabilities).length === 0 && scope === undefined
}

/** What is wrong with an entry as the outcome of an action, as if the action had just ended with it. */
function problemOf({ exitCode, outputs, log }: CacheEntry, action: CommandAction): CacheProblem | null {
  const wrong = (path: string | null): CacheProblem => ({ kind: 'not-of-action', path })
  if (action.control ? !isRefusal(exitCode) : exitCode !== 0) return { kind: 'not-passed', exitCode }
  // Of a control nothing is kept.
  const outputsOf = action.control ? [] : action.outputs
  const declared = outputsOf.map((output) => ({ output, matches: matcher(output) }))
  const undeclared = outputs.find(({ path }) => !declared.some(({ matches }) => matches(path)))
  if (undeclared) return wrong(undeclared.path)
  const missing = declared.find(({ matches }) => !outputs.some(({ path }) => matches(path)))
  if (missing) return wrong(missing.output)
  const bytes = outputs.reduce((sum, { size }) => sum + size, 0)
  return bytes > action.limits.outputBytes || (log?.size ?? 0) > action.limits.logBytes ? wrong(null) : null
}
