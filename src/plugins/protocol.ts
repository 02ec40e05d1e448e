import * as z from 'zod'

/**
 * How codex talks to a plugin: a line of JSON on its standard input, and one on its standard output that answers it, one after
 * another in this order.
 */
export const REQUESTS = ['describe', 'validate', 'plan', 'run', 'report'] as const
export type RequestName = (typeof REQUESTS)[number]

/** Of a line either way, in bytes. */
export const MOST_LINE_BYTES: number = 256 * 1024

/** Of a list in an answer, and of a text in it, in UTF-16 units. */
const [MOST_ITEMS, MOST_TEXT, MOST_REPORT] = [1_000, 4_096, 65_536] as const

/** What each request is answered with. */
export interface Answers {
  readonly describe: { readonly name: string; readonly version: string }
  readonly validate: { readonly problems: readonly string[] }
  readonly plan: { readonly steps: readonly string[] }
  readonly run: AnsweredRun
  readonly report: { readonly text: string }
}

export interface AnsweredRun {
  readonly verdict: 'passed' | 'failed'
  readonly summary: string
  readonly findings: readonly AnsweredFinding[]
}

export interface AnsweredFinding {
  readonly message: string
  readonly file?: string | undefined
  readonly line?: number | undefined
}

export const text: z.ZodType<string> = z.string().max(MOST_TEXT)
export const texts: z.ZodType<readonly string[]> = z.array(text).max(MOST_ITEMS)
export const reportText: z.ZodType<string> = z.string().max(MOST_REPORT)
export const findings: z.ZodType<readonly AnsweredFinding[]> = z
  .array(z.strictObject({ message: text, file: text.optional(), line: z.int().positive().optional() }))
  .max(MOST_ITEMS)
export const described: z.ZodType<Answers['describe']> = z.strictObject({ name: text, version: text })

const context = z.strictObject({ pack: text, artifacts: texts })
const outcome: z.ZodType<AnsweredRun> = z.strictObject({
  verdict: z.enum(['passed', 'failed']),
  summary: text,
  findings: findings.prefault([]),
})

export const ANSWERS: { readonly [Name in RequestName]: z.ZodType<Answers[Name]> } = {
  describe: described,
  validate: z.strictObject({ problems: texts }),
  plan: z.strictObject({ steps: texts }),
  run: outcome,
  report: z.strictObject({ text: reportText }),
}

const id = z.int().positive()

/** One line to a plugin. */
export const requestSchema: z.ZodType<Request> = z.discriminatedUnion('request', [
  z.strictObject({ id, request: z.literal('describe'), context }),
  z.strictObject({ id, request: z.literal('validate'), context }),
  z.strictObject({ id, request: z.literal('plan'), context }),
  z.strictObject({ id, request: z.literal('run'), context }),
  z.strictObject({ id, request: z.literal('report'), context, outcome }),
])

interface Context {
  readonly pack: string
  readonly artifacts: readonly string[]
}

export type Request =
  | { readonly id: number; readonly request: Exclude<RequestName, 'report'>; readonly context: Context }
  | { readonly id: number; readonly request: 'report'; readonly context: Context; readonly outcome: AnsweredRun }

/** One line of a plugin: an answer, or why there is none. */
export const replySchema: z.ZodType<Reply> = z.union([
  z.strictObject({ id, answer: z.unknown() }),
  z.strictObject({ id, error: text }),
])

export type Reply = { readonly id: number; readonly answer: unknown } | { readonly id: number; readonly error: string }

/** So much of what somebody else threw as an answer may hold. */
export function shortened(message: string): string {
  return message.length <= MOST_TEXT ? message : `${message.slice(0, MOST_TEXT - 1)}…`
}
