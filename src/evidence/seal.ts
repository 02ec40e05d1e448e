import type { Digest } from '../model/digest.ts'
import { compareBytes } from '../model/order.ts'
import { checksumLine } from '../model/tree.ts'

/** The list of all other files of a run's folder, by which each byte of it is known. */
export const SEAL = 'files.sha256'

/**
 * files.sha256: what `sha256sum -c` reads in the run's folder, sorted by the bytes of the paths.
 *
 * @param files digests by path, relative to the run's folder
 */
export function sealBytes(files: ReadonlyMap<string, Digest>): string {
  return [...files]
    .toSorted(([a], [b]) => compareBytes(a, b))
    .map(([path, digest]) => checksumLine({ path, digest }))
    .join('')
}
