import { createHash } from 'node:crypto'
import type { Digest } from '../model/digest.ts'
import { compareBytes } from '../model/order.ts'
import { err, ok, type Result } from '../model/result.ts'
import { sealBytes } from './seal.ts'
import { readTar, tarChunks, type TarFile, type TarSink } from './tar.ts'

/** What is in a bundle: the run's folder, the files of the workspace, and the list of those. */
export const BUNDLED = { run: 'run/', workspace: 'workspace/', list: 'workspace.sha256' } as const

/** A file of the workspace, by its path there. */
export interface BundledSource extends TarFile {
  readonly digest: Digest
}

/** A bundle, byte for byte the same for the same files. Paths are those in the run's folder and in the workspace. */
export function bundleChunks(run: readonly TarFile[], sources: readonly BundledSource[]): Iterable<Uint8Array> {
  const list = Buffer.from(sealBytes(new Map(sources.map(({ path, digest }) => [path, digest]))))
  const below = (folder: string) => (file: TarFile) => ({ ...file, path: `${folder}${file.path}` })
  const files = [
    ...run.map(below(BUNDLED.run)),
    { path: BUNDLED.list, executable: false, size: list.length, chunks: () => [list] },
    ...sources.map(below(BUNDLED.workspace)),
  ]
  return tarChunks(files.toSorted((a, b) => compareBytes(a.path, b.path)))
}

/** Why a file is no bundle as codex writes it. */
export type BundleProblem =
  /** From that byte on it is not. */
  | { readonly kind: 'form'; readonly offset: number }
  /** A file can't be made where it should be. */
  | { readonly kind: 'write'; readonly path: string; readonly message: string }
  /** The files of the workspace are not those that the list names. */
  | { readonly kind: 'list' }

/** Makes a file in a private folder, to be written piece by piece. */
export type Create = (
  path: string,
  executable: boolean,
) => Result<TarSink, { readonly path: string; readonly message: string }>

/** Unpacks a bundle, and checks everything that a run can't tell of it itself. */
export function unbundle(chunks: Iterable<Uint8Array>, create: Create): Result<void, BundleProblem> {
  const digests = new Map<string, Digest>()
  const list: Uint8Array[] = []
  let last = ''
  let unwritten: BundleProblem | null = null
  const read = readTar(chunks, ({ path, executable }) => {
    const isNext = compareBytes(last, path) < 0
    last = path
    if (!isNext || !isSafe(path)) return null
    if (path === BUNDLED.list) return executable ? null : { write: (chunk) => void list.push(chunk), end: () => {} }
    const made = create(path, executable)
    if (made.ok) return hashing(made.value, (digest) => void digests.set(path, digest))
    unwritten = { kind: 'write', path, message: made.error.message }
    return null
  })
  if (unwritten) return err(unwritten)
  if (!read.ok) return err({ kind: 'form', offset: read.error.offset })
  const sources = [...digests].filter(([path]) => path.startsWith(BUNDLED.workspace))
  const named = sealBytes(new Map(sources.map(([path, digest]) => [path.slice(BUNDLED.workspace.length), digest])))
  return Buffer.concat(list).equals(Buffer.from(named)) ? ok(undefined) : err({ kind: 'list' })
}

function hashing({ write, end }: TarSink, note: (digest: Digest) => void): TarSink {
  const hash = createHash('sha256')
  return {
    write: (chunk) => {
      hash.update(chunk)
      write(chunk)
    },
    end: () => {
      end()
      note(hash.digest('hex'))
    },
  }
}

function isSafe(path: string): boolean {
  if (path === BUNDLED.list) return true
  if (!path.startsWith(BUNDLED.run) && !path.startsWith(BUNDLED.workspace)) return false
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'))
}
