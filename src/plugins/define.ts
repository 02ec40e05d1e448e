/** What a plugin is told with every request. */
export interface PluginContext {
  /** Id of the pack. The working directory is its folder, with all that it reads and all that its commands have made. */
  readonly pack: string
  /** What it said that it makes, relative to the pack's folder. The folders are there. */
  readonly artifacts: readonly string[]
}

/** Something that a plugin found. */
export interface Finding {
  readonly message: string
  /** Relative to the pack's folder. */
  readonly file?: string | undefined
  /** From 1. */
  readonly line?: number | undefined
}

/** What a plugin came to. It adds to what a pack shows and may fail it; it can't let it pass. */
export interface Outcome {
  readonly verdict: 'passed' | 'failed'
  /** In one line. */
  readonly summary: string
  readonly findings?: readonly Finding[] | undefined
}

type Maybe<T> = T | Promise<T>

/**
 * A plugin of a Task Pack. It is asked in this order, in one process that ends afterwards; nothing is kept for another run. What it
 * prints on its standard error, and through `console`, is its log.
 */
export interface Plugin {
  /** Both as in the JSON file beside the module. */
  readonly name: string
  readonly version: string
  /** What is wrong with the pack so that there is no use in going on, each in a line; none: go on. */
  readonly validate?: (context: PluginContext) => Maybe<readonly string[]>
  /** What it is going to do, each in a line. */
  readonly plan?: (context: PluginContext) => Maybe<readonly string[]>
  /** Looks at the pack, and makes its artifacts. */
  readonly run: (context: PluginContext) => Maybe<Outcome>
  /** What people should read of it. */
  readonly report?: (context: PluginContext, outcome: Outcome) => Maybe<string>
}

/** Gives a plugin its types. A module exports it under the name `plugin`. */
export function definePlugin(plugin: Plugin): Plugin {
  return Object.freeze({ ...plugin })
}
