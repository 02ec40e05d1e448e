import picomatch from 'picomatch/posix.js'
import { workspacePath } from '../model/pack.ts'
import { isPattern } from '../model/pattern.ts'
import { literalSegments, mayOverlap, segmentsOf, type Segment } from './overlap.ts'

/** Characters that can make a path a glob. */
const SPECIAL = /[\\*?[\]{}()!+@]/

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
  /** Its parts, for {@link overlaps}; made when they are first asked for. */
  readonly segments: () => readonly Segment[]
  readonly matches: (path: string) => boolean
}

/** @param dir the pack's folder, relative to the workspace root */
export function parsePattern(dir: string, text: string): Pattern {
  const { base, rest, rooted } = anchor(dir, text)
  const root = base === '' ? '' : `${base}/`
  const glob = rest === '' || rest.endsWith('/') ? `${rest}**` : rest
  const end = literalEnd(glob)
  const prefix = `${root}${glob.slice(0, end)}`
  const segments = once(() => [...literalSegments(base), ...segmentsOf(glob)])
  const kind = kindOf(glob, end)
  return { text, kind, prefix, rooted, segments, matches: matcherOf(kind, glob, { root, prefix }) }
}

/** @param end where the literal characters end */
function kindOf(glob: string, end: number): Pattern['kind'] {
  if (end === glob.length) return 'literal'
  const isWholeFolder = glob.length === end + 2 && glob.endsWith('**') && (end === 0 || glob.at(-3) === '/')
  return isWholeFolder ? 'folder' : 'glob'
}

/** Whether some path could match both. May say yes where none does, never no where one does. */
export function overlaps(left: Pattern, right: Pattern): boolean {
  if (left.kind === 'literal') return right.matches(left.prefix)
  if (right.kind === 'literal') return left.matches(right.prefix)
  return mayOverlap(left.segments(), right.segments())
}

/** Whether every path that matches `inner` also matches `outer`; may say no where it holds. */
export function covers(outer: Pattern, inner: Pattern): boolean {
  if (inner.kind === 'literal') return outer.matches(inner.prefix)
  if (outer.kind === 'folder') return inner.prefix.startsWith(outer.prefix)
  if (outer.kind === 'literal') return false
  return outer.text === inner.text && outer.prefix === inner.prefix
}

/**
 * A declared output relative to the workspace: what is literal stays, a glob is escaped where the folder would be
 * read as one.
 */
export function workspacePattern(dir: string, text: string): string {
  const { base, rest } = anchor(dir, text)
  if (base === '') return rest
  return `${isPattern(rest) ? base.replaceAll(new RegExp(SPECIAL, 'g'), '\\$&') : base}/${rest}`
}

/** A path of a pack relative to the workspace, without `.` and `..` parts. */
export function normalPath(dir: string, path: string): string {
  const { base, rest } = anchor(dir, path)
  return workspacePath(base, rest)
}

/** Where a glob's literal characters end. */
function literalEnd(text: string): number {
  return isPattern(text) ? text.search(SPECIAL) : text.length
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

function matcherOf(kind: Pattern['kind'], glob: string, { root, prefix }: { root: string; prefix: string }): Matcher {
  if (kind === 'literal') return (path) => path === prefix
  if (kind === 'folder') return (path) => path.startsWith(prefix)
  // Most paths are settled by the prefix. Without that check `a/**/` would also match a file `a`.
  const test = once(() => picomatch(glob, { dot: true, nonegate: true }))
  return (path) => path.startsWith(prefix) && test()(path.slice(root.length))
}

type Matcher = (path: string) => boolean

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => (made ??= { value: make() }).value
}
