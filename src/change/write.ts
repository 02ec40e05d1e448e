import type { FileBytes, PatchFile } from '../model/change.ts'
import { compareBytes } from '../model/order.ts'
import { encodeLines } from './base85.ts'
import { blobId, modeOf } from './blob.ts'
import { editsOf, type Edit } from './edits.ts'
import { countIn, isText, linesAfter, linesBefore, type Lines } from './lines.ts'
import { quoteName } from './names.ts'
import { store } from './stored.ts'

const CONTEXT = 3
const NOTHING = new Uint8Array()

/**
 * A patch in git's extended format (git-diff(1), "Generating patch text with -p"), for `git apply --index` and, with `-R`, back:
 * full ids of SHA-1 blobs, binary files as literals of both sides, no renames. Its bytes are a function of the files alone,
 * whatever versions of Node, zlib or git there are. A file is shown in lines if both sides are UTF-8 without a NUL.
 *
 * @param files in any order, each path once; one that has not changed is left out
 */
export function writePatch(files: readonly PatchFile[]): Uint8Array {
  const sorted = files.toSorted((a, b) => compareBytes(a.path, b.path))
  return Buffer.concat(sorted.flatMap(filePatch))
}

/** How many lines the patch of a file adds and removes; none where a side is not text. */
export function countLines(
  before: FileBytes | null,
  after: FileBytes | null,
): { readonly added: number; readonly removed: number } {
  const [from, to] = [bytesOf(before), bytesOf(after)]
  let [added, removed] = [0, 0]
  for (const edit of isText(from) && isText(to) ? editsOf(from, to) : []) {
    added += edit.after.count
    removed += edit.before.count
  }
  return { added, removed }
}

function bytesOf(file: FileBytes | null): Uint8Array {
  return file?.bytes ?? NOTHING
}

function filePatch({ path, before, after }: PatchFile): readonly Uint8Array[] {
  const [from, to] = [bytesOf(before), bytesOf(after)]
  const isSame = Buffer.compare(from, to) === 0
  const header = headerOf({ path, before, after }, isSame)
  if (header === '') return []
  if (isSame) return [Buffer.from(header)]
  if (!isText(from) || !isText(to)) return [Buffer.from(header), ...binaryOf(from, to)]
  const old = before === null ? '/dev/null' : sideName('a', path)
  const made = after === null ? '/dev/null' : sideName('b', path)
  return [Buffer.from(`${header}--- ${old}\n+++ ${made}\n`), ...hunksOf(from, to)]
}

/** What says which file it is, its modes and its blobs; empty: nothing has changed. */
function headerOf({ path, before, after }: PatchFile, isSame: boolean): string {
  const ids = `index ${blobId(before)}..${blobId(after)}`
  // git can't tell where the first of two such names ends, unless they are quoted (apply.c, git_header_name).
  const always = path.includes(' /')
  const names = `diff --git ${quoteName(`a/${path}`, { always })} ${quoteName(`b/${path}`, { always })}\n`
  if (before === null) return after === null ? '' : `${names}new file mode ${modeOf(after)}\n${ids}\n`
  if (after === null) return `${names}deleted file mode ${modeOf(before)}\n${ids}\n`
  if (before.executable === after.executable) return isSame ? '' : `${names}${ids} ${modeOf(before)}\n`
  return `${names}old mode ${modeOf(before)}\nnew mode ${modeOf(after)}\n${isSame ? '' : `${ids}\n`}`
}

/** A tab shows readers of patches where a name with a space is over. */
function sideName(side: 'a' | 'b', path: string): string {
  return quoteName(`${side}/${path}`) + (path.includes(' ') ? '\t' : '')
}

function binaryOf(from: Uint8Array, to: Uint8Array): readonly Uint8Array[] {
  const literal = (bytes: Uint8Array): readonly Uint8Array[] => [
    Buffer.from(`literal ${bytes.length}\n`),
    encodeLines(store(bytes)),
    Buffer.from('\n'),
  ]
  return [Buffer.from('GIT binary patch\n'), ...literal(to), ...literal(from)]
}

function hunksOf(from: Uint8Array, to: Uint8Array): readonly Uint8Array[] {
  const hunks: Edit[][] = []
  for (const edit of editsOf(from, to)) {
    const last = hunks.at(-1)
    const previous = last?.at(-1)?.before
    if (previous && edit.before.line - previous.line - previous.count <= 2 * CONTEXT) last?.push(edit)
    else hunks.push([edit])
  }
  return hunks.flatMap((edits) => hunkOf(edits, from, to))
}

/** Changed lines with those around them. */
function hunkOf(edits: readonly Edit[], from: Uint8Array, to: Uint8Array): readonly Uint8Array[] {
  const [first, last] = [edits[0], edits.at(-1)]
  if (!first || !last) return []
  const above = linesBefore(from, first.before, CONTEXT)
  const below = linesAfter(from, last.before, CONTEXT)
  const body: Uint8Array[] = []
  let { at } = above
  for (const { before, after } of edits) {
    body.push(marked(' ', from, { at, end: before.at }), marked('-', from, before), marked('+', to, after))
    at = before.end
  }
  body.push(marked(' ', from, { at, end: below.end }))
  const removed = below.line + below.count - above.line
  const start = first.after.line - above.count
  const added = last.after.line + last.after.count + below.count - start
  return [Buffer.from(`@@ -${rangeOf(above.line, removed)} +${rangeOf(start, added)} @@\n`), ...body]
}

/** Lines count from 1; where there are none, the one before them is named. */
function rangeOf(line: number, count: number): string {
  if (count === 0) return `${line},0`
  return count === 1 ? String(line + 1) : `${line + 1},${count}`
}

const END = 0x0a
const NO_END = Buffer.from('\n\\ No newline at end of file\n')

/** Lines with a sign before each. */
function marked(sign: ' ' | '-' | '+', bytes: Uint8Array, { at, end }: Pick<Lines, 'at' | 'end'>): Uint8Array {
  const lacksEnd = end > at && bytes[end - 1] !== END
  const result = Buffer.allocUnsafe(end - at + countIn(bytes, at, end) + (lacksEnd ? NO_END.length : 0))
  const code = sign.charCodeAt(0)
  let to = 0
  let isStart = true
  for (let from = at; from < end; from++) {
    if (isStart) result[to++] = code
    const byte = bytes[from] ?? 0
    result[to++] = byte
    isStart = byte === END
  }
  if (lacksEnd) result.set(NO_END, to)
  return result
}
