import { createHash } from 'node:crypto'
import type { LogRecord } from '../model/outcome.ts'
import type { LogFolder } from '../model/ports.ts'
import type { Masker } from './mask.ts'

/** How much of the end of a log stays in memory for the failure's signature, in bytes. */
export const TAIL_BYTES: number = 16 * 1024

/** The end of a log. */
export interface LogTail {
  readonly bytes: Uint8Array
  /** Whether something came before. */
  readonly cut: boolean
}

/** Takes what one attempt prints, as raw bytes, and keeps it on disk up to the limit. */
export interface LogSink {
  /** Keeps what still fits; false as soon as the limit has been passed, so that the command is stopped. */
  write(chunk: Uint8Array): boolean
  readonly exceeded: boolean
  /** Closes the file. A command that printed nothing leaves none. */
  finish(): LogRecord
  /** The end of what is kept, once it is finished. */
  tail(): LogTail
}

export interface LogOptions {
  /** How many bytes are kept; one more passes the limit. */
  readonly limit: number
  readonly masker: Masker
}

/** @param path relative to the run's folder */
export function createLogSink(folder: LogFolder, path: string, { limit, masker }: LogOptions): LogSink {
  const hash = createHash('sha256')
  const tail = tailBuffer()
  let kept = 0
  let total = 0
  const keep = (bytes: Uint8Array): void => {
    const fitting = bytes.subarray(0, limit - kept)
    if (fitting.length === 0) return
    kept += fitting.length
    folder.append(path, fitting)
    hash.update(fitting)
    tail.push(fitting)
  }
  return {
    write: (chunk) => {
      total += chunk.length
      keep(masker.push(chunk))
      return total <= limit
    },
    get exceeded() {
      return total > limit
    },
    tail: () => ({ bytes: tail.bytes(), cut: kept > TAIL_BYTES }),
    finish: () => {
      keep(masker.flush())
      if (kept === 0) return { path: null, totalBytes: total, digest: null }
      folder.closeFile(path)
      return { path, totalBytes: total, digest: hash.digest('hex') }
    },
  }
}

/** Keeps the last bytes as copies, because the writer may use its buffer again. */
function tailBuffer(): { push(chunk: Uint8Array): void; bytes(): Uint8Array } {
  let chunks: Buffer[] = []
  let held = 0
  const compact = (): Buffer => {
    const joined = Buffer.concat(chunks).subarray(-TAIL_BYTES)
    chunks = [joined]
    held = joined.length
    return joined
  }
  return {
    push: (chunk) => {
      const end = Buffer.from(chunk.subarray(-TAIL_BYTES))
      chunks.push(end)
      held += end.length
      if (held > 4 * TAIL_BYTES) compact()
    },
    bytes: compact,
  }
}
