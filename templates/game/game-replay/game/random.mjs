/**
 * xorshift32 (Marsaglia 2003): chance that is the same everywhere. The seed is its state, from 1 to 2^32 - 1.
 *
 * @param {number} state
 */
export function nextRandom(state) {
  let next = state
  next ^= next << 13
  next ^= next >>> 17
  next ^= next << 5
  return next >>> 0
}
