/** An entry of a folder of the workspace to which something may have happened. */
export interface FilePlace {
  readonly folder: string
  /** Empty: the folder itself. */
  readonly name: string
  /** Whether it may have come, gone, or be another one than before; false: its bytes or its mode may have changed. */
  readonly moved: boolean
}

/** Hears of changes in the folders that it is told to watch, as the system tells of them: too often, and before they are done. */
export interface FileWatcher {
  /** Watches these folders, by themselves without what is below them, and no others. `files`: those in them whose bytes matter. */
  watch(folders: ReadonlySet<string>, files: ReadonlySet<string>): void
  /** Makes sure that what is watched still is what stands there; for when changes may not have been told. */
  verify(): void
  close(): void
}

/** What a {@link FileWatcher} tells. */
export interface FileWatcherEvents {
  readonly onPlace: (place: FilePlace) => void
  /** From now on changes in this folder are told; those before it was watched were not. */
  readonly onWatched: (folder: string) => void
  /** The system refused to watch (its code, `ENOSPC` or `EMFILE`), so that the files are looked at every now and then instead. */
  readonly onPolling: (code: string) => void
}
