import type { DoctorCheck } from '../model/doctor.ts'
import { alignColumns } from './columns.ts'
import { fixLines } from './diagnostics.ts'
import { printJson } from './json.ts'
import { count } from './phrase.ts'
import { escapeText, styleOf, type StyleOptions } from './style.ts'

/** What `codex doctor` found, one check a line, with the fix below what is not well. */
export function renderDoctor(checks: readonly DoctorCheck[], options: StyleOptions): string {
  const style = styleOf(options)
  const { colors, glyphs } = style
  const marks = { ok: colors.green(glyphs.pass), warning: colors.yellow('!'), failed: colors.red(glyphs.fail) }
  const rows = alignColumns(checks.map(({ name, detail }) => [escapeText(name), escapeText(detail)]))
  const lines = checks.map(({ status, fix }, index) => {
    const below = status === 'ok' || fix === null ? null : fix.split('\n').map(escapeText).join('\n')
    return `${marks[status]} ${rows[index] ?? ''}\n${fixLines(below, style)}`
  })
  return `${lines.join('')}${closingLine(checks)}\n`
}

function closingLine(checks: readonly DoctorCheck[]): string {
  const failed = checks.filter(({ status }) => status === 'failed').length
  const warnings = checks.filter(({ status }) => status === 'warning').length
  if (failed + warnings === 0) return 'Everything is in place.'
  const parts = [
    ...(failed > 0 ? [`${count(failed, 'check')} failed`] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ]
  return `${parts.join(', ')}.`
}

export function renderDoctorJson(checks: readonly DoctorCheck[]): string {
  return printJson({ ok: checks.every(({ status }) => status !== 'failed'), checks })
}
