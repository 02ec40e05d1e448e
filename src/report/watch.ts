import type { Diagnostic } from '../model/diagnostic.ts'
import type { SourceText } from '../model/source.ts'
import { closingLine, diagnosticBlocks, diagnosticsJson, placeText, type DiagnosticsOptions } from './diagnostics.ts'
import { printJsonLine } from './json.ts'
import { count } from './phrase.ts'
import { escapeText, styleOf, type Style, type StyleOptions } from './style.ts'
import { wordingOf } from './wording.ts'

/** What a validation has come to, and what has become of the one before. */
export interface WatchedState {
  readonly packs: number
  /** `null`: something is wrong. */
  readonly actions: number | null
  readonly diagnostics: readonly Diagnostic[]
  /** The text of every task.yml that was read, by its path. */
  readonly sources: ReadonlyMap<string, SourceText>
  readonly appeared: readonly Diagnostic[]
  readonly fixed: readonly Diagnostic[]
  /** Files that were read and are not as they were. */
  readonly changed: readonly string[]
  readonly isFirst: boolean
}

/** Clears a terminal (ECMA-48: ED, CUP); what was there before stays above where the terminal keeps it. */
export const CLEAR = '\u001B[2J\u001B[H'

/** More complaints than anybody reads from a screen. */
const MOST = 50

/** All that is wrong now, and what is not any more. */
export function renderWatchScreen(state: WatchedState, options: DiagnosticsOptions): string {
  const { diagnostics, sources } = state
  const style = styleOf(options)
  const shown = diagnosticBlocks(diagnostics.slice(0, MOST), sources, options)
  const hidden = diagnostics.length - MOST
  const more = hidden > 0 ? `\n${style.glyphs.ellipsis} and ${hidden} more: \`codex validate\` shows all of them\n` : ''
  const parts = [shown === '' ? '' : `${shown}${more}\n`, fixedLines(state.fixed, style), stateLine(state, style)]
  return parts.join('')
}

/** What has changed since the verdict before, line by line, for whoever reads a pipe. */
export function renderWatchLines(state: WatchedState, options: DiagnosticsOptions): string {
  const style = styleOf(options)
  const told = state.isFirst ? state.diagnostics : state.appeared
  const blocks = diagnosticBlocks(told, state.sources, options)
  return `${blocks === '' ? '' : `${blocks}\n`}${fixedLines(state.fixed, style)}${stateLine(state, style)}`
}

function fixedLines(fixed: readonly Diagnostic[], { colors }: Style): string {
  const lines = fixed.slice(0, MOST).map((one) => {
    const place = one.location ? `${placeText(one.location)} ` : ''
    return `${colors.green('fixed')} ${place}${colors.dim(one.code)} ${wordingOf(one).message}\n`
  })
  if (fixed.length > MOST) lines.push(`${colors.green('fixed')} ${fixed.length - MOST} more\n`)
  return lines.join('')
}

function stateLine({ packs, actions, diagnostics }: WatchedState, style: Style): string {
  const complaints = diagnostics.length > 0 ? closingLine(diagnostics, style) : ''
  if (actions === null) return `${complaints}\n`
  const valid = `${count(packs, 'pack')} valid, ${count(actions, 'action')}`
  return `${style.colors.green(valid)}${complaints === '' ? '' : `, ${complaints}`}\n`
}

/** The same for programs: one line of JSON. */
export function renderWatchJson(state: WatchedState): string {
  const { packs, actions, diagnostics, appeared, fixed, changed } = state
  return printJsonLine({
    type: 'validated',
    valid: actions !== null,
    packs,
    actions,
    changed,
    appeared: diagnosticsJson(appeared),
    fixed: diagnosticsJson(fixed),
    diagnostics: diagnosticsJson(diagnostics),
  })
}

/** From here on every change is heard of. */
export function renderWatchingJson(folders: number): string {
  return printJsonLine({ type: 'watching', folders })
}

export function renderPollingJson(code: string): string {
  return printJsonLine({ type: 'polling', code })
}

/** What a system's refusal to watch means, and what can be done. */
export function renderPolling(code: string): string {
  const notice = `Changes are looked for every second, because the system does not tell of them (${escapeText(code)}).`
  const fixes: Readonly<Record<string, string>> = {
    ENOSPC: ' Raise fs.inotify.max_user_watches to hear of them at once.',
    EMFILE: ' Raise fs.inotify.max_user_instances, or the number of open files, to hear of them at once.',
  }
  return `${notice}${fixes[code] ?? ''}\n`
}

/** The keys that do something. */
export function renderKeys(shows: 'verdict' | 'graph', options: StyleOptions): string {
  const { colors } = styleOf(options)
  return `\n${colors.dim(`Enter validates again, g shows ${shows === 'graph' ? 'the verdict' : 'the graph'}, q quits`)}\n`
}
