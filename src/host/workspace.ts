import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  type Dirent,
} from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { compareBytes } from '../model/order.ts'
import type { DirEntry, FileError, Workspace } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { attempt, refusal } from './file-error.ts'

/** The first that stands in a folder makes it the workspace root. */
const ROOT_MARKS = ['codex.config.ts', 'codex.config.mts', 'codex.config.js', 'codex.config.mjs', '.git']

/** The nearest folder at or above `start` that holds a codex.config.ts or .git; `start` itself where there is none. */
export function findRoot(start: string): string {
  for (let at = start; ; at = dirname(at)) {
    if (ROOT_MARKS.some((mark) => existsSync(join(at, mark)))) return at
    if (dirname(at) === at) return start
  }
}

/** The workspace on disk. `root` is absolute. */
export function diskWorkspace(root: string): Workspace {
  const real = realpathSync(root)
  const absolute = (path: string): string => (path === '' ? real : join(real, path))
  return {
    root: real,
    readFile: (path) => attempt(path, () => readRegular(absolute(path))),
    list: (path) => list(path, absolute(path)),
    kind: (path) => {
      const stat = attempt(path, () => lstatSync(absolute(path)))
      return stat.ok ? kindOf(stat.value) : null
    },
    resolve: (path) => resolveInside(real, path),
  }
}

/** Opened without waiting: a FIFO has nobody at its other end, and a device may have no end at all. */
function readRegular(absolute: string): Uint8Array {
  const file = openSync(absolute, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(file)
    // A folder says by itself that it is one.
    if (!stat.isFile() && !stat.isDirectory()) throw refusal('EINVAL', 'not a regular file')
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

function list(path: string, absolute: string): Result<readonly DirEntry[], FileError> {
  const found = attempt(path, () => readdirSync(absolute, { withFileTypes: true, encoding: 'buffer' }))
  if (!found.ok) return found
  const entries: DirEntry[] = []
  for (const entry of found.value) {
    const name = decodeName(entry.name)
    if (name === null) {
      const shown = [...entry.name].map(escapeByte).join('')
      return err({ code: 'EILSEQ', path: path === '' ? shown : `${path}/${shown}`, message: 'the name is not UTF-8' })
    }
    entries.push({ name, kind: kindOf(entry) })
  }
  return ok(entries.toSorted((a, b) => compareBytes(a.name, b.name)))
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeName(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

function escapeByte(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`
}

function kindOf(entry: Pick<Dirent<Buffer>, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): DirEntry['kind'] {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'dir'
  return entry.isSymbolicLink() ? 'symlink' : 'other'
}

function resolveInside(root: string, path: string): Result<string, FileError> {
  const real = attempt(path, () => realpathSync(join(root, path)))
  if (!real.ok) return real
  const inside = relative(root, real.value)
  if (inside === '..' || inside.startsWith(`..${sep}`)) {
    return err({ code: 'EXDEV', path, message: `resolves to ${real.value}, outside of the workspace` })
  }
  return ok(inside.split(sep).join('/'))
}
