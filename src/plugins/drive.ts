import { ANSWERS, replySchema, shortened, type AnsweredRun, type Answers, type RequestName } from './protocol.ts'
import type { PluginResult } from './result.ts'

/** The two ends of a plugin. */
export interface Channel {
  send(line: string): void
  /** The next line of the plugin; `null`: there is none, because it has ended. @throws LineError where it is too long */
  receive(): Promise<string | null>
}

/** A line that is longer than any may be. */
export class LineError extends Error {
  override readonly name = 'LineError'
}

/** What a plugin has to be, and what it is told. */
export interface Driven {
  readonly pack: string
  readonly name: string
  readonly version: string
  readonly artifacts: readonly string[]
}

/** Why a plugin came to nothing: it ended, broke the protocol, threw an error, or is not what its file says that it is. */
export interface PluginFailure {
  /** What it was asked. */
  readonly request: RequestName
  readonly problem: 'ended' | 'protocol' | 'threw' | 'mismatch'
  readonly message: string
}

export interface Driving {
  readonly result: PluginResult
  /** Of a result that tells of an error only. */
  readonly failure: PluginFailure | null
}

/** What a plugin does not get beyond. */
class PluginError extends Error {
  override readonly name = 'PluginError'
  readonly failure: PluginFailure

  constructor(failure: PluginFailure) {
    super(failure.message)
    this.failure = failure
  }
}

/** Asks a plugin everything, each answer checked before the next question. It never rejects because of the plugin. */
export async function drive(channel: Channel, driven: Driven): Promise<Driving> {
  const plugin = { name: driven.name, version: driven.version }
  const ask = questions(channel, driven)
  let plan: readonly string[] = []
  try {
    const described = await ask('describe')
    if (described.name !== plugin.name || described.version !== plugin.version) {
      const found = `${described.name} ${described.version}`
      const message = `It calls itself '${found}', and the file beside it '${plugin.name} ${plugin.version}'`
      throw new PluginError({ request: 'describe', problem: 'mismatch', message: shortened(message) })
    }
    const { problems } = await ask('validate')
    if (problems.length > 0) return { result: unfit(plugin, problems), failure: null }
    plan = (await ask('plan')).steps
    const outcome = await ask('run')
    const { text: report } = await ask('report', outcome)
    return { result: { resultVersion: 1, plugin, plan, ...outcome, report }, failure: null }
  } catch (error) {
    if (!(error instanceof PluginError)) throw error
    const { failure } = error
    return { result: { resultVersion: 1, plugin, plan, verdict: 'error', request: failure.request }, failure }
  }
}

function unfit(plugin: Answers['describe'], problems: readonly string[]): PluginResult {
  const findings = problems.map((message) => ({ message }))
  const summary = 'The pack is not one that it can look at'
  return { resultVersion: 1, plugin, plan: [], verdict: 'failed', summary, findings, report: '' }
}

type Ask = <Name extends RequestName>(request: Name, outcome?: AnsweredRun) => Promise<Answers[Name]>

function questions(channel: Channel, { pack, artifacts }: Driven): Ask {
  let id = 0
  return async (request, outcome) => {
    id += 1
    const context = { pack, artifacts }
    channel.send(JSON.stringify(outcome ? { id, request, context, outcome } : { id, request, context }))
    const answer = await answerTo(channel, { id, request })
    const parsed = ANSWERS[request].safeParse(answer)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    const at = issue?.path.join('.') || 'The answer'
    throw broken(request, `${at} is not as it has to be: ${issue?.message ?? ''}`)
  }
}

async function answerTo(
  channel: Channel,
  { id, request }: { readonly id: number; readonly request: RequestName },
): Promise<unknown> {
  const line = await channel.receive().catch((error: unknown) => {
    if (error instanceof LineError) throw broken(request, error.message)
    throw error
  })
  if (line === null) {
    throw new PluginError({ request, problem: 'ended', message: 'It ended without an answer' })
  }
  const reply = replySchema.safeParse(parseJson(line))
  if (!reply.success) throw broken(request, 'It printed what is no answer; its log belongs on the standard error')
  if (reply.data.id !== id) throw broken(request, `It answered ${reply.data.id}, and was asked ${id}`)
  if ('answer' in reply.data) return reply.data.answer
  throw new PluginError({ request, problem: 'threw', message: reply.data.error })
}

function broken(request: RequestName, message: string): PluginError {
  return new PluginError({ request, problem: 'protocol', message: shortened(message) })
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch {
    return undefined
  }
}
