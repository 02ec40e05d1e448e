import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { compareBytes } from '../model/order.ts'
import type { FileError, RecordedFile, RecordedRun, RunNotFound } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { fileChunks } from './file-chunks.ts'
import { attempt, refusal } from './file-error.ts'
import { readFilePart } from './file-part.ts'
import { LATEST } from './run-names.ts'

/** Opens the folder of a run that has been (absolute path, links in it already followed). */
export function recordedRunAt(path: string): RecordedRun {
  return {
    name: basename(path),
    path,
    list: () => filesIn(path),
    read: (file) => attempt(file, () => Buffer.concat([...regularChunks(path, file)])),
    chunks: (file) => regularChunks(path, file),
    part: (file, size) => readFilePart(path, file, size),
  }
}

/** All that is not a folder in a folder (absolute), sorted by bytes. */
export function filesIn(folder: string): Result<readonly RecordedFile[], FileError> {
  return attempt(folder, () => [...filesBelow(folder, '')].toSorted((a, b) => compareBytes(a.path, b.path)))
}

/**
 * The run that somebody means: by the path of its folder, its name, a unique beginning of that, or `latest`.
 *
 * @param places `runs`: the folder of the workspace's runs; `path`: what was written, as a path; both absolute
 */
export function findRun(
  text: string,
  places: { readonly runs: string; readonly path: string },
): Result<RecordedRun, RunNotFound> {
  const known = runNames(places.runs)
  const names = known.ok ? known.value : []
  const isName = !text.includes('/') && text !== '' && text !== '.' && text !== '..'
  const meant = isName ? names.filter((name) => name.startsWith(text)) : []
  const [only] = meant.includes(text) ? [text] : meant
  if (meant.length > 1 && only !== text) return err({ kind: 'ambiguous', known: meant })
  const path = only ? join(places.runs, only) : isName && text === LATEST ? join(places.runs, LATEST) : places.path
  const real = attempt(path, () => realpathSync(path))
  if (!real.ok) return err({ kind: 'missing', known: names })
  return existsSync(join(real.value, 'manifest.json'))
    ? ok(recordedRunAt(real.value))
    : err({ kind: 'no-run', known: names })
}

/** Names of the runs in a folder (absolute), the newest last; none where the folder is not there. */
function runNames(parent: string): Result<readonly string[], FileError> {
  const entries = attempt(parent, () => readdirSync(parent, { withFileTypes: true }))
  if (!entries.ok) return entries.error.code === 'ENOENT' ? ok([]) : err(entries.error)
  const folders = entries.value.filter((entry) => entry.isDirectory() && entry.name !== LATEST)
  return ok(folders.map(({ name }) => name).toSorted(compareBytes))
}

function* filesBelow(root: string, folder: string): Generator<RecordedFile> {
  // By their bytes: a name that is not UTF-8 would come back as another.
  for (const name of readdirSync(join(root, folder), { encoding: 'buffer' })) {
    const text = name.toString()
    if (!Buffer.from(text).equals(name)) throw refusal('EILSEQ', `a name in '${folder}' is not valid UTF-8: ${text}`)
    const path = folder === '' ? text : `${folder}/${text}`
    const stat = lstatSync(join(root, path))
    if (stat.isDirectory()) yield* filesBelow(root, path)
    else yield { path, kind: stat.isFile() ? 'file' : stat.isSymbolicLink() ? 'symlink' : 'other', size: stat.size }
  }
}

/** No folder on the way may be a link, and a FIFO would never end. */
function* regularChunks(root: string, file: string): Generator<Uint8Array, void> {
  const parts = file.split('/')
  for (const [index] of parts.entries()) {
    const path = join(root, ...parts.slice(0, index + 1))
    const stat = lstatSync(path)
    const sound = index === parts.length - 1 ? stat.isFile() : stat.isDirectory()
    if (!sound) throw refusal('EINVAL', `'${file}' is not a regular file`)
  }
  yield* fileChunks(join(root, file))
}
