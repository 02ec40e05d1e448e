import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { refusal } from './file-error.ts'

export interface Bounded {
  readonly bytes: Buffer
  /** Milliseconds since the Unix epoch. */
  readonly usedAt: number
}

/** A regular file of a size that fits, read without following a link or waiting for anybody; `null` for another size. */
export function readBounded(path: string, fits: (size: number) => boolean): Bounded | null {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(file)
    const { size, mtimeMs: usedAt } = stat
    if (!stat.isFile()) throw refusal('EINVAL', 'not a regular file')
    if (!fits(size)) return null
    const bytes = Buffer.allocUnsafe(size)
    let length = 0
    for (let got = -1; got !== 0 && length < size; length += got)
      got = readSync(file, bytes, length, size - length, null)
    return { bytes: bytes.subarray(0, length), usedAt }
  } finally {
    closeSync(file)
  }
}
