import { sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import { escapeText } from './style.ts'
import { wordingOf } from './wording.ts'

/**
 * All complaints as workflow commands of GitHub Actions, one a line, which it shows as annotations of the files. Nothing that a
 * pack holds can end a line, begin another command, or be taken for a property.
 */
export function renderGithub(diagnostics: readonly Diagnostic[]): string {
  return sortDiagnostics(diagnostics).map(command).join('')
}

function command(diagnostic: Diagnostic): string {
  const { code, severity, location, related } = diagnostic
  const { message, fix } = wordingOf(diagnostic)
  const beside = related.map((other) => `${other.location.file}:${other.location.start.line} ${other.note}`)
  const lines = [message, ...beside, ...(fix === null ? [] : fix.split('\n'))]
  const place = location
    ? {
        file: location.file,
        line: location.start.line,
        endLine: location.end.line,
        // Columns are only understood within one line.
        ...(location.start.line === location.end.line
          ? { col: location.start.column, endColumn: location.end.column }
          : {}),
      }
    : {}
  const properties = Object.entries({ ...place, title: code }).map(([name, value]) => `${name}=${property(value)}`)
  return `::${severity} ${properties.join(',')}::${lines.map(data).join('%0A')}\n`
}

/** As @actions/core escapes what follows the command; `##[` would begin a command of the older kind anywhere in a line. */
function data(text: string): string {
  return escapeText(text).replaceAll('%', '%25').replaceAll('##[', '## [')
}

function property(value: string | number): string {
  return data(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
