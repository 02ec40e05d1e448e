import { isPattern } from '../model/pattern.ts'
/** A path of a pack without `.` and `..` parts. What stays inside the pack's folder is relative to it; the rest starts with `/`. */
export type PathResult =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problem: 'leaves' }
  | { readonly ok: false; readonly problem: 'invalid'; readonly expected: string; readonly suggestion: string | null }

export interface PathRules {
  /** The pack's folder, relative to the workspace root. */
  readonly dir: string
  /** Whether a trailing `/` may say that it is a folder. */
  readonly folder?: boolean
  /** Whether wildcards are allowed. */
  readonly glob?: boolean
}

/** Below the pack's folder and in normal form already, as most are. */
const PLAIN = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/

/** Resolves a path as its author wrote it; the text alone decides, no file is looked at. */
export function normalisePath(text: string, rules: PathRules): PathResult {
  if (PLAIN.test(text)) return { ok: true, path: text }
  if (/^[A-Za-z]:/.test(text)) return { ok: false, problem: 'leaves' }
  const shape = misshapen(text, rules)
  if (shape) return { ok: false, problem: 'invalid', ...shape }
  const rooted = text.startsWith('/')
  const folder = text.endsWith('/')
  const parts: string[] = rooted || rules.dir === '' ? [] : rules.dir.split('/')
  let given = parts.length
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length === 0) return { ok: false, problem: 'leaves' }
    else if (isPattern(parts.pop() ?? '') && parts.length >= given)
      return { ok: false, problem: 'invalid', ...AFTER_WILDCARD }
    given = Math.min(given, parts.length)
  }
  const whole = parts.join('/')
  return fromWhole(folder && whole !== '' ? `${whole}/` : whole, rooted, rules)
}

const AFTER_WILDCARD = { expected: 'a pattern without .. after a wildcard', suggestion: null }

function fromWhole(whole: string, rooted: boolean, rules: PathRules): PathResult {
  if (whole === '' || whole.replace(/\/$/, '') === rules.dir) {
    return { ok: false, problem: 'invalid', expected: 'a path below a folder, such as src/**', suggestion: null }
  }
  if (/^(?:.*\/)?\.(?:git|codex)(?:\/|$)/.test(whole)) {
    return { ok: false, problem: 'invalid', expected: 'a path outside of .git and .codex', suggestion: null }
  }
  if (rooted) return { ok: true, path: `/${whole}` }
  if (rules.dir === '') return { ok: true, path: whole }
  return { ok: true, path: whole.startsWith(`${rules.dir}/`) ? whole.slice(rules.dir.length + 1) : `/${whole}` }
}

function misshapen(text: string, rules: PathRules): { expected: string; suggestion: string | null } | null {
  if (text.includes('\\'))
    return { expected: 'a path with / between its parts', suggestion: text.replaceAll('\\', '/') }
  if (/[\t\n]/.test(text)) return { expected: 'a path in one line', suggestion: null }
  if (/\/\//.test(text)) return { expected: 'a path without empty parts', suggestion: text.replaceAll(/\/{2,}/g, '/') }
  if (!rules.folder && text.endsWith('/')) return { expected: 'a file', suggestion: text.replace(/\/+$/, '') }
  if (!rules.glob && isPattern(text)) return { expected: 'a path without wildcards', suggestion: null }
  if (rules.glob && /[{,(|]\.\.(?:[},)|/]|$)|\.\.[},)|]/.test(text)) return AFTER_WILDCARD
  return null
}
