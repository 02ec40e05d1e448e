import { distance } from 'fastest-levenshtein'

/** The candidate that was likely meant: equal but for case and separators, or few typing errors away; `null` if none is near. */
export function closest(word: string, candidates: Iterable<string>): string | null {
  const bound = word.length <= 4 ? 1 : Math.min(4, Math.floor(word.length / 3) + 1)
  const bare = strip(word)
  let best: string | null = null
  let least = bound + 1
  for (const candidate of candidates) {
    if (candidate === word) continue
    if (bare !== '' && strip(candidate) === bare) return candidate
    if (Math.abs(candidate.length - word.length) >= least) continue
    const far = isSwap(word, candidate) ? 1 : distance(word, candidate)
    if (far < least && far < candidate.length) {
      least = far
      best = candidate
    }
  }
  return best
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
