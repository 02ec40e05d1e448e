import { canonicalJson, type Json } from '../model/canonical.ts'
import type { Cause, Detail, Difference, Side } from '../model/difference.ts'
import type { ActionId } from '../model/graph.ts'
import type { Location } from '../model/source.ts'
import type { RunView } from '../model/run-view.ts'
import { renderVersions, type TwoVersions } from './bytes-diff.ts'
import { wordChange, type RunNames } from './change-words.ts'
import { alignColumns } from './columns.ts'
import { groupBy } from './grouping.ts'
import { STATUS_WORDS } from './lines.ts'
import { count } from './phrase.ts'
import { escapeText, styleOf, type StyleOptions } from './style.ts'
import { wordEnding, wordSubject } from './subject-words.ts'

export interface DifferenceOptions extends StyleOptions {
  readonly verbose: boolean
  readonly names: RunNames
  /** Both versions of what a cause is about, where the bytes of both are at hand. */
  readonly versions: (cause: Cause) => TwoVersions | null
}

/** One of two runs as a person names it. */
export interface NamedRun {
  readonly name: string
  readonly view: RunView
}

/** Two runs and why they differ. */
export function renderDifference(
  difference: Difference,
  runs: Readonly<Record<Side, NamedRun>>,
  options: DifferenceOptions,
): string {
  const heads = alignColumns([headOf(runs.from), headOf(runs.to)])
  const causes = renderCauses(difference, options)
  const blocks = [heads, ...causes, [summaryOf(difference)]]
  return blocks.map((lines) => lines.map((line) => `${line}\n`).join('')).join('\n')
}

function headOf({ name, view }: NamedRun): readonly string[] {
  const statuses = groupBy(view.actions, ({ status }) => status)
  const counts = [...statuses].map(([status, { length }]) => `${length} ${status ? STATUS_WORDS[status] : 'not run'}`)
  const digest = view.digest === null ? '' : `sha256:${view.digest.slice(0, 12)}`
  return [escapeText(name), (view.verdict ?? 'not run').toUpperCase(), digest, counts.join(', ')]
}

function summaryOf({ same, total, roots, followers, unchanged }: Difference): string {
  if (same) return 'The manifests are the same.'
  if (roots.length + followers.length === 0) return `None of ${count(total, 'action')} differs.`
  return `${roots.length + followers.length} of ${count(total, 'action')} differ: ${roots.length} by themselves, ${followers.length} only followed; ${unchanged} ${unchanged === 1 ? 'is' : 'are'} the same.`
}

const DIFF_LINES = 40

/** A block of lines for each cause. */
export function renderCauses(
  { causes, endings }: Pick<Difference, 'causes' | 'endings'>,
  options: DifferenceOptions,
): readonly (readonly string[])[] {
  const style = styleOf(options)
  const digits = String(causes.length).length
  return causes.map((cause, index) => {
    const words = wordSubject(cause.subject, options.names)
    const paint = cause.subject.kind === 'nondeterminism' ? style.colors.red : style.colors.bold
    const indent = ' '.repeat(digits + 2)
    const versions = options.versions(cause)
    const limit = options.verbose ? Infinity : DIFF_LINES
    return [
      `${String(index + 1).padStart(digits)}. ${paint(words)}`,
      ...[
        ...renderDetails(cause.details, options),
        ...reachOf(cause, options),
        ...endingsOf(cause, endings, options),
      ].map((line) => indent + line),
      ...(versions ? renderVersions(versions, { limit, style }) : []).map((line) => indent + line),
    ]
  })
}

const SHOWN = 3

function reachOf({ subject, actions, followers }: Cause, { verbose }: DifferenceOptions): readonly string[] {
  const itself = subject.kind === 'nondeterminism'
  const lines =
    itself || actions.length === 0 ? [] : [`in ${count(actions.length, 'action')}: ${wordActions(actions, verbose)}`]
  if (followers.length > 0)
    lines.push(`${count(followers.length, 'action')} only followed: ${wordActions(followers, verbose)}`)
  return lines
}

/** How what a cause enters or moves has ended because of it. */
function endingsOf(
  { subject, actions, followers }: Cause,
  endings: Difference['endings'],
  { verbose }: DifferenceOptions,
): readonly string[] {
  if (subject.kind === 'nondeterminism') return []
  const own = new Set([...actions, ...followers])
  const lines = endings
    .filter(({ action }) => own.has(action))
    .map(({ action, from, to }) => `${escapeText(action)}: ${wordEnding(from)} -> ${wordEnding(to)}`)
  const rest = verbose ? 0 : lines.length - SHOWN
  return rest > 0 ? [...lines.slice(0, SHOWN), `and ${count(rest, 'other')} ended otherwise`] : lines
}

function wordActions(ids: readonly ActionId[], verbose: boolean): string {
  const shown = verbose ? ids : ids.slice(0, SHOWN)
  const rest = ids.length - shown.length
  return `${shown.map(escapeText).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

const DETAILS_SHOWN = 20

/** A change that is the same in many actions is told once. */
function renderDetails(details: readonly Detail[], { names, verbose }: DifferenceOptions): readonly string[] {
  const groups = [...groupBy(details, ({ change }) => canonicalJson(change as unknown as Json)).values()]
  const lines = groups.flatMap((group): string[] => {
    const [first] = group
    if (!first) return []
    const ids = group.flatMap(({ action }) => action ?? [])
    const places = new Set(group.map(({ place }) => wordPlace(place)))
    const place = places.size === 1 ? wordPlace(first.place) : ''
    const of = ids.length === 0 ? '' : `${wordActions(ids, verbose)}: `
    return [`${place === '' ? '' : `${place}  `}${of}${wordChange(first.change, names)}`]
  })
  const rest = verbose ? 0 : lines.length - DETAILS_SHOWN
  return rest > 0 ? [...lines.slice(0, DETAILS_SHOWN), `and ${count(rest, 'other change')}; -v shows them`] : lines
}

function wordPlace(place: Location | null): string {
  return place === null ? '' : `${escapeText(place.file)}:${place.start.line}`
}
