import type { FileBytes, PatchProblem } from '../model/change.ts'
import { err, ok, type Result } from '../model/result.ts'
import { blobId } from './blob.ts'
import { isSide, readHeader, type Header } from './header.ts'
import { readHunks, skipHunks } from './hunks.ts'
import { readLiteral, skipLiteral } from './literal.ts'
import { Reader, Refused } from './reader.ts'

/** What all binary files of a patch together may have where that is more than the patch itself has, in bytes. */
const MOST_BINARY = 256 * 1024 * 1024

/** The files as they are now, by path; `null`: there is none, `undefined`: the file is to be passed over. */
type Read = (path: string) => FileBytes | null | undefined

const NOTHING = new Uint8Array()

/**
 * What a patch of `writePatch` makes of the files that `read` gives: each that it names, `null` where it deletes it. Strict:
 * every line has to stand where the patch says it does, every byte has to be the one that it was made from, and what comes of
 * it the one that it promises. Of a file whose mode alone changes it says no bytes, as git's do not. What other programs wrote
 * is taken as far as it is in the same form. The patch may be hostile: it takes no more memory than a few times what it and
 * the files have, and is never a reason to throw.
 */
export function applyPatch(patch: Uint8Array, read: Read): Result<ReadonlyMap<string, FileBytes | null>, PatchProblem> {
  const reader = new Reader(patch)
  const files = new Map<string, FileBytes | null>()
  const seen = new Set<string>()
  const made = new Map<string, number>()
  const room = { left: Math.max(MOST_BINARY, patch.length) }
  try {
    while (!reader.isOver()) {
      const line = reader.line
      const header = readHeader(reader)
      if (seen.has(header.path)) reader.refuse('syntax')
      seen.add(header.path)
      const file = read(header.path)
      if (file === undefined) {
        skipBody(reader, header)
        continue
      }
      const before = matching(reader, header, file)
      const after = readBody(reader, { header, before: before?.bytes ?? NOTHING, room })
      files.set(header.path, promised(reader, header, after))
      if (before === null) made.set(header.path, line)
    }
  } catch (error) {
    if (error instanceof Refused) return err(error.problem)
    throw error
  }
  for (const [path, line] of made) {
    if (isBelowFile(path, files, read)) return err({ kind: 'conflict', line, path })
  }
  return ok(files)
}

/** The file, if it is the one that the patch was made from. */
function matching(reader: Reader, { before, ids }: Header, file: FileBytes | null): FileBytes | null {
  if ((file?.executable ?? null) !== before) reader.refuse('conflict')
  if (ids && blobId(file) !== ids.before) reader.refuse('conflict')
  return file
}

/** The file that comes of it, if it is the one that was promised. */
function promised(reader: Reader, { after, ids }: Header, bytes: Uint8Array): FileBytes | null {
  if (after === null && bytes.length > 0) reader.refuse('corrupt')
  const file = after === null ? null : { bytes, executable: after }
  if (ids && blobId(file) !== ids.after) reader.refuse('corrupt')
  return file
}

interface Body {
  readonly header: Header
  readonly before: Uint8Array
  /** How many bytes binary files may still have. */
  readonly room: { left: number }
}

function readBody(reader: Reader, { header, before, room }: Body): Uint8Array {
  if (header.ids === null) return before
  if (reader.after('GIT binary patch') !== null) {
    const after = readLiteral(reader, room.left)
    room.left -= after.length
    if (Buffer.compare(readLiteral(reader, before.length), before) !== 0) reader.refuse('corrupt')
    return after
  }
  return readSides(reader, header) ? readHunks(reader, before) : before
}

/** The same without anything to put it on. */
function skipBody(reader: Reader, header: Header): void {
  if (header.ids === null) return
  if (reader.after('GIT binary patch') !== null) {
    skipLiteral(reader)
    skipLiteral(reader)
  } else if (readSides(reader, header)) skipHunks(reader)
}

/** Reads what stands before the hunks; false: there are none. */
function readSides(reader: Reader, header: Header): boolean {
  if (reader.after('Binary files ') !== null) reader.refuse('unsupported')
  const old = reader.after('--- ')
  if (old === null) return false
  const { path } = header
  if (!isSide(old, header.before === null ? null : `a/${path}`)) reader.refuse('syntax')
  if (!isSide(reader.need('+++ '), header.after === null ? null : `b/${path}`)) reader.refuse('syntax')
  return true
}

/** Whether a folder on the way to a new file would be a file. */
function isBelowFile(path: string, files: ReadonlyMap<string, FileBytes | null>, read: Read): boolean {
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
    const above = path.slice(0, end)
    const file = files.get(above)
    if (file === undefined ? read(above) : file) return true
  }
  return false
}
