import { sha256, type Digest } from '../model/digest.ts'

/** How much of a normalised log counts, in UTF-16 units. */
const SIGNIFICANT = 4096

/** ECMA-48 control sequences: colours and cursor movements differ by terminal, not by failure. */
const CONTROL_SEQUENCE = /\u001B\[[0-?]*[ -/]*[@-~]/g

/** Applied in this order: each one takes what the later ones would otherwise tear apart. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [CONTROL_SEQUENCE, ''],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?\b/g, '<time>'],
  [/(?<![\w<])(?:~|\.{1,2})?(?:\/[\w.@+-]+)+\/?/g, '<path>'],
  [/\b0x[0-9a-f]+\b/gi, '<n>'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<n>'],
  [/\b(?=[a-f]*\d)[0-9a-f]{7,}\b/gi, '<n>'],
  [/\d+(?:[.,]\d+)*/g, '<n>'],
]

/**
 * What is the same when a command fails in the same way again: its exit code and the end of its log without what changes
 * from try to try: times, paths, addresses, digests, process ids and all other numbers.
 *
 * @param tail the last bytes of the log; its first line is left out where it is `cut`, as it may lack its start
 */
export function failureSignature(exitCode: number | null, tail: Uint8Array, cut: boolean): Digest {
  const text = new TextDecoder().decode(tail)
  const whole = cut ? text.slice(text.indexOf('\n') + 1) : text
  return sha256(`${exitCode ?? 'none'}\n${normalise(whole).slice(-SIGNIFICANT)}`)
}

/** Cut after, not before: numbers of different lengths would move the place of the cut. */
function normalise(text: string): string {
  let normal = text
  for (const [pattern, replacement] of VOLATILE) normal = normal.replace(pattern, replacement)
  return normal
}
