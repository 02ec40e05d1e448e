import { createHash, type Hash } from 'node:crypto'
import { closeSync, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import type { Digest } from '../model/digest.ts'

/** Files that are written from their beginning to their end, and hashed on the way. */
export interface GrowingFiles {
  /** All of the bytes or none: a line that does not fit on the disk leaves no part of it. */
  append(file: string, bytes: Uint8Array | string): void
  /** Starts to bring to the disk what was appended. What the disk refuses is thrown by the next call for the file. */
  sync(file: string): void
  /** Comes back when it is there. */
  flush(file: string): void
  close(file: string): void
  closeAll(): void
  digests(): ReadonlyMap<string, Digest>
}

interface Growing {
  /** `null`: closed. */
  descriptor: number | null
  readonly hash: Hash
  /** `again`: more was appended while the disk was busy with what was there before. */
  syncing: 'no' | 'yes' | 'again'
  failure: Error | null
}

/** @param resolve the absolute path of a file, whose folder it makes */
export function growingFiles(resolve: (file: string) => string): GrowingFiles {
  const files = new Map<string, Growing>()
  const opened = (file: string): Growing & { descriptor: number } => {
    const known = files.get(file)
    const growing = known ?? { descriptor: null, hash: createHash('sha256'), syncing: 'no', failure: null }
    if (growing.failure) throw growing.failure
    growing.descriptor ??= openSync(resolve(file), known ? 'a' : 'ax')
    files.set(file, growing)
    return growing as Growing & { descriptor: number }
  }
  const close = (file: string): void => {
    const growing = files.get(file)
    if (growing?.descriptor === undefined || growing.descriptor === null) return
    const { descriptor } = growing
    growing.descriptor = null
    closeSync(descriptor)
  }
  return {
    append: (file, bytes) => {
      const { descriptor, hash } = opened(file)
      const chunk = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
      appendWhole(descriptor, chunk)
      hash.update(chunk)
    },
    sync: (file) => startSync(opened(file)),
    flush: (file) => fdatasyncSync(opened(file).descriptor),
    close,
    closeAll: () => {
      for (const file of files.keys()) close(file)
    },
    digests: () => new Map([...files].map(([file, { hash }]) => [file, hash.copy().digest('hex')])),
  }
}

function appendWhole(descriptor: number, chunk: Uint8Array): void {
  let written = 0
  try {
    while (written < chunk.length) written += writeSync(descriptor, chunk, written)
  } catch (error) {
    if (written > 0) ftruncateSync(descriptor, fstatSync(descriptor).size - written)
    throw error
  }
}

/** One at a time: what is appended while the disk is busy goes with the next, so that however slow it is nothing piles up. */
function startSync(growing: Growing): void {
  // Closed meanwhile: whoever closed it has flushed it before, if it mattered.
  if (growing.descriptor === null) return
  if (growing.syncing !== 'no') {
    growing.syncing = 'again'
    return
  }
  growing.syncing = 'yes'
  fdatasync(growing.descriptor, (error) => {
    const again = growing.syncing === 'again'
    growing.syncing = 'no'
    if (error && growing.descriptor !== null) growing.failure = error
    else if (again) startSync(growing)
  })
}
