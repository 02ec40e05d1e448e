import { canonicalJson, type Json } from './canonical.ts'
import type { Digest } from './digest.ts'
import { compareBytes } from './order.ts'
import { isInside, type TreeEntry } from './tree.ts'

/** Goes up whenever a member is added, removed or changes its meaning. */
const VERSION = 1

/** A blob by its SHA-256, and its size in bytes. */
export interface Blob {
  readonly digest: Digest
  readonly size: number
}

/** What an action that passed at its first attempt has left, as it is kept under its key. */
export interface CacheEntry {
  readonly key: Digest
  /** Which codex judged it (`name version`): another one may judge otherwise. */
  readonly tool: string
  /** 0 to 255: of a negative control it is another than 0. */
  readonly exitCode: number
  /** Sorted by the bytes of their paths, each path once. */
  readonly outputs: readonly TreeEntry[]
  /** What it printed; `null`: nothing. */
  readonly log: Blob | null
}

/** Why what a cache holds under a key can't be used. */
export type CacheProblem =
  /** It is not what codex writes there: cut off, added to, of another form, or not a file at all. */
  | { readonly kind: 'malformed' }
  /** It is the entry of another key. */
  | { readonly kind: 'other-key' }
  /** With this exit code the action would not have passed. */
  | { readonly kind: 'not-passed'; readonly exitCode: number }
  /** It claims outputs that the action does not declare, lacks some that it does, or passes a limit of it. */
  | { readonly kind: 'not-of-action'; readonly path: string | null }
  /** Bytes that it names are not those: of an output, or of the log (`null`). */
  | { readonly kind: 'changed'; readonly path: string | null }
  /** `path`: absolute. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly reason: string }

/** Canonical JSON (RFC 8785) with a line break at its end. */
export function cacheEntryText({ key, tool, exitCode, outputs, log }: CacheEntry): string {
  const files = outputs.map(({ path, digest, executable, size }) => ({ path, digest, executable, size }))
  return textOf({ version: VERSION, key, tool, exitCode, outputs: files, log: log && { ...log } })
}

/**
 * Reads an entry strictly: exactly the bytes that {@link cacheEntryText} writes, with paths that stay in the workspace.
 * `null` for anything else.
 */
export function parseCacheEntry(text: string): CacheEntry | null {
  const value = parsed(text)
  if (!isRecord(value, ['exitCode', 'key', 'log', 'outputs', 'tool', 'version'])) return null
  const { version, key, tool, exitCode, outputs, log } = value
  if (version !== VERSION || !isExitCode(exitCode) || !isDigest(key) || typeof tool !== 'string') return null
  if (!Array.isArray(outputs) || !outputs.every(isTreeEntry) || !areFiles(outputs)) return null
  if (log !== null && !(isRecord(log, ['digest', 'size']) && isBlob(log) && log.size > 0)) return null
  // What is written twice or in another order could be read in two ways.
  return textOf(value as Json) === text ? { key, tool, exitCode, outputs, log } : null
}

function textOf(value: Json): string {
  return `${canonicalJson(value)}\n`
}

function parsed(text: string): unknown {
  try {
    return text.isWellFormed() ? JSON.parse(text) : null
  } catch {
    return null
  }
}

/** Whether it is an object with exactly these members, given in the order of their names. */
function isRecord<Name extends string>(value: unknown, names: readonly Name[]): value is Record<Name, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const found = Object.keys(value).toSorted()
  return found.length === names.length && found.every((name, place) => name === names[place])
}

function isExitCode(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255
}

function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

function isBlob(value: Record<'digest' | 'size', unknown>): value is Record<'digest' | 'size', unknown> & Blob {
  return isDigest(value.digest) && Number.isSafeInteger(value.size) && Number(value.size) >= 0
}

function isTreeEntry(value: unknown): value is TreeEntry {
  if (!isRecord(value, ['digest', 'executable', 'path', 'size'])) return false
  return (
    isBlob(value) && typeof value.executable === 'boolean' && typeof value.path === 'string' && isInside(value.path)
  )
}

/** Sorted, each once, and none of them a folder of another. */
function areFiles(outputs: readonly TreeEntry[]): boolean {
  const folders = new Set<string>()
  for (const { path } of outputs) {
    for (let at = path.lastIndexOf('/'); at !== -1; at = path.lastIndexOf('/', at - 1)) folders.add(path.slice(0, at))
  }
  return outputs.every(
    ({ path }, place) => !folders.has(path) && (place === 0 || compareBytes(outputs[place - 1]?.path ?? '', path) < 0),
  )
}
