import picomatch from 'picomatch/posix.js'
import { workspacePath } from '../model/pack.ts'
import { literalSegments, mayOverlap, segmentsOf, type Segment } from './overlap.ts'

/** A path or glob of a pack, understood relative to the workspace root. */
export interface Pattern {
  /** As its author wrote it, without the `!` of an exclusion. */
  readonly text: string
  /** `folder`: everything below a literal folder. */
  readonly kind: 'literal' | 'folder' | 'glob'
  /** The literal characters with which every match starts; a folder's ends with `/`. */
  readonly prefix: string
  /** Whether it reaches files outside of the pack's folder by saying so. */
  readonly rooted: boolean
  readonly segments: readonly Segment[]
  readonly matches: (path: string) => boolean
}

/** @param dir the pack's folder, relative to the workspace root */
export function parsePattern(dir: string, text: string): Pattern {
  const { base, rest, rooted } = anchor(dir, text)
  const glob = rest === '' || rest.endsWith('/') ? `${rest}**` : rest
  const root = base === '' ? '' : `${base}/`
  const head = `${root}${literalPrefix(glob)}`
  const segments = [...literalSegments(base), ...segmentsOf(glob)]
  const common = { text, rooted, segments, prefix: head }
  if (head === `${root}${glob}`) return { ...common, kind: 'literal', matches: (path) => path === head }
  if (`${head}**` === `${root}${glob}` && (head === '' || head.endsWith('/'))) {
    return { ...common, kind: 'folder', matches: (path) => path.startsWith(head) }
  }
  return { ...common, kind: 'glob', matches: lazyMatcher(root, glob) }
}

/** Whether some path could match both. May say yes where none does, never no where one does. */
export function overlaps(left: Pattern, right: Pattern): boolean {
  if (left.kind === 'literal') return right.matches(left.prefix)
  if (right.kind === 'literal') return left.matches(right.prefix)
  return mayOverlap(left.segments, right.segments)
}

/** Whether every path that matches `inner` also matches `outer`; may say no where it holds. */
export function covers(outer: Pattern, inner: Pattern): boolean {
  if (inner.kind === 'literal') return outer.matches(inner.prefix)
  if (outer.kind === 'folder') return inner.prefix.startsWith(outer.prefix)
  if (outer.kind === 'literal') return false
  return outer.text === inner.text && outer.prefix === inner.prefix
}

/** A declared output relative to the workspace: what is literal stays, a glob is escaped where the folder would be read as one. */
export function workspacePattern(dir: string, text: string): string {
  const { base, rest } = anchor(dir, text)
  if (base === '') return rest
  return `${isGlob(rest) ? base.replaceAll(/[\\*?[\]{}()!+@]/g, '\\$&') : base}/${rest}`
}

/** A path of a pack relative to the workspace, without `.` and `..` parts. */
export function normalPath(dir: string, path: string): string {
  const { base, rest } = anchor(dir, path)
  return workspacePath(base, rest)
}

export function isGlob(text: string): boolean {
  return text.includes('\\') || picomatch.scan(text).isGlob === true
}

/** Splits off the folder that a pattern starts from; `.` and `..` at its start are resolved. */
function anchor(dir: string, text: string): { base: string; rest: string; rooted: boolean } {
  let rooted = text.startsWith('/')
  let base = rooted ? '' : dir
  let rest = text.replace(/^\/+/, '')
  for (;;) {
    if (rest === '.' || rest === '..') rest += '/'
    if (rest.startsWith('./')) rest = rest.slice(2)
    else if (rest.startsWith('../')) {
      rest = rest.slice(3)
      base = base.includes('/') ? base.slice(0, base.lastIndexOf('/')) : ''
      rooted = true
    } else return { base, rest, rooted }
  }
}

function literalPrefix(glob: string): string {
  if (!isGlob(glob)) return glob
  const special = /[\\*?[\]{}()!+@]/.exec(glob)
  return special ? glob.slice(0, special.index) : glob
}

/** Most patterns are settled by their prefix, so the expression is compiled when it is first needed. */
function lazyMatcher(root: string, glob: string): (path: string) => boolean {
  let test: ((path: string) => boolean) | null = null
  return (path) => {
    if (!path.startsWith(root)) return false
    test ??= picomatch(glob, { dot: true, nonegate: true })
    return test(path.slice(root.length))
  }
}
