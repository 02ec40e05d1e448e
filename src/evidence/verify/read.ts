import { createHash } from 'node:crypto'
import type { Digest } from '../../model/digest.ts'
import type { RecordedFile, RecordedRun } from '../../model/ports.ts'
import type { Report } from './findings.ts'

/** Of a document that has to be held as a whole, in bytes. */
const LARGEST_DOCUMENT = 256 * 1024 * 1024

/** A file as it was read, once. */
export interface ReadFile {
  readonly digest: Digest
  /** In bytes. */
  readonly size: number
  /** `null`: nobody has asked for them. */
  readonly bytes: Uint8Array | null
}

/**
 * Reads a file from its beginning to its end, hashing it on the way. What was listed bounds it, because a file that somebody
 * writes to may never end.
 *
 * @returns `null` where it could not be read, which is reported
 */
export function readOnce(
  run: RecordedRun,
  file: RecordedFile,
  { keep, report }: { readonly keep: boolean; readonly report: Report },
): ReadFile | null {
  if (keep && file.size > LARGEST_DOCUMENT) {
    report('too-large', file.path, { bytes: file.size, limit: LARGEST_DOCUMENT })
    return null
  }
  const hash = createHash('sha256')
  const kept: Uint8Array[] = []
  let size = 0
  try {
    for (const chunk of run.chunks(file.path)) {
      hash.update(chunk)
      size += chunk.length
      if (keep) kept.push(chunk)
      if (size > file.size) {
        report('growing', file.path, {})
        return null
      }
    }
  } catch (error) {
    if (!isFileError(error)) throw error
    report('unreadable', file.path, { reason: error.message })
    return null
  }
  return { digest: hash.digest('hex'), size, bytes: keep ? Buffer.concat(kept, size) : null }
}

/** What the file system says of a file, and not a bug. */
function isFileError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && 'syscall' in error
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text of a file that was kept; `null` where it is not UTF-8, which is reported. */
export function textOf(path: string, file: ReadFile | null, report: Report): string | null {
  if (!file?.bytes) return null
  try {
    return utf8.decode(file.bytes)
  } catch {
    report('not-utf8', path, {})
    return null
  }
}
