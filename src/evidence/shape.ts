// What the shapes of evidence are made of.
import * as z from 'zod'
import type { Digest } from '../model/digest.ts'

/** What lists are made of, for whoever describes them without reading one. */
export const ELEMENTS: WeakMap<object, z.ZodType> = new WeakMap<object, z.ZodType>()

export const digest: z.ZodType<Digest> = z.string().regex(/^[0-9a-f]{64}$/)
export const count: z.ZodType<number> = z.int().nonnegative()
export const text: z.ZodType<string> = z.string()
export const texts: z.ZodType<readonly string[]> = listOf(text)

/**
 * A list that is refused at its first bad element: zod's own tells of each, and of a hostile list of millions that takes all
 * memory there is.
 */
export function listOf<T>(element: z.ZodType<T>): z.ZodType<readonly T[]> {
  const list = z.array(z.unknown()).transform((items, context): readonly T[] => {
    const elements: T[] = []
    for (const [index, item] of items.entries()) {
      const parsed = element.safeParse(item)
      if (!parsed.success) {
        const [issue] = parsed.error.issues
        context.addIssue({ code: 'custom', message: issue?.message ?? '', path: [index, ...(issue?.path ?? [])] })
        return z.NEVER
      }
      elements.push(parsed.data)
    }
    return elements
  })
  ELEMENTS.set(list, element)
  return list
}
