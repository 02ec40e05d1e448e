import validRange from 'semver/ranges/valid.js'
import * as z from 'zod'
import { DURATION, durationPattern, MAX_DURATION_MS, parseDuration, SIZE, upTo } from './units.ts'

// The values that task.yml is made of. A check's message is what was expected, in words that go after "expected".

const ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const TOOL_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/
const RESERVED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'CI', 'SOURCE_DATE_EPOCH']

/** Whoever has one of these can sign as the workflow that codex runs in: they are no mere inputs. */
const IDENTITY = ['ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_URL', 'SIGSTORE_ID_TOKEN']

const FILLED = 'text that is not empty'

/**
 * What JSON Schema is told of checks that are functions here: one pattern that says the same, and what was expected, which
 * editors show in place of the pattern.
 */
function pattern(source: string, expected: string): { pattern: string; patternErrorMessage: string } {
  return { pattern: source, patternErrorMessage: `Expected ${expected}.` }
}

/** Text in one line. */
export function line(): z.ZodString {
  return z
    .string()
    .refine((text) => /\S/.test(text), FILLED)
    .refine((text) => !text.includes('\n'), 'text in one line')
    .meta(pattern('^[^\\n]*\\S[^\\n]*$', 'text in one line that is not empty'))
}

/** Text in one or several lines. */
export function prose(): z.ZodString {
  return z.string().regex(/\S/, FILLED).meta(pattern('\\S', FILLED))
}

export function identifier(): z.ZodString {
  const expected = 'small letters and digits, in words joined by single hyphens'
  return z.string().regex(ID, expected).max(64, 'at most 64 characters').meta(pattern(ID.source, expected))
}

/** An identifier that somebody may have meant; `null`: nothing like one. */
export function likelyIdentifier(text: string): string | null {
  const likely = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return identifier().safeParse(likely).success ? likely : null
}

export function variable(): z.ZodString {
  return z
    .string()
    .regex(ENV_NAME, 'a name of letters, digits and _ that does not start with a digit')
    .refine(isFree, FREE)
    .meta(variableNot(RESERVED))
}

/** The name of a variable whose value may be known: it is part of keys. */
export function publicVariable(): z.ZodString {
  return variable()
    .refine((name) => !IDENTITY.includes(name), 'a name of no token of identity, which belongs in constraints.secrets')
    .meta(variableNot([...RESERVED, ...IDENTITY]))
}

const FREE = 'a name that the sandbox does not set itself'

/** YAML is not asked for a key of this name: it would be no member of its mapping. */
const NO_KEY = '__proto__'

function variableNot(names: readonly string[]): ReturnType<typeof pattern> {
  const taken = [...names, NO_KEY].join('|')
  return pattern(
    `^(?!(?:${taken})$|CODEX_)${ENV_NAME.source.slice(1)}`,
    `a name of letters, digits and _, ${FREE.slice('a name '.length)}`,
  )
}

export function toolName(): z.ZodString {
  const expected = 'the name of a program, without a folder'
  return z.string().regex(TOOL_NAME, expected).meta(pattern(TOOL_NAME.source, expected))
}

/** Its grammar is more than a pattern can hold: a validator that does not know the format takes any text. */
export function versionRange(): z.ZodString {
  return z.string().refine(isRange, 'a range of versions such as ">=20" or "*"').meta({ format: 'semver-range' })
}

export function duration(): z.ZodString {
  const days = MAX_DURATION_MS / 86_400_000
  const expected = 'a duration with its unit, such as 30s or 5m'
  return z
    .string()
    .regex(DURATION, { error: expected, abort: true })
    .refine((text) => parseDuration(text) !== null, `at most ${days * 24}h`)
    .meta(pattern(durationPattern(), `${expected}, at most ${days * 24}h`))
}

export function size(): z.ZodString {
  const expected = 'a size with its unit, such as 512KiB or 1GiB'
  return z.string().regex(SIZE, expected).meta(pattern(SIZE.source, expected))
}

export function count(least: number, most: number): z.ZodInt {
  const expected = `a whole number from ${least} to ${most}`
  return z.int().min(least, expected).max(most, expected)
}

export function endpoint(): z.ZodString {
  const expected = 'a host and port, such as example.org:443'
  return z
    .string()
    .refine(isEndpoint, expected)
    .meta(pattern(`^(?:${HOST}):${upTo(65_535)}$`, expected))
}

/** A list in which nothing occurs twice. */
export function unique(item: z.ZodString): z.ZodArray<z.ZodString> {
  return z
    .array(item)
    .superRefine((items, context) => {
      const seen = new Set<string>()
      for (const [index, text] of items.entries()) {
        if (seen.has(text)) context.addIssue({ code: 'custom', path: [index], input: text, message: 'each entry once' })
        seen.add(text)
      }
    })
    .meta({ uniqueItems: true })
}

/** The sandbox sets these itself, the same on every machine. */
function isFree(name: string): boolean {
  return !RESERVED.includes(name) && !name.startsWith('CODEX_')
}

function isRange(text: string): boolean {
  return text.trim() !== '' && validRange(text) !== null
}

/** An address of IPv6 in brackets, or words of letters, digits and hyphens joined by dots. */
const WORD = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?'
const HOST = `\\[[0-9a-fA-F:.]+\\]|${WORD}(?:\\.${WORD})*`
const ENDPOINT = new RegExp(`^(?:${HOST}):([1-9]\\d{0,4})$`)

function isEndpoint(text: string): boolean {
  const found = ENDPOINT.exec(text)
  return found !== null && Number(found[1]) <= 65_535
}
