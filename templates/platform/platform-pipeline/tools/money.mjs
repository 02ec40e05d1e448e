// Money is counted in whole cents and rates in whole millionths, because fractions of two are no fractions of ten.

/**
 * `12.5` as 1250n for two places after the point.
 *
 * @param {string} text
 * @param {number} places
 */
export function fixed(text, places) {
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === undefined || fraction.length > places) throw new Error(`${text} has no value with ${places} places`)
  return BigInt(whole + fraction.padEnd(places, '0'))
}

/**
 * Cents as `1040.25`.
 *
 * @param {bigint} cents
 */
export function decimal(cents) {
  const digits = String(cents).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/**
 * A fraction as the next whole number, halves upwards.
 *
 * @param {bigint} above
 * @param {bigint} below
 */
export function rounded(above, below) {
  return (above * 2n + below) / (below * 2n)
}
