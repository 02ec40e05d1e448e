import type { ChangedSource, ManifestDifference, Rerun } from '../model/verification.ts'
import { fixLines } from './diagnostics.ts'
import { count, plain, quote } from './phrase.ts'
import { escapeText, styleOf, type Style, type StyleOptions } from './style.ts'

/** Differences that are shown to people; a document has all of them. */
const SHOWN = 20

export interface RerunRendering extends StyleOptions {
  /** Where the first run lies; `null`: neither it nor the second is kept. */
  readonly recorded: string | null
}

/** What came of doing a run again, for people. */
export function renderRerun(rerun: Rerun, { recorded, ...options }: RerunRendering): string {
  const style = styleOf(options)
  const lines = rerun.run === null ? tellChanged(rerun, style) : tellCompared(rerun, { recorded, style })
  return lines.map((line) => `${line}\n`).join('')
}

function tellChanged({ changed }: Rerun, style: Style): readonly string[] {
  const { colors } = style
  const what = `${count(changed.length, 'file')} of the workspace ${changed.length === 1 ? 'is' : 'are'} not as the run has seen ${changed.length === 1 ? 'it' : 'them'}`
  const fix = 'Check out the commit that was run, or take a bundle of it (`codex bundle`), and try again.'
  return [
    ...shorten(changed.map(wordChange), style),
    `${fixLines(fix, style)}${colors.red(colors.bold('NOT RUN AGAIN'))}: ${what}`,
  ]
}

function wordChange({ path, recorded, found }: ChangedSource): string {
  if (recorded === null) return `${escapeText(path)} is new: the run has not seen it`
  if (found === null) return `${escapeText(path)} is not there: it had the SHA-256 ${recorded}`
  return `${escapeText(path)} has the SHA-256 ${found}, and had ${recorded}`
}

interface Compared {
  readonly recorded: string | null
  readonly style: Style
}

function tellCompared({ run, manifest, differences }: Rerun, { recorded, style }: Compared): readonly string[] {
  const { colors } = style
  const where = recorded === null ? 'not kept (`--out <dir>` keeps it)' : escapeText(run ?? '')
  const told = [`Run again: ${where}`, `manifest sha256:${manifest ?? ''}`]
  if (differences.length === 0) return [...told, colors.green(colors.bold('THE SAME'))]
  const fix =
    recorded === null
      ? 'Unpack the bundle with tar, keep the new run with `--out <dir>`, and ask `codex diff` why.'
      : `${quote(`codex diff ${recorded} ${run ?? ''}`)} says why.`
  return [
    ...told,
    ...shorten(differences.map(wordDifference), style),
    `${fixLines(fix, style)}${colors.red(colors.bold('NOT THE SAME'))}: ${count(differences.length, 'difference')}`,
  ]
}

/** What came of taking steps from a recorded run, `from`, for people. */
export function renderReplayed(
  { from, differences }: { readonly from: string; readonly differences: readonly ManifestDifference[] },
  options: StyleOptions,
): string {
  const style = styleOf(options)
  const run = escapeText(from)
  if (differences.length === 0) return `Replayed ${run}: the manifest is the same, byte for byte.\n`
  const shown = shorten(differences.map(wordDifference), style)
  return [`Replayed ${run}: the manifest is not the same.`, ...shown].map((line) => `${line}\n`).join('')
}

function wordDifference({ action, members }: ManifestDifference): string {
  const what = members.map(escapeText).join(', ')
  return action === null ? `the run as a whole differs in ${what}` : `${escapeText(action)} differs in ${what}`
}

function shorten(lines: readonly string[], { colors, glyphs }: Style): readonly string[] {
  const rest = lines.length - SHOWN
  const shown = lines.slice(0, SHOWN).map((line) => `${colors.red(glyphs.fail)} ${line}`)
  return rest > 0 ? [...shown, `${glyphs.ellipsis} and ${rest} more`] : shown
}

/** As a part of the document of `verify --json`. */
export function rerunJson({ run, manifest, changed, differences }: Rerun): object {
  const same = run !== null && differences.length === 0
  return { run, same, manifestSha256: manifest, changed, differences }
}

/** Why a file is no bundle, as the end of a sentence. */
export function wordBundleProblem(
  problem:
    | { readonly kind: 'form'; readonly offset: number }
    | { readonly kind: 'write'; readonly path: string; readonly message: string }
    | { readonly kind: 'list' },
): string {
  switch (problem.kind) {
    case 'form':
      return `is not a bundle as codex writes it, from byte ${problem.offset} on`
    case 'write':
      return `can't be unpacked: ${quote(problem.path)}: ${plain(problem.message)}`
    case 'list':
      return 'does not hold the files of the workspace that its workspace.sha256 names'
  }
}
