import type { PlannedAction } from '../model/plan.ts'
import { alignColumns } from './columns.ts'
import { printJson } from './json.ts'
import { count } from './phrase.ts'
import { escapeText, styleOf, type StyleOptions } from './style.ts'

const SHORT_KEY = 12
const WAITS_SHOWN = 3

/** What would run, in plan order, with each key that is known already; `verbose` shows keys whole and the commands. */
export function renderPlan(
  plan: readonly PlannedAction[],
  options: StyleOptions & { readonly verbose: boolean },
): string {
  const { colors } = styleOf(options)
  const digits = String(plan.length).length
  const rows = plan.map((planned, index) => [
    String(index + 1).padStart(digits),
    escapeText(planned.action.id),
    keyText(planned, options.verbose),
  ])
  const lines = alignColumns(rows).flatMap((row, index) => {
    const action = plan[index]?.action
    const shown = options.verbose && action?.kind === 'command'
    return shown ? [row, colors.dim(`${' '.repeat(digits)}  $ ${escapeText(action.text)}`)] : [row]
  })
  const known = plan.filter(({ key }) => key !== null).length
  lines.push(`${count(plan.length, 'action')}, ${known} with a known key; nothing was run`)
  return lines.map((line) => `${line}\n`).join('')
}

function keyText({ key, waitsFor }: PlannedAction, verbose: boolean): string {
  if (key !== null) return `sha256:${verbose ? key : key.slice(0, SHORT_KEY)}`
  if (waitsFor.length === 0) return ''
  const shown = verbose ? waitsFor : waitsFor.slice(0, WAITS_SHOWN)
  const rest = waitsFor.length - shown.length
  return `waits for ${shown.map(escapeText).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** The same for programs: an array in plan order. */
export function renderPlanJson(plan: readonly PlannedAction[]): string {
  return printJson(
    plan.map(({ action, key, waitsFor }) => ({
      id: action.id,
      pack: action.pack,
      phase: action.phase,
      command: action.kind === 'command' ? action.argv : null,
      needs: action.needs,
      key,
      waitsFor,
    })),
  )
}
