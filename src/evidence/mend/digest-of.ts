import { createHash } from 'node:crypto'
import type { Digest } from '../../model/digest.ts'
import type { RunFiles } from '../../model/ports.ts'

/** Reads a file of a run once, piece by piece. */
export function digestOf(run: Pick<RunFiles, 'chunks'>, path: string): Digest {
  const hash = createHash('sha256')
  for (const chunk of run.chunks(path)) hash.update(chunk)
  return hash.digest('hex')
}
