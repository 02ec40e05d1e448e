import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TemporaryFolderError } from '../model/temporary-folder.ts'
import { attempt } from './file-error.ts'
import { fateOf, processName } from './process-id.ts'

/** A private folder for what lives only as long as a run. */
export interface Scratch {
  /** Absolute, without symlinks. */
  readonly path: string
  /** Makes a fresh folder below it. */
  folder(name: string): string
  remove(): void
}

const PREFIX = 'codex-'

/**
 * `parent` must be on a local file system; the system's folder for temporary files by default. What a process that was
 * killed left there is removed; what belongs to one that may be alive stays.
 *
 * @throws TemporaryFolderError
 */
export function createScratch(parent: string = tmpdir()): Scratch {
  const made = attempt(parent, () => makeIn(realpathSync(parent)))
  if (!made.ok) throw new TemporaryFolderError(made.error.message)
  const path = made.value
  return {
    path,
    folder: (name) => {
      const folder = join(path, name)
      mkdirSync(folder, { mode: 0o700 })
      return folder
    },
    remove: () => removeTree(path),
  }
}

function makeIn(parent: string): string {
  removeAbandoned(parent)
  const owner = processName()
  return mkdtempSync(join(parent, owner === null ? PREFIX : `${PREFIX}${owner}-`))
}

function removeAbandoned(parent: string): void {
  const names = attempt(parent, () => readdirSync(parent))
  if (!names.ok) return
  for (const name of names.value) {
    if (!name.startsWith(PREFIX) || fateOf(name.slice(PREFIX.length)) !== 'gone') continue
    const path = join(parent, name)
    // Somebody else's is theirs to remove, and another run may be removing it at this moment.
    const own = attempt(path, () => lstatSync(path).uid === process.getuid?.())
    if (own.ok && own.value) attempt(path, () => removeTree(path))
  }
}

/** statfs(2), f_type. */
const MEMORY_FILE_SYSTEMS: ReadonlySet<number> = new Set([0x01021994, 0x858458f6])

/** Whether files in this folder take up memory: it is in a tmpfs or ramfs. */
export function isInMemory(path: string): boolean {
  return MEMORY_FILE_SYSTEMS.has(statfsSync(path).type)
}

/**
 * Writes a file over what it was, or makes it. Its blocks are kept as far as they are needed: a file system that discards freed
 * blocks at once (ext4 mounted with `discard`) takes a millisecond or more to free one, as much to make a file after another
 * was removed, and a twentieth of that to write over one.
 */
export function rewriteFile(path: string, text: string): void {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  try {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, at)
    ftruncateSync(file, bytes.length)
  } finally {
    closeSync(file)
  }
}

/** Removes a folder whatever an action left in it: without permissions, with names that are not UTF-8, too deep to be named. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    openUp(path)
    rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Below this many bytes of path a folder can still be named and removed level by level. */
const DEEPEST = 1024

/** Makes every folder writable, and moves what lies too deep up to the top. */
function openUp(path: string): void {
  const top = Buffer.from(path)
  const slash = Buffer.from('/')
  const pending = [top]
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    if (!lstatSync(folder).isDirectory()) continue
    chmodSync(folder, 0o700)
    if (folder.length > top.length + DEEPEST) {
      const higher = Buffer.concat([top, Buffer.from(`/.moved-${randomBytes(8).toString('hex')}`)])
      renameSync(folder, higher)
      folder = higher
    }
    for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
      if (entry.isDirectory()) pending.push(Buffer.concat([folder, slash, entry.name]))
    }
  }
}
