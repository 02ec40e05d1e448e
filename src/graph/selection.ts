import { covers, parsePattern, type Pattern } from './pattern.ts'

/** An `inputs.files` list: what it takes, less what a leading `!` leaves out wherever it stands in the list. */
export interface Selection {
  readonly includes: readonly { readonly pattern: Pattern; readonly place: number }[]
  readonly excludes: readonly Pattern[]
}

/** @param dir the pack's folder, relative to the workspace root */
export function parseSelection(dir: string, files: readonly string[]): Selection {
  const includes: { pattern: Pattern; place: number }[] = []
  const excludes: Pattern[] = []
  for (const [place, text] of files.entries()) {
    if (text.startsWith('!')) excludes.push(parsePattern(dir, text.slice(1)))
    else includes.push({ pattern: parsePattern(dir, text), place })
  }
  return { includes, excludes }
}

/** The paths that a selection takes, and which of its patterns took at least one. */
export function select(
  { includes, excludes }: Selection,
  paths: readonly string[],
): { readonly taken: readonly string[]; readonly matched: ReadonlySet<Pattern> } {
  const matched = new Set<Pattern>()
  const taken = paths.filter((path) => {
    let included = false
    for (const { pattern } of includes) {
      if (!pattern.matches(path)) continue
      included = true
      matched.add(pattern)
    }
    return included && !excludes.some((pattern) => pattern.matches(path))
  })
  return { taken, matched }
}

/** Whether nothing that a pattern of the selection takes of an output is left. */
export function isExcluded({ excludes: all }: Selection, pattern: Pattern, output: Pattern): boolean {
  return all.some((exclude) => covers(exclude, output) || covers(exclude, pattern))
}
