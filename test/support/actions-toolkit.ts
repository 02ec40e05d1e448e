// GitHub's own parser of workflows and actions, and its own evaluator of expressions. As they are published they import JSON in a way
// that Node 20 refuses, so they are bundled first.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const ENTRY = `
export { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser'
export { convertActionTemplate, parseAction } from '@actions/workflow-parser/actions/index'
export { data, Evaluator, Lexer, Parser } from '@actions/expressions'
`

interface Expression {
  evaluate(): unknown
}

interface Named {
  readonly name: string
  readonly minArgs: number
  readonly maxArgs: number
}

/** The part of both packages that is used here. */
interface Toolkit {
  readonly parseWorkflow: typeof parseWorkflow
  readonly convertWorkflowTemplate: typeof convertWorkflowTemplate
  readonly NoOperationTraceWriter: typeof NoOperationTraceWriter
  readonly parseAction: typeof parseWorkflow
  readonly convertActionTemplate: (context: unknown, value: unknown) => unknown
  readonly data: {
    readonly replacer: (key: string, value: unknown) => unknown
    readonly reviver: (key: string, value: unknown) => unknown
    readonly BooleanData: new (value: boolean) => unknown
  }
  readonly Lexer: new (text: string) => { lex(): { readonly tokens: readonly unknown[] } }
  readonly Parser: new (
    tokens: readonly unknown[],
    contexts: readonly string[],
    functions: readonly Named[],
  ) => {
    parse(): unknown
  }
  readonly Evaluator: new (
    expression: unknown,
    context: unknown,
    functions: ReadonlyMap<string, Named & { readonly call: () => unknown }>,
  ) => Expression
}

let loaded: Promise<Toolkit> | null = null

function toolkit(): Promise<Toolkit> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<Toolkit> {
  const folder = mkdtempSync(join(tmpdir(), 'codex-actions-toolkit-'))
  const outfile = join(folder, 'toolkit.mjs')
  try {
    const stdin = { contents: ENTRY, resolveDir: ROOT }
    await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20.19' })
    return (await import(pathToFileURL(outfile).href)) as Toolkit
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What GitHub would refuse a file for; `path`: relative to the root of the repository. */
export async function complaintsOfGithub(
  path: string,
  text: string = readRepository(path),
): Promise<readonly string[]> {
  const { parseAction, parseWorkflow, convertActionTemplate, convertWorkflowTemplate, ...rest } = await toolkit()
  const isAction = path.endsWith('/action.yml')
  const trace = new rest.NoOperationTraceWriter()
  const { context, value } = (isAction ? parseAction : parseWorkflow)({ name: path, content: text }, trace)
  if (value && isAction) convertActionTemplate(context, value)
  const made = value && !isAction ? await convertWorkflowTemplate(context, value) : null
  return [
    ...context.errors.getErrors().map(({ message }) => message),
    ...(made?.errors ?? []).map((one) => one.Message),
  ]
}

export function readRepository(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

export type Contexts = Readonly<Record<string, unknown>>

/** How a job stands, for `success()` and its like. */
export interface Standing {
  readonly failed: boolean
}

/** The value of an expression, without its braces, as GitHub's runner would find it. */
export async function evaluate(expression: string, contexts: Contexts, { failed }: Standing): Promise<unknown> {
  const { Lexer, Parser, Evaluator, data } = await toolkit()
  const known = { success: !failed, failure: failed, always: true, cancelled: false }
  const functions = Object.entries(known).map(([name, value]) => {
    return { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(value) }
  })
  const parsed = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), functions).parse()
  const given: unknown = JSON.parse(JSON.stringify(contexts), data.reviver)
  const result = new Evaluator(parsed, given, new Map(functions.map((one) => [one.name, one] as const))).evaluate()
  return JSON.parse(JSON.stringify(result, data.replacer))
}

/** A text with its expressions in double braces filled in. */
export async function fillIn(text: string, contexts: Contexts, standing: Standing): Promise<string> {
  const parts = await Promise.all(
    text.split(/(\$\{\{.*?\}\})/s).map(async (part) => {
      if (!part.startsWith('${{')) return part
      const value = await evaluate(part.slice(3, -2).trim(), contexts, standing)
      return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)
    }),
  )
  return parts.join('')
}
