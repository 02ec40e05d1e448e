import type { Json } from '../../model/canonical.ts'

/** Where the second of two values first differs from the first, as `actions[3].status`; `null`: nowhere. */
export function firstDifference(expected: Json, found: Json, at = ''): string | null {
  if (expected === found) return null
  if (!isComposed(expected) || !isComposed(found)) return at
  const isList = Array.isArray(expected)
  if (isList !== Array.isArray(found)) return at
  for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const inside = isList ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`
    const left = own(expected, key)
    const right = own(found, key)
    if (left === undefined || right === undefined) return inside
    const difference = firstDifference(left, right, inside)
    if (difference !== null) return difference
  }
  return null
}

type Composed = { readonly [key: string]: Json | undefined }

function isComposed(value: Json): value is Composed {
  return typeof value === 'object' && value !== null
}

function own(value: Composed, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined
}
