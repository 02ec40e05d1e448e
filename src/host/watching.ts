import { onContinued, onUnread, readKeys } from './terminal.ts'
import { watchFolders } from './watcher.ts'

/** What a command that watches needs of the machine. */
interface WatchHost {
  readonly watchFiles: typeof watchFolders
  readonly after: (ms: number, callback: () => void) => () => void
  readonly readKeys: typeof readKeys | null
  readonly onContinued: typeof onContinued
  readonly onUnread: typeof onUnread
}

export function watchHost(): WatchHost {
  return {
    watchFiles: watchFolders,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
    readKeys: process.stdin.isTTY && process.stdout.isTTY ? readKeys : null,
    onContinued,
    onUnread,
  }
}
