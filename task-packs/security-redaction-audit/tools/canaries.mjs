import { createHash } from 'node:crypto'

const DIGITS = '0123456789'
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const ALPHANUMERIC = UPPER + UPPER.toLowerCase() + DIGITS

/**
 * Makes the credentials that are planted: of the right shape, the same for the same seed, and worth nothing. None is written
 * down in the repository, where a secret scanner would rightly object.
 *
 * @type {Record<string, (random: Random) => string>}
 */
const generators = {
  'aws-access-key-id': (random) => `AKIAFAKE${random.pick(UPPER + DIGITS, 12)}`,
  'aws-secret-access-key': (random) => `FAKE/${random.pick(`${ALPHANUMERIC}/+`, 33)}+1`,
  'authorization-header': (random) => `fake.${random.pick(`${ALPHANUMERIC}_-`, 34)}7`,
  'github-token': (random) => `ghp_FAKE${random.pick(ALPHANUMERIC, 32)}`,
  'json-web-token': (random) =>
    [
      base64url({ alg: 'HS256', typ: 'JWT' }),
      base64url({ sub: `fake-${random.pick(DIGITS, 6)}`, exp: 0 }),
      random.pick(`${ALPHANUMERIC}_-`, 43),
    ].join('.'),
  'password-assignment': (random) => `fake!${random.pick(`${ALPHANUMERIC}@^*+/`, 14)}`,
  'private-key': (random) => {
    const lines = Array.from({ length: 5 }, () => random.pick(`${ALPHANUMERIC}+/`, 64))
    return [pemLine('BEGIN'), ...lines, `${random.pick(ALPHANUMERIC, 22)}==`, pemLine('END')].join('\n')
  },
  'slack-token': (random) =>
    `xoxb-${random.pick(DIGITS, 12)}-${random.pick(DIGITS, 12)}-FAKE${random.pick(ALPHANUMERIC, 20)}`,
  'stripe-key': (random) => `sk_live_FAKE${random.pick(ALPHANUMERIC, 24)}`,
  'url-password': (random) => `fake~${random.pick(`${ALPHANUMERIC}!$*@`, 16)}`,
}

/**
 * One use of a credential in a log, as its template says: `<<kind:number>>`, optionally with an encoding and, for that, the
 * text around it: `<<password-assignment:3|base64:{"password":"%s"}>>`.
 *
 * @typedef {object} Canary
 * @property {string} id  `<kind>:<number>`
 * @property {string} kind
 * @property {string} encoding  `raw`, `base64`, `url`, `hex` or `json`
 * @property {string} file
 * @property {number} line  1-based, in the planted log
 * @property {number} lines  how many lines it covers
 * @property {string} value  as issued, not encoded
 */

const PLACEHOLDER = /<<(?<kind>[a-z-]+):(?<number>\d+)(?:\|(?<encoding>[a-z0-9]+)(?::(?<wrap>.+?))?)?>>/g

/**
 * Fills the placeholders of a log.
 *
 * @param {string} template
 * @param {{ file: string, seed: string }} options
 * @returns {{ text: string, canaries: Canary[] }}
 */
export function plant(template, { file, seed }) {
  /** @type {Canary[]} */
  const canaries = []
  let text = ''
  let from = 0
  for (const match of template.matchAll(PLACEHOLDER)) {
    const { kind = '', number = '', encoding = 'raw', wrap = '%s' } = match.groups ?? {}
    const value = generate(kind, { number, seed, place: `data/logs/${file}` })
    text += template.slice(from, match.index)
    const planted = encode(
      wrap.replace('%s', () => value),
      encoding,
      `data/logs/${file}`,
    )
    const line = text.split('\n').length
    const lines = planted.split('\n').length
    canaries.push({ id: `${kind}:${number}`, kind, encoding, file, line, lines, value })
    text += planted
    from = match.index + match[0].length
  }
  return { text: text + template.slice(from), canaries }
}

/**
 * @param {string} kind
 * @param {{ number: string, seed: string, place: string }} options
 */
function generate(kind, { number, seed, place }) {
  const generator = generators[kind]
  if (!generator) throw new Error(`${place}: no generator for the kind "${kind}"`)
  return generator(new Random(`${seed}/${kind}/${number}`))
}

/**
 * @param {string} text
 * @param {string} encoding
 * @param {string} place
 */
function encode(text, encoding, place) {
  if (encoding === 'raw') return text
  if (encoding === 'base64') return Buffer.from(text).toString('base64')
  if (encoding === 'hex') return Buffer.from(text).toString('hex')
  if (encoding === 'url') return encodeURIComponent(text)
  if (encoding === 'json') return JSON.stringify(text).slice(1, -1)
  throw new Error(`${place}: no encoding "${encoding}"`)
}

/** @param {object} value */
function base64url(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** @param {string} edge */
function pemLine(edge) {
  return `-----${edge} PRIVATE KEY-----`
}

/** A stream of bytes that follows from a label alone. */
class Random {
  #label
  #counter = 0
  /** @type {number[]} */
  #bytes = []

  /** @param {string} label */
  constructor(label) {
    this.#label = label
  }

  /**
   * @param {string} alphabet
   * @param {number} length
   */
  pick(alphabet, length) {
    return Array.from({ length }, () => alphabet.charAt(this.#below(alphabet.length))).join('')
  }

  /** Bytes that would make some letters likelier are dropped. @param {number} bound at most 256 */
  #below(bound) {
    for (;;) {
      const byte = this.#bytes.shift()
      if (byte === undefined) {
        this.#bytes = [
          ...createHash('sha256')
            .update(`${this.#label}/${this.#counter++}`)
            .digest(),
        ]
      } else if (byte < 256 - (256 % bound)) {
        return byte % bound
      }
    }
  }
}
