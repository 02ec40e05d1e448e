// Reading JSON that has one form for each value, so that no byte of it can change unseen.
import type { Json } from '../../model/canonical.ts'
import { err, ok, type Result } from '../../model/result.ts'

/** Why bytes are not what they should be. */
export type FormProblem =
  | { readonly kind: 'not-utf8' }
  | { readonly kind: 'not-json' }
  | { readonly kind: 'not-canonical' }
  /** `path` names the member that is missing, unknown or of another type; empty: the whole. */
  | { readonly kind: 'shape'; readonly path: string }
  | { readonly kind: 'base64'; readonly path: string }

export function readUtf8(bytes: Uint8Array): Result<string, FormProblem> {
  try {
    // A byte order mark stays, so that it is no JSON.
    return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return err({ kind: 'not-utf8' })
  }
}

export function readJson(text: string): Result<Json, FormProblem> {
  try {
    return ok(JSON.parse(text) as Json)
  } catch {
    return err({ kind: 'not-json' })
  }
}

/** An object with exactly these members. */
export function membersOf(
  value: Json | undefined,
  names: readonly string[],
  path: string,
): Result<Readonly<Record<string, Json | undefined>>, FormProblem> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return err({ kind: 'shape', path })
  const members = value as { readonly [key: string]: Json | undefined }
  const odd = [
    ...names.filter((name) => !Object.hasOwn(members, name)),
    ...Object.keys(members).filter((name) => !names.includes(name)),
  ].map((name) => (path === '' ? name : `${path}.${name}`))
  return odd[0] === undefined ? ok(members) : err({ kind: 'shape', path: odd[0] })
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

/** Standard base64 with its padding (RFC 4648, section 4) and no stray bits, so that each value has one spelling. */
export function fromBase64(text: Json | undefined, path: string): Result<Uint8Array, FormProblem> {
  if (typeof text !== 'string') return err({ kind: 'shape', path })
  const bytes = Buffer.from(text, 'base64')
  return toBase64(bytes) === text ? ok(bytes) : err({ kind: 'base64', path })
}
