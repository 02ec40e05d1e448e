import type { DirEntry, FileError, Workspace } from '../model/ports.ts'
import type { FilePlace } from '../model/watcher.ts'
import type { Result } from '../model/result.ts'

type List = Result<readonly DirEntry[], FileError>
type Bytes = Result<Uint8Array, FileError>

interface Folder {
  readonly list: List
  readonly kinds: ReadonlyMap<string, DirEntry['kind']>
}

/** What was otherwise on the disk than it was kept. Paths of folders whose entries changed, and of files whose bytes did. */
export interface FileChanges {
  readonly folders: ReadonlySet<string>
  readonly files: ReadonlySet<string>
  /** Links that lead elsewhere, or nowhere. */
  readonly links: ReadonlySet<string>
  /** Folders whose `.gitignore` came, went or changed. */
  readonly rules: ReadonlySet<string>
}

/** What is to be kept; the rules of a folder that is kept are, too. */
export interface UsedFiles {
  readonly folders: ReadonlySet<string>
  readonly files: ReadonlySet<string>
  readonly links: ReadonlySet<string>
}

/**
 * A workspace whose disk is asked once for each folder, file and link; for a time in which nobody changes it, or until
 * {@link look} is told where somebody may have. An answer that is the same as before stays the same object, so that whatever
 * was made from it is known to hold by comparing references.
 */
export class KeptFiles implements Workspace {
  readonly root: string
  readonly #disk: Workspace
  readonly #folders = new Map<string, Folder>()
  readonly #bytes = new Map<string, Bytes>()
  readonly #links = new Map<string, Result<string, FileError>>()

  constructor(disk: Workspace) {
    this.#disk = disk
    this.root = disk.root
  }

  list(path: string): List {
    return this.#folder(path).list
  }

  kind(path: string): DirEntry['kind'] | null {
    if (path === '') return 'dir'
    const { list, kinds } = this.#folder(parentOf(path))
    return list.ok ? (kinds.get(nameOf(path)) ?? null) : this.#disk.kind(path)
  }

  readFile(path: string): Bytes {
    let found = this.#bytes.get(path)
    if (!found) this.#bytes.set(path, (found = this.#disk.readFile(path)))
    return found
  }

  resolve(path: string): Result<string, FileError> {
    let found = this.#links.get(path)
    if (!found) this.#links.set(path, (found = this.#disk.resolve(path)))
    return found
  }

  /** Folders that were listed. */
  get folders(): IterableIterator<string> {
    return this.#folders.keys()
  }

  /** Files that were read, links to files among them. */
  get files(): IterableIterator<string> {
    return this.#bytes.keys()
  }

  /** Forgets what nobody has asked for any more, so that a workspace that changes for long takes no more memory. */
  keepOnly({ folders, files, links }: UsedFiles): void {
    for (const path of this.#folders.keys()) if (!folders.has(path)) this.#folders.delete(path)
    for (const path of this.#bytes.keys()) {
      if (!files.has(path) && !(nameOf(path) === '.gitignore' && folders.has(parentOf(path)))) this.#bytes.delete(path)
    }
    for (const path of this.#links.keys()) if (!links.has(path)) this.#links.delete(path)
  }

  /**
   * Whether a file that was read is not there, or is empty, at one of the places: what a program leaves for a moment while it
   * saves.
   */
  isHalfway(places: Iterable<FilePlace>): boolean {
    for (const { folder, name } of places) {
      const path = join(folder, name)
      const known = this.#bytes.get(path)
      if (!known?.ok || known.value.byteLength === 0) continue
      const now = this.#disk.readFile(path)
      if (now.ok ? now.value.byteLength === 0 : now.error.code === 'ENOENT') return true
    }
    return false
  }

  /** Asks the disk again about the places, or about everything that is kept. */
  look(places: Iterable<FilePlace> | 'everywhere'): FileChanges {
    const look = new Look(this.#disk, { folders: this.#folders, bytes: this.#bytes, links: this.#links })
    if (places === 'everywhere') look.below('')
    else for (const place of places) look.at(place)
    look.doubtedLinks()
    return look
  }

  #folder(path: string): Folder {
    let found = this.#folders.get(path)
    if (!found) this.#folders.set(path, (found = folderOf(this.#disk.list(path))))
    return found
  }
}

interface Kept {
  readonly folders: Map<string, Folder>
  readonly bytes: Map<string, Bytes>
  readonly links: Map<string, Result<string, FileError>>
}

/** Compares what is kept with the disk, and keeps what is there now. */
class Look implements FileChanges {
  readonly folders = new Set<string>()
  readonly files = new Set<string>()
  readonly links = new Set<string>()
  readonly rules = new Set<string>()
  readonly #disk: Workspace
  readonly #kept: Kept
  readonly #done = new Set<string>()
  #doubtLinks = false

  constructor(disk: Workspace, kept: Kept) {
    this.#disk = disk
    this.#kept = kept
  }

  at({ folder, name, moved }: FilePlace): void {
    const path = join(folder, name)
    if (name === '') return this.#inside(folder)
    const before = this.#kept.folders.get(folder)?.kinds.get(name)
    if (moved) this.#folder(folder)
    const after = this.#kept.folders.get(folder)?.kinds.get(name)
    this.#file(path)
    for (const [link, real] of this.#kept.links) if (real.ok && real.value === path) this.#file(link)
    // Whatever is below a folder may be another one under the same name.
    if (moved && (before === 'dir' || after === 'dir')) this.below(path)
    else this.#folder(path)
    if (moved && (before === 'symlink' || after === 'symlink')) this.#link(path)
  }

  #inside(folder: string): void {
    for (const name of this.#kept.folders.get(folder)?.kinds.keys() ?? []) this.#file(join(folder, name))
    for (const [link, real] of this.#kept.links) if (real.ok && parentOf(real.value) === folder) this.#file(link)
    this.#folder(folder)
  }

  below(folder: string): void {
    const isBelow = (path: string): boolean => folder === '' || path === folder || path.startsWith(`${folder}/`)
    for (const path of [...this.#kept.folders.keys()]) if (isBelow(path)) this.#folder(path)
    for (const path of [...this.#kept.bytes.keys()]) if (isBelow(path)) this.#file(path)
    this.#doubtLinks = true
  }

  /** What links lead to may have changed wherever a name has; few workspaces have many. */
  doubtedLinks(): void {
    if (!this.#doubtLinks && this.folders.size === 0) return
    for (const path of [...this.#kept.links.keys()]) this.#link(path)
  }

  #link(path: string): void {
    this.#doubtLinks = true
    const before = this.#kept.links.get(path)
    if (before) {
      const now = this.#disk.resolve(path)
      if (!sameLink(before, now)) {
        this.#kept.links.set(path, now)
        this.links.add(path)
      }
    }
    this.#file(path)
    this.#folder(path)
  }

  #folder(path: string): void {
    const before = this.#kept.folders.get(path)
    if (!before || !this.#isNew(`${path}/`)) return
    const now = folderOf(this.#disk.list(path))
    if (sameList(before.list, now.list)) return
    this.#kept.folders.set(path, now)
    this.folders.add(path)
    if (!now.list.ok) this.#unlist(path)
    if (before.kinds.get('.gitignore') !== now.kinds.get('.gitignore')) {
      this.#kept.bytes.delete(join(path, '.gitignore'))
      this.rules.add(path)
    }
  }

  #file(path: string): void {
    const before = this.#kept.bytes.get(path)
    if (!before || !this.#isNew(path)) return
    const now = this.#disk.readFile(path)
    if (sameBytes(before, now)) return
    this.#kept.bytes.set(path, now)
    this.files.add(path)
    if (!now.ok) this.#unlist(path)
    if (nameOf(path) === '.gitignore') this.rules.add(parentOf(path))
  }

  /** What has gone may still be listed: nobody has told of that yet, or it was there a moment ago. */
  #unlist(path: string): void {
    if (path === '') return
    this.#done.delete(`${parentOf(path)}/`)
    this.#folder(parentOf(path))
  }

  #isNew(key: string): boolean {
    const known = this.#done.has(key)
    this.#done.add(key)
    return !known
  }
}

function folderOf(list: List): Folder {
  return { list, kinds: new Map(list.ok ? list.value.map(({ name, kind }) => [name, kind]) : []) }
}

function sameList(one: List, other: List): boolean {
  if (!one.ok || !other.ok) return sameError(one, other)
  return (
    one.value.length === other.value.length &&
    one.value.every(({ name, kind }, at) => name === other.value[at]?.name && kind === other.value[at]?.kind)
  )
}

function sameBytes(one: Bytes, other: Bytes): boolean {
  if (!one.ok || !other.ok) return sameError(one, other)
  const { value } = other
  return one.value.byteLength === value.byteLength && one.value.every((byte, at) => byte === value[at])
}

export function sameLink(one: Result<string, FileError>, other: Result<string, FileError>): boolean {
  return one.ok && other.ok ? one.value === other.value : sameError(one, other)
}

function sameError(one: Result<unknown, FileError>, other: Result<unknown, FileError>): boolean {
  if (one.ok || other.ok) return false
  const [left, right] = [one.error, other.error]
  return left.code === right.code && left.message === right.message && left.path === right.path
}

function join(folder: string, name: string): string {
  if (name === '') return folder
  return folder === '' ? name : `${folder}/${name}`
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
