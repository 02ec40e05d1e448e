import picomatch from 'picomatch/posix.js'

/** `(`, `)` and `!` alone are ordinary in names; `[`, `]` and braces are not, because a reader could take them for a pattern. */
export function isPattern(text: string): boolean {
  return /[*?[\]{}]|[@+!]\(/.test(text)
}

/** Tests paths against one pattern, both relative to the same folder: a path, a folder (trailing `/`) or a glob; dot files match. */
export function matcher(pattern: string): (path: string) => boolean {
  if (pattern === '**') return () => true
  const folder = pattern.endsWith('/')
  if (!isPattern(pattern)) return folder ? (path) => path.startsWith(pattern) : (path) => path === pattern
  return picomatch(folder ? `${pattern}**` : pattern, { dot: true, nonegate: true })
}

/** Tests paths against a list of patterns, of which a leading `!` leaves out what the others take, wherever it stands. */
export function selectionTest(patterns: readonly string[]): (path: string) => boolean {
  const included = patterns.filter((pattern) => !pattern.startsWith('!')).map(matcher)
  const excluded = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => matcher(pattern.slice(1)))
  return (path) => included.some((takes) => takes(path)) && !excluded.some((leaves) => leaves(path))
}

/** The folders at the start of a pattern that hold no wildcard: `src/a` of `src/a/*.ts`; of a path, the folder it is in. */
export function baseOf(pattern: string): string {
  const parts = pattern.split('/')
  const wild = parts.findIndex(isPattern)
  return parts
    .slice(0, wild === -1 ? -1 : wild)
    .join('/')
    .replaceAll(/\\(.)/g, '$1')
}
