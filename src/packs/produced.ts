import { isPattern, matcher } from '../model/pattern.ts'

/**
 * Whether a declared output could match a pattern, both relative to the workspace root. Where two globs meet it may say yes
 * although no file fits both: the graph looks closer.
 */
export function producedBy(outputs: readonly string[]): (pattern: string) => boolean {
  const starts = new Map<string, string[]>()
  for (const output of outputs) {
    const prefix = literalStart(output)
    const same = starts.get(prefix)
    if (same) same.push(output)
    else starts.set(prefix, [output])
  }
  return (pattern) => {
    const wanted = literalStart(pattern)
    for (const [prefix, found] of starts) {
      if (!prefix.startsWith(wanted) && !wanted.startsWith(prefix)) continue
      if (found.some((output) => mayMeet(output, pattern))) return true
    }
    return false
  }
}

function mayMeet(output: string, pattern: string): boolean {
  if (isFile(output)) return matcher(pattern)(output)
  return !isFile(pattern) || matcher(output)(pattern)
}

function isFile(path: string): boolean {
  return !isPattern(path) && !path.endsWith('/')
}

/** The characters before the first wildcard. */
function literalStart(pattern: string): string {
  return isPattern(pattern) ? (/^[^*?[\]{}()!@+]*/.exec(pattern)?.[0] ?? '') : pattern
}
