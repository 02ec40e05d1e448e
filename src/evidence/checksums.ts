import type { Digest } from '../model/digest.ts'
import { compareBytes } from '../model/order.ts'
import { err, ok, type Result } from '../model/result.ts'
import { checksumLine } from '../model/tree.ts'

/**
 * Reads a list as codex writes it, and nothing else that `sha256sum -c` would take: one line for each path, each path once,
 * sorted by bytes, each line exactly that of {@link checksumLine}. So no byte of it can change without a change of meaning.
 *
 * @returns digests by path, or the number of the first line that is not so, from 1
 */
export function parseChecksums(text: string): Result<ReadonlyMap<string, Digest>, number> {
  const digests = new Map<string, Digest>()
  let last: string | null = null
  // Not split as a whole: a list of nothing but line feeds would become an array longer than there can be.
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start)
    const entry = end === -1 ? null : readLine(text.slice(start, end))
    const inOrder = entry && (last === null || compareBytes(last, entry.path) < 0)
    if (!entry || !inOrder) return err(digests.size + 1)
    digests.set(entry.path, entry.digest)
    last = entry.path
    start = end + 1
  }
  return ok(digests)
}

const LINE = /^\\?([0-9a-f]{64}) {2}(.+)$/su

function readLine(line: string): { readonly path: string; readonly digest: Digest } | null {
  const [, digest = '', written = ''] = LINE.exec(line) ?? []
  const path = line.startsWith('\\') ? written.replaceAll('\\\\', '\\') : written
  const entry = { path, digest }
  return isPath(path) && checksumLine(entry) === `${line}\n` ? entry : null
}

/** Relative, and within the folder that the list is about. */
function isPath(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
