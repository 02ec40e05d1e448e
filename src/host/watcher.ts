import { statSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import { watch, type FSWatcher } from 'chokidar'
import type { FilePlace, FileWatcher, FileWatcherEvents } from '../model/watcher.ts'

/** What the system says where it can't watch any more: too many watches, too many instances, too many open files. */
const EXHAUSTED: ReadonlySet<string> = new Set(['ENOSPC', 'EMFILE', 'ENFILE'])

/** Nobody's sources, and large or busy. */
const NEVER: ReadonlySet<string> = new Set(['.git', '.codex', 'node_modules'])

/** Milliseconds between two looks at each file, where the system does not tell of changes. */
const POLL_INTERVAL = 1000

/** So many folders are opened at once, so that keys and saves are heard meanwhile. */
const AT_ONCE = 16

export interface WatcherOptions {
  /** Absolute, no link. */
  readonly root: string
  /** Not to ask the system at all, because it does not tell of changes that another machine makes. */
  readonly poll: boolean
}

/** Watches folders of a workspace through the system, or by looking at them where it refuses. */
export function watchFolders({ root, poll }: WatcherOptions, events: FileWatcherEvents): FileWatcher {
  return new FolderWatcher(root, poll, events)
}

/**
 * One watcher of the library for each folder, which it does not search: which folders matter is known better here, and of each
 * has to be known when it is watched. Only what the system says is passed on. What the library makes of it would be late, and
 * lacks changes that follow each other quickly.
 */
class FolderWatcher implements FileWatcher {
  readonly #root: string
  readonly #events: FileWatcherEvents
  readonly #watchers = new Map<string, Watched>()
  #waiting = new Set<string>()
  readonly #opening = new Set<FSWatcher>()
  #polling: boolean
  #files: ReadonlySet<string> = new Set()
  #closed = false
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(root: string, poll: boolean, events: FileWatcherEvents) {
    this.#root = root
    this.#polling = poll
    this.#events = events
  }

  watch(folders: ReadonlySet<string>, files: ReadonlySet<string>): void {
    this.#files = files
    const wanted = new Set([...folders, ...(this.#polling ? files : [])].filter(isWatched))
    for (const path of this.#watchers.keys()) if (!wanted.has(path)) this.#drop(path)
    for (const path of this.#waiting) if (!wanted.has(path)) this.#waiting.delete(path)
    for (const path of wanted) if (!this.#watchers.has(path)) this.#waiting.add(path)
    this.#openNext()
  }

  verify(): void {
    for (const [path, { identity }] of this.#watchers) {
      if (identity !== identityOf(join(this.#root, path))) this.#renew(path)
    }
  }

  close(): void {
    this.#closed = true
    for (const path of this.#watchers.keys()) this.#drop(path)
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #drop(path: string): void {
    const watched = this.#watchers.get(path)
    void watched?.watcher.close()
    // It says nothing any more, not even that it is ready.
    watched?.settle()
    this.#watchers.delete(path)
  }

  /** Another folder may stand there by now: what is watched is the one that stood there before, wherever it has gone. */
  #renew(folder: string): void {
    for (const path of this.#watchers.keys()) {
      if (folder !== '' && path !== folder && !path.startsWith(`${folder}/`)) continue
      this.#drop(path)
      this.#waiting.add(path)
    }
    this.#openNext()
  }

  #openNext(): void {
    for (const path of this.#waiting) {
      if (this.#closed || this.#opening.size >= AT_ONCE) return
      this.#waiting.delete(path)
      this.#open(path)
    }
  }

  #open(path: string): void {
    const absolute = join(this.#root, path)
    const identity = identityOf(absolute)
    const watcher = watch(absolute, {
      depth: 0,
      ignored: (other) => other !== absolute,
      ignoreInitial: true,
      ignorePermissionErrors: true,
      atomic: false,
      usePolling: this.#polling,
      interval: POLL_INTERVAL,
    })
    this.#opening.add(watcher)
    const settle = (): void => void this.#opening.delete(watcher)
    this.#watchers.set(path, { watcher, identity, settle })
    const isCurrent = (): boolean => this.#watchers.get(path)?.watcher === watcher
    // A folder that is gone before it is watched, or that may not be read, is waited for no longer; its parent tells of it.
    watcher.on('ready', () => {
      settle()
      this.#openNext()
      if (isCurrent()) this.#opened(path)
    })
    watcher.on('error', (error) => {
      settle()
      this.#openNext()
      if (isCurrent()) this.#failed(error)
    })
    watcher.on('raw', (event, name) => {
      if (isCurrent()) this.#heard(path, event, typeof name === 'string' ? name : '')
    })
  }

  #opened(path: string): void {
    if (!this.#polling) return this.#events.onWatched(path)
    // The first look is taken in the background.
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#events.onWatched(path)
    }, POLL_INTERVAL)
    this.#timers.add(timer)
  }

  #failed(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!EXHAUSTED.has(code) || this.#polling) return
    this.#polling = true
    const folders = new Set([...this.#watchers.keys(), ...this.#waiting])
    for (const path of folders) this.#drop(path)
    this.#waiting = new Set()
    this.#events.onPolling(code)
    this.watch(folders, this.#files)
  }

  #heard(folder: string, event: string, name: string): void {
    // Where it polls the name is an absolute path, and what is said is that something about the folder or file is otherwise, or
    // that it is gone.
    if (this.#polling) return this.#tell(placeOf(relative(this.#root, name).split(sep).join('/')))
    const moved = event === 'rename'
    this.#tell({ folder, name, moved })
    if (!moved) return
    const path = folder === '' ? name : `${folder}/${name}`
    if (this.#watchers.has(path)) this.#renew(path)
    // A folder that is moved or removed says so by its own name, which an entry may have as well.
    if (name !== basename(join(this.#root, folder))) return
    this.#tell(placeOf(folder))
    this.#renew(folder)
  }

  #tell(place: FilePlace): void {
    this.#events.onPlace(place)
  }
}

interface Watched {
  readonly watcher: FSWatcher
  readonly identity: string
  /** It is not waited for any more. */
  readonly settle: () => void
}

/** Which file or folder it is that stands at a path (absolute); empty where none does. */
function identityOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true })
  return stat ? `${stat.dev}:${stat.ino}` : ''
}

function placeOf(path: string): FilePlace {
  const at = path.lastIndexOf('/')
  return { folder: path.slice(0, Math.max(0, at)), name: path.slice(at + 1), moved: true }
}

function isWatched(path: string): boolean {
  return !path.split('/').some((part) => NEVER.has(part))
}
