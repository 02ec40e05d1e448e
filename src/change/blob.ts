import { createHash } from 'node:crypto'
import type { FileBytes } from '../model/change.ts'

/** The id of a blob that is not there. */
export const NO_BLOB: string = '0'.repeat(40)

/** The id that git (with SHA-1) gives to the bytes of a file. */
export function blobId(file: FileBytes | null): string {
  if (file === null) return NO_BLOB
  return createHash('sha1').update(`blob ${file.bytes.length}\0`).update(file.bytes).digest('hex')
}

export function modeOf({ executable }: FileBytes): string {
  return executable ? '100755' : '100644'
}
