import type { Json } from '../model/canonical.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { renderVersions } from './bytes-diff.ts'
import { placeText } from './diagnostics.ts'
import { count, plain, quote } from './phrase.ts'
import { escapeText, styleOf, type StyleOptions } from './style.ts'
import { wordingOf } from './wording.ts'

/** A file in which something was corrected. */
export interface FixedFile {
  /** Relative to the workspace root. */
  readonly file: string
  readonly from: Uint8Array
  readonly to: Uint8Array
  readonly fixed: readonly Diagnostic[]
}

/** What was corrected, as a unified diff of each file and a closing count. `dryRun`: nothing was written. */
export function renderFixes(files: readonly FixedFile[], options: StyleOptions & { readonly dryRun: boolean }): string {
  const style = styleOf(options)
  const blocks = files.map(({ file, from, to }) => {
    const head = [`--- ${escapeText(file)}`, `+++ ${escapeText(file)}`].map((line) => style.colors.bold(line))
    return [...head, ...renderVersions({ from, to }, { limit: Infinity, style })].map((line) => `${line}\n`).join('')
  })
  const mistakes = files.reduce((sum, { fixed }) => sum + fixed.length, 0)
  const done = options.dryRun ? 'can be corrected' : 'corrected'
  return `${blocks.join('\n')}\n${count(mistakes, 'mistake')} ${done} in ${count(files.length, 'file')}\n\n`
}

export function fixesJson(files: readonly FixedFile[]): Json {
  return files.flatMap(({ file, fixed }) =>
    fixed.map((complaint) => ({
      file,
      code: complaint.code,
      message: wordingOf(complaint).message,
      place: complaint.location && placeText(complaint.location),
    })),
  )
}

/** Why a file that was corrected could not be written, as a sentence. */
export function wordNotFixed(file: string, reason: string): string {
  return `${quote(file)} can't be corrected: ${plain(reason)}.`
}
