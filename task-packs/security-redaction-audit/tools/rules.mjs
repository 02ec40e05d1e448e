/**
 * What counts as a credential. The named group `secret` is what gets replaced; without one, the whole match is.
 *
 * @typedef {object} Rule
 * @property {string} kind
 * @property {readonly RegExp[]} patterns  All global.
 */

/** A line break as such, or escaped in a JSON string. */
const NL = String.raw`(?:\\r|\\n|\r|\n)+[ \t]*`
const PEM = (/** @type {string} */ edge) => `-----${edge} (?:[A-Z]+ )*PRIVATE KEY-----`
/** Body and end are optional: a log that was cut off in the middle of a key still holds half of the key. */
const PEM_BLOCK = [
  PEM('BEGIN'),
  String.raw`(?:${NL}[A-Za-z-]+: [^\r\n\\]+)*`,
  String.raw`(?:${NL}[A-Za-z0-9+/]{1,76}={0,2}(?=[\\\r\n"]|$))*`,
  `(?:${NL}${PEM('END')})?`,
].join('')

/**
 * Credentials that are known by their own shape.
 *
 * @type {readonly Rule[]}
 */
export const shapedRules = [
  { kind: 'private-key', patterns: [new RegExp(PEM_BLOCK, 'g')] },
  { kind: 'json-web-token', patterns: [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g] },
  { kind: 'github-token', patterns: [/(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255})/g] },
  { kind: 'slack-token', patterns: [/(?<![\w-])xox[abeoprs]-[A-Za-z0-9-]{10,255}/g] },
  { kind: 'stripe-key', patterns: [/(?<!\w)[rs]k_(?:live|test)_[A-Za-z0-9]{24,255}/g] },
  { kind: 'aws-access-key-id', patterns: [/(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g] },
]

/** `=`, `:` or `=>`, with the closing quote of a key before it, which is escaped where JSON lies within JSON. */
const ASSIGN = String.raw`\\?["']?\s*(?:=>|[:=])\s*`
const PASSWORD = String.raw`(?:password|passwd|passphrase|pwd)`

/**
 * Credentials that only what stands before them gives away. They run last, on what the other rules have left.
 *
 * @type {readonly Rule[]}
 */
export const contextRules = [
  {
    kind: 'aws-secret-access-key',
    patterns: [
      new RegExp(
        String.raw`secret[_.-]?(?:access[_.-]?)?key${ASSIGN}\\?["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])`,
        'gi',
      ),
    ],
  },
  {
    kind: 'authorization-header',
    patterns: [
      /authorization\\?["']?\s*[:=]?\s*\\?["']?(?:bearer|basic|token)\s+(?<secret>[\w.~+/-]{16,}={0,2})/gi,
      /\bbearer\s+(?=\S*\d)(?<secret>[\w.~+/-]{16,}={0,2})/gi,
    ],
  },
  // Greedy up to the last @ before the path, because a password may hold one itself.
  { kind: 'url-password', patterns: [/[a-z][a-z0-9+.-]*:\/\/[^\s/?#:@"'[\]]*:(?<secret>[^\s/?#"'[\]]+)@/gi] },
  {
    kind: 'password-assignment',
    patterns: [
      new RegExp(String.raw`${PASSWORD}${ASSIGN}\\"(?!\[REDACTED)(?<secret>[^"\\]+)\\"`, 'gi'),
      new RegExp(String.raw`${PASSWORD}${ASSIGN}"(?!\[REDACTED)(?<secret>(?:[^"\\]|\\.)+)"`, 'gi'),
      new RegExp(String.raw`${PASSWORD}${ASSIGN}'(?!\[REDACTED)(?<secret>[^']+)'`, 'gi'),
      new RegExp(String.raw`${PASSWORD}${ASSIGN}(?!\[REDACTED)(?<secret>[^\s"'&,;\\]+)`, 'gi'),
      new RegExp(String.raw`--${PASSWORD}\s+["']?(?!\[REDACTED)(?<secret>[^\s"']+)`, 'gi'),
    ],
  },
]

/** Every kind, in the order of a report. */
export const kinds = [...shapedRules, ...contextRules].map((rule) => rule.kind).toSorted()
