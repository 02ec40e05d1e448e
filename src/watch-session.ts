import type { Diagnostic } from './model/diagnostic.ts'
import type { PluginMode } from './model/plugin.ts'
import type { Workspace } from './model/ports.ts'
import type { FilePlace, FileWatcher, FileWatcherEvents } from './model/watcher.ts'
import type { Result } from './model/result.ts'
import { ProjectMemory, type LoadedConfig } from './project.ts'
import type { Places } from './watch/machine.ts'

/** A workspace as it was opened; `config` says what is wrong where its configuration can't be loaded. */
export interface WatchedWorkspace {
  readonly workspace: Workspace
  /** The folder that was opened, relative to the workspace root. */
  readonly start: string
  readonly config: Result<LoadedConfig, Diagnostic>
  /** What becomes of plugins. Default: they are disabled. */
  readonly plugins?: PluginMode
}

interface SessionEvents {
  readonly onPlace: (place: FilePlace) => void
  /** From now on changes in this folder are told. */
  readonly onWatched: (folder: string) => void
  readonly onReady: (folders: number) => void
  readonly onPolling: (code: string) => void
}

interface Looked {
  /** Files that were read and are not as they were. */
  readonly files: ReadonlySet<string>
  readonly isSame: boolean
}

/** A workspace that is watched: what is remembered of its files, and who tells where they change. */
export class WatchSession {
  readonly root: string
  readonly memory: ProjectMemory
  readonly #watcher: FileWatcher
  readonly #events: SessionEvents
  #opened: WatchedWorkspace
  /** What the configuration is made of, and what was read of it. */
  #inputs: readonly string[] = []
  #read: readonly unknown[] = []
  readonly #awaited = new Set<string>()
  #watched: ReadonlySet<string> = new Set()
  #isReady = false

  constructor(
    opened: WatchedWorkspace,
    watchFiles: (root: string, events: FileWatcherEvents) => FileWatcher,
    events: SessionEvents,
  ) {
    this.root = opened.workspace.root
    this.memory = new ProjectMemory(opened.workspace, { plugins: opened.plugins ?? 'disabled' })
    this.#opened = opened
    this.#events = events
    this.#watcher = watchFiles(this.root, {
      onPlace: events.onPlace,
      onWatched: (folder) => this.#onWatched(folder),
      onPolling: events.onPolling,
    })
    this.reopened(opened)
  }

  get opened(): WatchedWorkspace {
    return this.#opened
  }

  /** Whether the configuration is as it was when it was loaded. */
  get isCurrent(): boolean {
    const now = this.#readConfig()
    return now.length === this.#read.length && now.every((one, at) => one === this.#read[at])
  }

  get isThere(): boolean {
    return this.memory.packs.files.list('').ok
  }

  /** The configuration was loaded anew, after all that is known of its files was looked at. */
  reopened(opened: WatchedWorkspace): void {
    this.#opened = opened
    const { config } = opened
    // Where it can't be loaded it may be for any of the files that it was made of before.
    const place = config.ok ? null : config.error.location
    this.#inputs = config.ok ? (config.value.inputs ?? []) : [...this.#inputs, ...(place ? [place.file] : [])]
    this.#read = this.#readConfig()
  }

  isHalfway(places: readonly FilePlace[]): boolean {
    return this.memory.packs.files.isHalfway(places)
  }

  look(places: Places): Looked {
    if (places === 'everywhere') this.#watcher.verify()
    const { files, folders, links, rules } = this.memory.packs.look(places)
    return { files, isSame: files.size + folders.size + links.size + rules.size === 0 }
  }

  /** Watches what was read, and forgets what is not needed any more. */
  watch(): void {
    const { files } = this.memory.packs
    const used = this.memory.packs.forgetUnused(this.#configFiles())
    // Nothing tells of a folder that is not there but the one that it would be in.
    const folders = new Set([...used.folders].filter((path) => files.list(path).ok))
    for (const path of this.#awaited) if (!folders.has(path)) this.#awaited.delete(path)
    for (const path of folders) if (!this.#watched.has(path)) this.#awaited.add(path)
    this.#watched = folders
    this.#watcher.watch(folders, used.files)
    this.#tellReady()
  }

  close(): void {
    this.#watcher.close()
  }

  #onWatched(folder: string): void {
    if (!this.#watched.has(folder)) return
    this.#awaited.delete(folder)
    this.#events.onWatched(folder)
    this.#tellReady()
  }

  #tellReady(): void {
    if (this.#isReady || this.#awaited.size > 0) return
    this.#isReady = true
    this.#events.onReady(this.#watched.size)
  }

  #configFiles(): readonly string[] {
    const { files } = this.memory.packs
    const root = files.list('')
    const names = root.ok ? root.value.map(({ name }) => name).filter((name) => name.startsWith('codex.config.')) : []
    return [...names, ...this.#inputs.filter((path) => files.kind(path) !== null)]
  }

  #readConfig(): readonly unknown[] {
    return this.#configFiles().flatMap((name) => [name, this.memory.packs.files.readFile(name)])
  }
}
