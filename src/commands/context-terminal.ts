// What the context has for whoever sits at the terminal.
import type { FileWatcher, FileWatcherEvents } from '../model/watcher.ts'

/** Questions to whoever sits at the terminal; `null`: they have left, with Ctrl-C for example. */
export interface Prompts {
  choose(message: string, choices: readonly PromptChoice[]): Promise<string | null>
  ask(
    message: string,
    options: {
      /** What Enter alone answers. */
      readonly initial: string
      /** What is wrong with an answer; `null`: nothing. */
      readonly problem: (answer: string) => string | null
    },
  ): Promise<string | null>
}

export interface PromptChoice {
  readonly value: string
  readonly label: string
  readonly hint?: string
}

/** Files that change and keys that are pressed. */
export interface WatchHost {
  /** @param options `root`: absolute, no link; `poll`: whether to look at the files every second rather than ask the system */
  watchFiles(options: { readonly root: string; readonly poll: boolean }, events: FileWatcherEvents): FileWatcher
  /** Calls back once after so many milliseconds, unless the function that it gives is called before. */
  after(ms: number, callback: () => void): () => void
  /** Calls back with each key until the function that it gives is called; `null` where nobody sits at a terminal. */
  readonly readKeys: ((onKey: (key: string) => void) => () => void) | null
  /** Calls back whenever the process goes on after it was stopped, until the function that it gives is called. */
  onContinued(callback: () => void): () => void
  /** Calls back once nobody reads any more what is printed, unless the function that it gives is called before. */
  onUnread(callback: () => void): () => void
}
