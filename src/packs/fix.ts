import type { Diagnostic } from '../model/diagnostic.ts'
import { editFor, type Edit } from './edits.ts'
import { parsePack, type ParsedPack } from './parse.ts'

/** A task.yml in which mistakes with one right answer are corrected. */
export interface FixedTask {
  /** Differs from the bytes that were given only in what {@link fixed} is about. */
  readonly bytes: Uint8Array
  readonly before: string
  readonly after: string
  /** The complaints that are gone, in the order in which they were dealt with. */
  readonly fixed: readonly Diagnostic[]
}

interface TaskInput {
  readonly bytes: Uint8Array
  /** Both relative to the workspace root. */
  readonly file: string
  readonly dir: string
}

/** So often is one file read again at most, the less often the longer it is, which bounds what a hostile one can cost. */
const READINGS = { most: 300, least: 20, bytes: 4 * 1024 * 1024 }

/**
 * Corrects what has one right answer: a misspelt key or word with a single one near it, the spelling of a unit, quotes around what
 * must be text, a missing `version`, a path's separators. Everything else stays as it is, byte for byte. A correction after
 * which something is wrong that was not told before is not made. `null`: there is nothing to correct.
 */
export function fixTask(input: TaskInput): FixedTask | null {
  const first = parsePack(input)
  const { parsed, fixed } = settle(
    { parsed: first, fixed: [] },
    { read: reader(input), below: BELOW, known: new Set() },
  )
  if (fixed.length === 0) return null
  const after = parsed.source.text
  return { bytes: encode(after, input.bytes), before: first.source.text, after, fixed }
}

interface State {
  readonly parsed: ParsedPack
  readonly fixed: readonly Diagnostic[]
}

/** Reads a text in place of the file; `null`: it was read often enough. */
type Read = (text: string) => ParsedPack | null

function reader(input: TaskInput): Read {
  const { most, least, bytes } = READINGS
  let left = Math.max(least, Math.min(most, bytes / input.bytes.length))
  return (text) => (left-- > 0 ? parsePack({ ...input, bytes: new TextEncoder().encode(text) }) : null)
}

/** So deep may be what is only seen to be wrong once the key above it is right. */
const BELOW = 2

interface Search {
  readonly read: Read
  /** How many levels of what is only seen afterwards may be looked into. */
  readonly below: number
  /** What is left alone: complaints that were there before. */
  readonly known: ReadonlySet<string>
}

/** Corrects one thing after another until there is none left. */
function settle(start: State, search: Search): State {
  let at = start
  for (let next: State | null = at; next; next = allAtOnce(at, search) ?? oneOf(at, search)) at = next
  return at
}

interface Correction {
  readonly complaint: Diagnostic
  readonly edit: Edit
}

/** Keys first: one that seems to be missing may only be misspelt. */
function correctionsOf({ diagnostics, source }: ParsedPack, { known }: Search): readonly Correction[] {
  const all = diagnostics.flatMap((complaint) => {
    const edit = known.has(identify(complaint)) ? null : editFor(complaint, source)
    return edit ? [{ complaint, edit }] : []
  })
  return [...all.filter(isKey), ...all.filter((one) => !isKey(one))]
}

function isKey({ complaint }: Correction): boolean {
  return complaint.code === 'unknown-key'
}

/** All corrections together, which is all that it takes for most files; `null`: one of them makes something worse. */
function allAtOnce({ parsed, fixed }: State, search: Search): State | null {
  const all = correctionsOf(parsed, search)
  const now = all.some(isKey) ? all.filter(isKey) : all
  if (now.length < 2) return null
  const edits = now.map(({ edit }) => edit).toSorted((a, b) => b.start - a.start)
  const next = search.read(edits.reduce(edited, parsed.source.text))
  if (!next || !isLess(next, parsed) || next.diagnostics.length > parsed.diagnostics.length - now.length) return null
  return { parsed: next, fixed: [...fixed, ...now.map(({ complaint }) => complaint)] }
}

/** The first correction that makes nothing worse; `null`: there is none. */
function oneOf({ parsed, fixed }: State, search: Search): State | null {
  for (const correction of correctionsOf(parsed, search)) {
    const { complaint, edit } = correction
    const first = search.read(edited(parsed.source.text, edit))
    if (!first) return null
    let next: State = { parsed: first, fixed: [...fixed, complaint] }
    if (isKey(correction) && search.below > 0 && !isLess(first, parsed)) {
      const known = new Set(parsed.diagnostics.map(identify))
      next = settle(next, { ...search, below: search.below - 1, known })
    }
    if (isLess(next.parsed, parsed)) return next
  }
  return null
}

function edited(text: string, { start, end, by }: Edit): string {
  return text.slice(0, start) + by + text.slice(end)
}

/** Whether fewer complaints are left, and all of them were there before, wherever they stand now. */
function isLess({ diagnostics: after }: ParsedPack, { diagnostics: before }: ParsedPack): boolean {
  if (after.length >= before.length) return false
  const counts = new Map<string, number>()
  for (const one of before) counts.set(identify(one), (counts.get(identify(one)) ?? 0) + 1)
  return after.every((one) => {
    const left = counts.get(identify(one)) ?? 0
    counts.set(identify(one), left - 1)
    return left > 0
  })
}

function identify({ code, facts }: Diagnostic): string {
  return JSON.stringify([code, facts])
}

/** A byte order mark is no part of the text. */
function encode(text: string, original: Uint8Array): Uint8Array {
  const marked = original[0] === 0xef && original[1] === 0xbb && original[2] === 0xbf
  return new TextEncoder().encode(marked ? `\ufeff${text}` : text)
}
