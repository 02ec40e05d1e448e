/**
 * The shapes in which a value can hide in a text.
 *
 * @typedef {object} Form
 * @property {string} name
 * @property {string} text  what to look for
 * @property {boolean} anyCase
 */

/** Shorter needles are found by chance. */
const MIN_LENGTH = 8

/**
 * Every shape to look for, each once. Of a value of several lines, each line counts by itself, edges of a PEM block apart:
 * those hold no secret.
 *
 * @param {string} value
 * @returns {Form[]}
 */
export function formsOf(value) {
  const parts = value.split('\n').filter((line) => !line.startsWith('-----') && line.length >= MIN_LENGTH)
  return parts.flatMap((part) => [
    { name: 'raw', text: part, anyCase: false },
    { name: 'json', text: JSON.stringify(part).slice(1, -1), anyCase: false },
    { name: 'reversed', text: part.split('').toReversed().join(''), anyCase: false },
    { name: 'url', text: encodeURIComponent(part), anyCase: true },
    { name: 'url-all', text: part.replace(/[^A-Za-z0-9]/g, percent), anyCase: true },
    { name: 'hex', text: Buffer.from(part).toString('hex'), anyCase: true },
    ...['base64', 'base64url'].flatMap((alphabet) =>
      [0, 1, 2].map((offset) => ({ name: alphabet, text: base64At(part, offset, alphabet), anyCase: false })),
    ),
  ])
}

/** @param {string} character */
function percent(character) {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/**
 * The base64 digits that a value gives rise to, wherever in the encoded text it begins: the digits at its edges depend on its
 * neighbours and are left out.
 *
 * @param {string} value
 * @param {number} offset  bytes before it, modulo 3
 * @param {string} alphabet  `base64` or `base64url`
 */
function base64At(value, offset, alphabet) {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)])
  const encoded = bytes.toString(/** @type {BufferEncoding} */ (alphabet)).replace(/=+$/, '')
  const first = Math.ceil((offset * 8) / 6)
  const last = Math.floor((bytes.length * 8) / 6)
  return encoded.slice(first, last)
}
