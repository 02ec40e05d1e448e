// What tests of patches have in common.
import type { FileBytes, PatchFile } from '../../src/model/change.ts'

export function file(text: string | Uint8Array, executable = false): FileBytes {
  return { bytes: Buffer.from(text), executable }
}

/** Reads the sides of files as they were before. */
export function readerOf(files: readonly PatchFile[]): (path: string) => FileBytes | null {
  const before = new Map(files.map((each) => [each.path, each.before]))
  return (path) => before.get(path) ?? null
}

/** A comparable form: bytes as latin1. */
export function shown(found: FileBytes | null): string | null {
  return found && `${found.executable ? 'x' : '-'} ${Buffer.from(found.bytes).toString('latin1')}`
}
