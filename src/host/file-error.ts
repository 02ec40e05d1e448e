import type { FileError } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'

/** Runs a file operation; what the system refuses becomes a value, a bug stays an exception. */
export function attempt<T>(path: string, operation: () => T): Result<T, FileError> {
  try {
    return ok(operation())
  } catch (error) {
    if (!isSystemError(error)) throw error
    return err({ code: error.code, path, message: error.message })
  }
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
}
