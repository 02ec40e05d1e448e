import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { FilePart, PartSize } from '../model/ports.ts'
import { attempt, refusal } from './file-error.ts'

/**
 * Both ends of a file below `root` (absolute), of at most so many bytes; `null` where it is no regular file of that folder.
 * No link is followed, and nothing that could block is opened.
 */
export function readFilePart(root: string, file: string, size: PartSize): FilePart | null {
  const part = attempt(file, () => {
    const descriptor = openRegular(root, file)
    try {
      return partOf(descriptor, size)
    } finally {
      closeSync(descriptor)
    }
  })
  return part.ok ? part.value : null
}

function openRegular(root: string, file: string): number {
  const parts = file.split('/')
  const folders = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1))
  const inside = parts.every((part) => !['', '.', '..'].includes(part)) && !file.includes('\0')
  if (!inside || !folders.every((folder) => lstatSync(join(root, ...folder)).isDirectory())) {
    throw refusal('EINVAL', `'${file}' is not a file of the folder`)
  }
  return openSync(join(root, ...parts), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
}

function partOf(descriptor: number, { head, tail }: PartSize): FilePart {
  const stat = fstatSync(descriptor)
  if (!stat.isFile()) throw refusal('EINVAL', 'not a regular file')
  const { size } = stat
  const whole = size <= head + tail
  return {
    head: bytesAt(descriptor, 0, whole ? size : head),
    tail: whole ? new Uint8Array() : bytesAt(descriptor, size - tail, tail),
    size,
  }
}

function bytesAt(descriptor: number, from: number, length: number): Uint8Array {
  const buffer = Buffer.alloc(length)
  let got = 0
  while (got < length) {
    const read = readSync(descriptor, buffer, got, length - got, from + got)
    if (read === 0) break
    got += read
  }
  return buffer.subarray(0, got)
}
