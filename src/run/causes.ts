import type { Cause, Twice } from '../model/check.ts'

/** What is known of a file that was not the same twice. */
export interface Evidence {
  /** The lines around the first difference, in latin1. */
  readonly lines: Twice<string>
  /** The whole files, where they are not too large to look at. */
  readonly whole: Twice<string> | null
  /** The first bytes of the file, which both have in common or differ in. */
  readonly start: Buffer
}

/** Each turns what one cause makes differ into the same; in this order, because a later one takes more. */
const MASKS: readonly (readonly [Cause, readonly RegExp[]])[] = [
  [
    'time',
    [
      /\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?/g,
      /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*,? +(?:\d{1,2} +)?[A-Z][a-z]{2}\w* +(?:\d{1,2} +)?/g,
      /\b\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?\b/g,
      // Seconds, milliseconds, microseconds and nanoseconds since the epoch.
      /\b1\d{9}(?:\d{3}){0,3}(?:\.\d+)?\b/g,
      /\b\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|sec|seconds|milliseconds)\b/g,
    ],
  ],
  ['path', [/(?<![\w.])(?:\/[\w.@+~-]+){2,}\/?/g]],
  [
    'random',
    [
      /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi,
      /\b[0-9a-f]{8,}\b/gi,
      /(?<![\w+/])(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z0-9])[\w+/-]{8,}={0,2}/g,
      /\d+(?:\.\d+)?(?:e[+-]?\d+)?/g,
    ],
  ],
]

/**
 * The likely reasons for a difference, by what it takes to make the lines the same. None of them is proof: it is where to
 * look first.
 */
export function likelyCauses(evidence: Evidence): readonly Cause[] {
  if (isArchive(evidence.start)) return ['archive']
  const [earlier, later] = evidence.lines
  if (isReordered(evidence)) return ['order']
  if (withoutSeparators(earlier) === withoutSeparators(later)) return ['locale']
  const causes: Cause[] = []
  let [left, right] = [earlier, later]
  for (const [cause, patterns] of MASKS) {
    const [a, b] = [mask(left, patterns), mask(right, patterns)]
    // What it takes away on both sides alike is no difference.
    if (takenBy(patterns, left) !== takenBy(patterns, right)) causes.push(cause)
    ;[left, right] = [a, b]
    if (left === right) return causes
  }
  return []
}

function mask(text: string, patterns: readonly RegExp[]): string {
  return patterns.reduce((masked, pattern) => masked.replace(pattern, '?'), text)
}

function takenBy(patterns: readonly RegExp[], text: string): string {
  return patterns.flatMap((pattern) => text.match(pattern) ?? []).join('\n')
}

function isReordered({ lines, whole }: Evidence): boolean {
  const pairs: readonly [Twice<string>, RegExp][] = [
    ...(whole ? [[whole, /\n/] as [Twice<string>, RegExp]] : []),
    [lines, /[\s,;:[\](){}|]+/],
  ]
  return pairs.some(([[a, b], separator]) => a !== b && sortedParts(a, separator) === sortedParts(b, separator))
}

/** JSON puts a comma behind all lines but the last. */
function sortedParts(text: string, separator: RegExp): string {
  const parts = text.split(separator).map((part) => part.replace(/,$/, ''))
  return parts.toSorted().join('\n')
}

/** `1,234.5` and `1.234,5`. */
function withoutSeparators(text: string): string {
  return text.replace(/(?<=\d)[.,'\u00A0 ](?=\d)/g, '')
}

/** Of zip, gzip and tar: they hold times and owners of what is in them. */
function isArchive(start: Buffer): boolean {
  const magic = start.toString('latin1', 0, 4)
  return (
    magic === 'PK\u0003\u0004' || magic.startsWith('\u001F\u008B') || start.toString('latin1', 257, 262) === 'ustar'
  )
}
