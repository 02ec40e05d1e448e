/**
 * The next state of xorshift32 (Marsaglia, "Xorshift RNGs", 2003), which is also its result.
 *
 * @param {number} state  a whole number from 1 to 4294967295
 */
export function nextRandom(state) {
  let x = state
  x ^= x << 13
  x ^= x >>> 17
  x ^= x << 5
  return x >>> 0
}
