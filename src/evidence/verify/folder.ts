import type { FileError, RecordedFile, RecordedRun } from '../../model/ports.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { Report } from './findings.ts'
import { readOnce, type ReadFile } from './read.ts'

/** A run's folder while it is verified: what was listed at the beginning, each file read at most once. */
export interface Folder {
  readonly files: ReadonlyMap<string, RecordedFile>
  /** What stands there and is no regular file. */
  readonly others: ReadonlySet<string>
  /**
   * Reads a file and holds it as a whole, before anything else passes over it; a second time answers from the first.
   *
   * @returns `null` where it is not there, or could not be read, which is reported
   */
  hold(path: string): ReadFile | null
  /** As {@link hold}, but the next time without bytes, and the first time with them only if `keep`. */
  pass(path: string, keep: boolean): ReadFile | null
  /** Of all files that were read. */
  readonly total: () => { readonly files: number; readonly bytes: number }
}

/** Empty folders are not listed: they hold no byte. */
export function openFolder(run: RecordedRun, report: Report): Result<Folder, FileError> {
  const listed = run.list()
  if (!listed.ok) return err(listed.error)
  const files = new Map<string, RecordedFile>()
  const others = new Set<string>()
  for (const file of listed.value) {
    if (file.kind === 'file') files.set(file.path, file)
    else {
      others.add(file.path)
      report('not-a-file', file.path, { found: file.kind })
    }
  }
  const known = new Map<string, ReadFile | null>()
  const readNew = (path: string, keep: boolean): ReadFile | null => {
    const file = files.get(path)
    return file ? readOnce(run, file, { keep, report }) : null
  }
  return ok({
    files,
    others,
    hold: (path) => {
      const read = known.has(path) ? (known.get(path) ?? null) : readNew(path, true)
      known.set(path, read)
      return read
    },
    pass: (path, keep) => {
      if (known.has(path)) return known.get(path) ?? null
      const read = readNew(path, keep)
      known.set(path, read && { ...read, bytes: null })
      return read
    },
    total: () => {
      const read = [...known.values()].filter((each) => each !== null)
      return { files: read.length, bytes: read.reduce((sum, { size }) => sum + size, 0) }
    },
  })
}
