import { distance } from 'fastest-levenshtein'

/** The candidate that was likely meant: equal but for case and separators, or few typing errors away; `null` if none is near. */
export function closest(word: string, candidates: Iterable<string>): string | null {
  const bound = boundFor(word)
  const bare = strip(word)
  let best: string | null = null
  let least = bound + 1
  for (const candidate of candidates) {
    if (candidate === word) continue
    if (bare !== '' && strip(candidate) === bare) return candidate
    if (Math.abs(candidate.length - word.length) >= least) continue
    const far = errorsBetween(word, candidate)
    if (far < least && far < candidate.length) {
      least = far
      best = candidate
    }
  }
  return best
}

/** The same, where no other candidate could have been meant. */
export function onlyClose(word: string, candidates: readonly string[]): string | null {
  const others = candidates.filter((candidate) => candidate !== word)
  const bare = strip(word)
  const same = bare === '' ? [] : others.filter((candidate) => strip(candidate) === bare)
  const bound = boundFor(word)
  const near =
    same.length > 0
      ? same
      : others.filter((candidate) => errorsBetween(word, candidate) <= Math.min(bound, candidate.length - 1))
  return near.length === 1 ? (near[0] ?? null) : null
}

/** So many typing errors may be in a word. */
function boundFor(word: string): number {
  return word.length <= 4 ? 1 : Math.min(4, Math.floor(word.length / 3) + 1)
}

function errorsBetween(word: string, candidate: string): number {
  return isSwap(word, candidate) ? 1 : distance(word, candidate)
}

/** Two neighbouring characters in the wrong order: one slip, though two edits. */
function isSwap(word: string, other: string): boolean {
  if (word.length !== other.length) return false
  let at = 0
  while (at < word.length && word[at] === other[at]) at++
  return word[at] === other[at + 1] && word[at + 1] === other[at] && word.slice(at + 2) === other.slice(at + 2)
}

function strip(word: string): string {
  return word.toLowerCase().replaceAll(/[\s_-]/g, '')
}
