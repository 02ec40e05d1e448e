import * as z from 'zod'
import { canonicalJson, type Json } from '../model/canonical.ts'
import { MOST_RESULT_BYTES, type PluginRun, type PluginVerdict } from '../model/plugin.ts'
import {
  described,
  findings,
  reportText,
  REQUESTS,
  text,
  texts,
  type AnsweredRun,
  type Answers,
  type RequestName,
} from './protocol.ts'

interface Head {
  readonly resultVersion: 1
  readonly plugin: Answers['describe']
  /** What it was going to do. */
  readonly plan: readonly string[]
}

/** plugin_result.json: all that a plugin came to. Texts in it are the plugin's own. */
export type PluginResult =
  | (Head & AnsweredRun & { readonly report: string })
  /** `request`: what it was asked when it went wrong. What went wrong is in its log, because that may be another thing each time. */
  | (Head & { readonly verdict: 'error'; readonly request: RequestName })

const head = { resultVersion: z.literal(1), plugin: described, plan: texts }

const schema: z.ZodType<PluginResult> = z.union([
  z.strictObject({ ...head, verdict: z.enum(['passed', 'failed']), summary: text, findings, report: reportText }),
  z.strictObject({ ...head, verdict: z.literal('error'), request: z.enum(REQUESTS) }),
])

/** Canonical JSON (RFC 8785), so that the same answers are the same bytes. */
export function resultBytes(result: PluginResult): string {
  return canonicalJson(JSON.parse(JSON.stringify(result)) as Json)
}

/**
 * The verdict that a plugin_result.json states; `null`: the bytes are none that the runner would write for this plugin. They come from
 * where the plugin was, so it may have written them itself.
 */
export function verdictIn(bytes: Uint8Array, plugin: Pick<PluginRun, 'name' | 'version'>): PluginVerdict | null {
  if (bytes.length > MOST_RESULT_BYTES) return null
  const parsed = schema.safeParse(parseJson(bytes))
  if (!parsed.success) return null
  const { name, version } = parsed.data.plugin
  return name === plugin.name && version === plugin.version ? parsed.data.verdict : null
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown
  } catch {
    return undefined
  }
}
