import type { Json } from '../model/canonical.ts'
import { sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import type { Location, SourceText } from '../model/source.ts'
import { codeFrame } from './frame.ts'
import { count } from './phrase.ts'
import { escapeText, styleOf, type Style, type StyleOptions } from './style.ts'
import { wordingOf } from './wording.ts'

export interface DiagnosticsOptions extends StyleOptions {
  /** Columns that a code frame may take. */
  readonly width: number
}

interface Context {
  readonly sources: ReadonlyMap<string, SourceText>
  readonly style: Style
  readonly width: number
}

/**
 * All complaints in the order of their places, each with a frame of its source where `sources` (by file) has it, and a closing
 * count and where to read more. Empty for none.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, SourceText>,
  options: DiagnosticsOptions,
): string {
  if (diagnostics.length === 0) return ''
  const style = styleOf(options)
  const blocks = diagnosticBlocks(diagnostics, sources, options)
  return `${blocks}\n${closingLine(diagnostics, style)}\n${helpLine(diagnostics, style)}\n`
}

/** The same without the count. */
export function diagnosticBlocks(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, SourceText>,
  options: DiagnosticsOptions,
): string {
  const context = { sources, style: styleOf(options), width: options.width }
  return sortDiagnostics(diagnostics)
    .map((diagnostic) => renderOne(diagnostic, context))
    .join('\n')
}

/** One that is about no file, without a line break at its end. */
export function warningText(diagnostic: Diagnostic, style: Style): string {
  return renderOne(diagnostic, { sources: new Map(), style, width: 0 }).trimEnd()
}

function renderOne(diagnostic: Diagnostic, context: Context): string {
  const { colors } = context.style
  const { message, fix } = wordingOf(diagnostic)
  const paint = diagnostic.severity === 'error' ? colors.red : colors.yellow
  const place = diagnostic.location ? `${colors.bold(placeText(diagnostic.location))} ` : ''
  const head = `${place}${paint(diagnostic.severity)} ${colors.dim(diagnostic.code)} ${message}\n`
  const related = diagnostic.related.map(
    ({ location, note }) => `  ${placeText(location)} ${escapeText(note)}\n${frame(location, context)}`,
  )
  return [head, frame(diagnostic.location, context), ...related, fixLines(fix, context.style)].join('')
}

function frame(location: Location | null, context: Context): string {
  const source = location && context.sources.get(location.file)
  return source ? codeFrame(source, location, context) : ''
}

/** `  fix: …`, further lines below the first. */
export function fixLines(fix: string | null, style: Style): string {
  if (fix === null) return ''
  const [first = '', ...rest] = fix.split('\n')
  const lines = [`  ${style.colors.green('fix:')} ${first}`, ...rest.map((line) => `       ${line}`)]
  return lines.map((line) => `${line}\n`).join('')
}

/** `file:line:column`, as editors and terminals recognise it. */
export function placeText(location: Location): string {
  return `${escapeText(location.file)}:${location.start.line}:${location.start.column}`
}

/** How many there are, in how many files. */
export function closingLine(diagnostics: readonly Diagnostic[], style: Style): string {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length
  const warnings = diagnostics.length - errors
  const counts = [
    ...(errors > 0 ? [style.colors.red(count(errors, 'error'))] : []),
    ...(warnings > 0 ? [style.colors.yellow(count(warnings, 'warning'))] : []),
  ]
  const files = new Set(diagnostics.flatMap(({ location }) => (location ? [location.file] : [])))
  if (files.size === 0) return counts.join(', ')
  const packs = [...files].every((file) => /(^|\/)task\.yml$/.test(file))
  return `${counts.join(', ')} in ${count(files.size, packs ? 'pack' : 'file')}`
}

/** Where to read more, once for all of them. */
function helpLine(diagnostics: readonly Diagnostic[], { colors }: Style): string {
  const [code = '', ...others] = new Set(diagnostics.map((diagnostic) => diagnostic.code))
  const words =
    others.length === 0 ? `\`codex help ${code}\` tells more.` : '`codex help <code>` tells more about each.'
  return colors.dim(words)
}

/** All complaints for programs, in the same order. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[]): Json {
  return sortDiagnostics(diagnostics).map((diagnostic) => ({
    code: diagnostic.code,
    severity: diagnostic.severity,
    ...wordingOf(diagnostic),
    location: diagnostic.location && locationJson(diagnostic.location),
    related: diagnostic.related.map(({ location, note }) => ({ location: locationJson(location), note })),
  }))
}

function locationJson({ file, start, end }: Location): Json {
  return { file, start: { ...start }, end: { ...end } }
}
