import type { FileError } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'

/** What says nothing about a file: the machine itself has run out of something. */
const EXHAUSTED: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM', 'EIO'])

/** Runs a file operation; what the system refuses becomes a value, a bug or an exhausted machine stays an exception. */
export function attempt<T>(path: string, operation: () => T): Result<T, FileError> {
  try {
    return ok(operation())
  } catch (error) {
    if (!isSystemError(error) || EXHAUSTED.has(error.code)) throw error
    return err({ code: error.code, path, message: error.message })
  }
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
}

/** What codex itself refuses of a file, in the form in which the system does. */
export function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, syscall: 'open' })
}
