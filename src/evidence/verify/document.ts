import type * as z from 'zod'
import type { Report } from './findings.ts'

export interface DocumentForm<T> {
  readonly schema: z.ZodType<T>
  /** The one spelling of a value. */
  readonly spell: (value: T) => string
}

/**
 * A JSON document of a known shape in its one spelling: what `JSON.parse` forgives (a member twice, other white space or
 * escapes, digits that no number holds) is refused with it.
 *
 * @returns `null` where it is not so, which is reported
 */
export function readDocument<T>(
  path: string,
  text: string,
  { schema, spell, report }: DocumentForm<T> & { readonly report: Report },
): T | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    report('not-json', path, {})
    return null
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    report('shape', path, { at: issue?.path.map(String).join('.') ?? '', detail: issue?.message ?? '' })
    return null
  }
  // Of what was read, because the schema gives members in an order of its own.
  if (spelling(value as T, spell) === text) return parsed.data
  report('not-canonical', path, {})
  return null
}

/** `null` where there is none: for a lone surrogate, or for what is nested deeper than a stack goes. */
function spelling<T>(value: T, spell: (value: T) => string): string | null {
  try {
    return spell(value)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
