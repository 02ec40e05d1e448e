import validRange from 'semver/ranges/valid.js'
import * as z from 'zod'
import { DURATION, MAX_DURATION_MS, parseDuration, parseSize, SIZE } from './units.ts'

// The values that task.yml is made of. A check's message is what was expected, in words that go after "expected".

const ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const TOOL_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/
const RESERVED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'CI', 'SOURCE_DATE_EPOCH']

/** Whoever has one of these can sign as the workflow that codex runs in: they are no mere inputs. */
const IDENTITY = ['ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_URL', 'SIGSTORE_ID_TOKEN']

const FILLED = 'text that is not empty'

/** Text in one line. */
export function line(): z.ZodString {
  return z
    .string()
    .regex(/\S/, FILLED)
    .regex(/^[^\n]*$/, 'text in one line')
}

/** Text in one or several lines. */
export function prose(): z.ZodString {
  return z.string().regex(/\S/, FILLED)
}

export function identifier(): z.ZodString {
  return z
    .string()
    .regex(ID, 'small letters and digits, in words joined by single hyphens')
    .max(64, 'at most 64 characters')
}

export function variable(): z.ZodString {
  return z
    .string()
    .regex(ENV_NAME, 'a name of letters, digits and _ that does not start with a digit')
    .refine(isFree, 'a name that the sandbox does not set itself')
}

/** The name of a variable whose value may be known: it is part of keys. */
export function publicVariable(): z.ZodString {
  return variable().refine(
    (name) => !IDENTITY.includes(name),
    'a name of no token of identity, which belongs in constraints.secrets',
  )
}

export function toolName(): z.ZodString {
  return z.string().regex(TOOL_NAME, 'the name of a program, without a folder')
}

export function versionRange(): z.ZodString {
  return z.string().refine(isRange, 'a range of versions such as ">=20" or "*"')
}

export function duration(): z.ZodString {
  const days = MAX_DURATION_MS / 86_400_000
  return z
    .string()
    .regex(DURATION, { error: 'a duration with its unit, such as 30s or 5m', abort: true })
    .refine((text) => parseDuration(text) !== null, `at most ${days * 24}h`)
}

export function size(): z.ZodString {
  return z
    .string()
    .regex(SIZE, { error: 'a size with its unit, such as 512KiB or 1GiB', abort: true })
    .refine((text) => parseSize(text) !== null, 'a size that can be counted exactly')
}

export function count(least: number, most: number): z.ZodInt {
  const expected = `a whole number from ${least} to ${most}`
  return z.int().min(least, expected).max(most, expected)
}

export function endpoint(): z.ZodString {
  return z.string().refine(isEndpoint, 'a host and port, such as example.org:443')
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

function isEndpoint(text: string): boolean {
  const found =
    /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*):([1-9]\d{0,4})$/.exec(
      text,
    )
  return found !== null && Number(found[1]) <= 65_535
}
