import type { Comparison, Explanation, InputOrigin, VariableOrigin } from '../model/explanation.ts'
import type { CommandAction, EdgeKind } from '../model/graph.ts'
import { namesOf } from '../model/grant.ts'
import { ASPECTS } from '../model/plan.ts'
import { limitName, wordCommand, wordLimit } from './change-words.ts'
import { alignColumns } from './columns.ts'
import { renderCauses, type DifferenceOptions } from './difference.ts'
import { STATUS_WORDS } from './lines.ts'
import { count, quote, quoteAll } from './phrase.ts'
import { escapeText, styleOf, type StyleOptions } from './style.ts'

export interface ExplanationOptions extends StyleOptions {
  readonly verbose: boolean
}

/** All that enters the key of an action, for people: a heading and its lines, one part after another. */
export function renderExplanation(explanation: Explanation, options: ExplanationOptions): string {
  const { colors } = styleOf(options)
  const { action, prepared, waitsFor } = explanation
  const key = waitsFor.length > 0 ? 'its key is not known yet' : `sha256:${prepared.key}`
  const parts = [...partsOf(explanation, options)]
  const lines = [
    `${colors.bold(escapeText(action.id))}  ${key}`,
    `${escapeText(action.place.file)}:${action.place.start.line}`,
    ...parts.flatMap(([heading, rows]) => [colors.cyan(heading), ...rows.map((row) => `  ${row}`)]),
  ]
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

type Part = readonly [heading: string, rows: readonly string[]]

function* partsOf(explanation: Explanation, options: ExplanationOptions): Generator<Part> {
  const { action, needs, waitsFor } = explanation
  if (action.kind === 'command') yield* commandParts(action, explanation)
  else yield ['gate', [action.gate, ...listed('required', action.required), ...listed('optional', action.optional)]]
  yield [`inputs: ${inputsHeading(explanation)}`, inputRows(explanation, options)]
  if (waitsFor.length > 0) yield ['not known before they have run', waitsFor.map(escapeText)]
  const aspects = ASPECTS.map((aspect) => `${aspect} ${explanation.guarantees[aspect]}`)
  if (action.kind === 'command') yield ['guarantees', [aspects.join(', ')]]
  const reasons = needs.map(({ from, kind }) => [escapeText(from), EDGES[kind]])
  if (needs.length > 0) yield ['comes after (no part of the key)', bounded(reasons, options)]
}

function* commandParts(action: CommandAction, explanation: Explanation): Generator<Part> {
  const { prepared, variables, unset } = explanation
  const folder = action.cwd === '' ? 'the workspace' : escapeText(action.cwd)
  yield ['command', [wordCommand(action.argv), `in ${folder}`]]
  const rows = variables.map(({ name, value, origin }) => [
    `${escapeText(name)}=${quote(value).slice(1, -1)}`,
    ORIGINS[origin],
  ])
  const missing = unset.map((name) => [escapeText(name), 'passed through, but the caller has not set it'])
  yield ['environment', alignColumns([...rows, ...missing])]
  if (action.outputs.length > 0) yield ['outputs', action.outputs.map(escapeText)]
  const { tools, mounts } = prepared
  const found = tools.map(({ name, version, digest, path }) =>
    [name, version, `sha256:${digest}`, path].map(escapeText),
  )
  if (found.length > 0) yield ['tools', alignColumns(found)]
  const identified = mounts.map(({ path, identity, digest }) => [
    `/${escapeText(path)}`,
    `known by /${escapeText(identity)}, sha256:${digest}`,
  ])
  if (identified.length > 0) yield ['mounts', alignColumns(identified)]
  const limits = Object.entries(action.limits).map(
    ([name, value]) => `${limitName(name)} ${wordLimit(name, Number(value))}`,
  )
  yield ['limits', [limits.join(', ')]]
  yield ['grants', [namesOf(action.capabilities).map(escapeText).join(', ') || 'none']]
}

const ORIGINS: Readonly<Record<VariableOrigin, string>> = {
  fixed: 'the same for every action',
  declared: 'written in task.yml',
  caller: 'from the caller',
  codex: 'who it is',
}

const EDGES: Readonly<Record<EdgeKind, string>> = {
  needs: 'declared under `needs`',
  output: 'reads what it makes',
  change: 'sees what it changes',
  phase: 'of an earlier phase',
  pack: 'of a pack that its pack needs',
}

function listed(name: string, patterns: readonly string[]): readonly string[] {
  return patterns.length > 0 ? [`${name}: ${quoteAll(patterns)}`] : []
}

function inputsHeading({ inputs, prepared, waitsFor }: Explanation): string {
  const files = count(inputs.length, 'file')
  return waitsFor.length > 0 ? `${files}, and what is not known yet` : `${files}, sha256:${prepared.inputs.digest}`
}

const SHOWN = 20

function inputRows({ inputs }: Explanation, options: ExplanationOptions): readonly string[] {
  const lines = inputs.map(({ entry, origin }) => [
    `sha256:${options.verbose ? entry.digest : entry.digest.slice(0, 12)}`,
    `${escapeText(entry.path)}${entry.executable ? ' (executable)' : ''}`,
    wordOrigin(origin),
  ])
  return bounded(lines, options)
}

/** Rows of cells, as many as people read. */
function bounded(rows: readonly (readonly string[])[], { verbose }: ExplanationOptions): readonly string[] {
  const rest = verbose ? 0 : rows.length - SHOWN
  return rest > 0 ? [...alignColumns(rows.slice(0, SHOWN)), `and ${rest} more; -v shows them`] : alignColumns(rows)
}

function wordOrigin(origin: InputOrigin): string {
  switch (origin.kind) {
    case 'source':
      return origin.pattern === null ? 'of the workspace' : `by ${quote(origin.pattern)}`
    case 'output':
      return `made by ${escapeText(origin.action)}`
    case 'artifact':
      return `artifact ${quote(origin.path)} of ${escapeText(origin.pack)}`
    case 'control':
      return `${quote(origin.path)} stands in its place`
    case 'runtime':
      return 'of codex, to talk to the plugin'
  }
}

/** What an action is beside what it was in a run. */
export function renderComparison(
  { status, same, recorded, causes, unpassed }: Comparison,
  options: DifferenceOptions,
): string {
  const ended = status === null ? 'was no part of it' : `${STATUS_WORDS[status]} there`
  const there = options.names.from
  if (same) return `${there}: the same key; it ${ended}.\n`
  const was = recorded === null ? `it ${ended}` : `its key was sha256:${recorded.slice(0, 12)}, and it ${ended}`
  const blocks = renderCauses({ causes, endings: [] }, options)
  const waits = unpassed.map(
    ({ action, status: how }) =>
      `${quote(action)} would be the same, but ${how === null ? 'did not run' : STATUS_WORDS[how]} there: what it makes is not known.`,
  )
  const why = causes.length > 0 ? ' It would run again, because:' : ''
  return [[`${there}: ${was}.${why}`], ...blocks, ...(waits.length > 0 ? [waits] : [])]
    .map((lines) => lines.map((line) => `${line}\n`).join(''))
    .join('')
}
