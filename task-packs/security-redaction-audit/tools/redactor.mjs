import { contextRules, shapedRules } from './rules.mjs'

/** Enough for a credential in base64 in a percent-encoded body; deeper nesting would only cost time. */
const MAX_DEPTH = 2

/**
 * Replaces every credential by `[REDACTED:<kind>]`. Line breaks are kept, so that line numbers stay true: each further
 * line of a block becomes `[REDACTED]`.
 *
 * @param {string} text
 * @returns {{ text: string, counts: Map<string, number> }} the redacted text and how many of each kind were replaced
 */
export function redact(text) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  const mark = (/** @type {string} */ kind, /** @type {string} */ secret) => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    return `[REDACTED:${kind}]${secret.replace(/[^\r\n]+/g, '[REDACTED]').replace(/^\[REDACTED\]/, '')}`
  }
  let redacted = replaceByRules(text, shapedRules, mark)
  redacted = replaceEncoded(redacted, mark)
  redacted = replaceByRules(redacted, contextRules, mark)
  return { text: redacted, counts }
}

/**
 * @param {string} text
 * @param {readonly import('./rules.mjs').Rule[]} rules
 * @param {(kind: string, secret: string) => string} mark
 */
function replaceByRules(text, rules, mark) {
  let result = text
  for (const { kind, patterns } of rules) {
    for (const pattern of patterns) {
      result = result.replace(pattern, (match, ...rest) => {
        const groups = rest.at(-1)
        const secret = typeof groups === 'object' ? groups.secret : match
        const start = match.lastIndexOf(secret)
        return match.slice(0, start) + mark(kind, secret) + match.slice(start + secret.length)
      })
    }
  }
  return result
}

/**
 * @param {string} text
 * @param {(kind: string, secret: string) => string} mark
 */
function replaceEncoded(text, mark) {
  let result = text
  for (const { token, decodings } of encodings) {
    result = result.replace(token, (run) => {
      const kind = firstKind(decodings(run), MAX_DEPTH)
      return kind === null ? run : mark(kind, run)
    })
  }
  return result
}

/**
 * The ways in which a credential gets into a log without being readable. A run of characters may begin before the encoded
 * value does (a path before base64), so every alignment is decoded.
 *
 * @type {readonly { token: RegExp, decodings: (run: string) => string[] }[]}
 */
const encodings = [
  { token: /[^\s"'<>&=?]*%[0-9A-Fa-f]{2}[^\s"'<>&]*/g, decodings: (run) => [percentDecoded(run)] },
  {
    token: /(?<![0-9A-Fa-f])[0-9A-Fa-f]{24,}(?![0-9A-Fa-f])/g,
    decodings: (run) => [0, 1].map((skip) => Buffer.from(run.slice(skip), 'hex').toString('latin1')),
  },
  {
    token: /[A-Za-z0-9+/_-]{16,}={0,2}/g,
    decodings: (run) => [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString('latin1')),
  },
]

/**
 * The kind of the first credential in any of the texts.
 *
 * @param {string[]} texts
 * @param {number} depth
 * @returns {string | null}
 */
function firstKind(texts, depth) {
  for (const text of texts) {
    const found = [...shapedRules, ...contextRules].find(({ patterns }) =>
      patterns.some((pattern) => text.search(pattern) !== -1),
    )
    if (found) return found.kind
    if (depth <= 1) continue
    for (const { token, decodings } of encodings) {
      for (const [run] of text.matchAll(token)) {
        const kind = firstKind(decodings(run), depth - 1)
        if (kind !== null) return kind
      }
    }
  }
  return null
}

/**
 * Decodes what can be decoded; a stray `%` stays.
 *
 * @param {string} run
 */
function percentDecoded(run) {
  return run.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('latin1'),
  )
}
