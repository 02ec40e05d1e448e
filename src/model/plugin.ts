import type { Location, SourceText } from './source.ts'

/**
 * What an operator lets become of the plugins of packs:
 *
 * - `disabled`: they are checked, and none of their code is loaded
 * - `enabled`: they run; what goes wrong with one by itself is told, and does not fail its pack
 * - `strict`: they run; what goes wrong with one fails its pack
 */
export const PLUGIN_MODES = ['disabled', 'enabled', 'strict'] as const
export type PluginMode = (typeof PLUGIN_MODES)[number]

/** What a plugin says of itself in the JSON file beside its module, which is read without running any of its code. */
export interface PluginFile {
  readonly name: string
  readonly version: string
  /** What it may use, of what its pack may. */
  readonly capabilities: {
    /** `host:port` pairs. */
    readonly network: readonly string[]
    /** Names of variables. */
    readonly secrets: readonly string[]
    readonly cloud: boolean
  }
  /** Files that it makes beside its result, relative to its pack's folder: no globs, no folders. */
  readonly artifacts: readonly string[]
}

/** A pack's plugin as it was found. Paths are relative to the workspace root. */
export interface ResolvedPlugin extends PluginFile {
  readonly module: string
  /** The text of the file beside the module. */
  readonly source: SourceText
  /** Where that file says something, by JSON pointer. */
  readonly locate: (pointer: string) => Location
}

/** What makes a command the run of a plugin. Paths are relative to the workspace root. */
export interface PluginRun {
  readonly name: string
  readonly version: string
  readonly module: string
  /** Where the runner leaves what came of it. */
  readonly result: string
  /** Whether what goes wrong with it by itself fails its pack. */
  readonly strict: boolean
}

/** What a plugin came to: it found the pack good, or bad; or something went wrong with itself. */
export type PluginVerdict = 'passed' | 'failed' | 'error'

/** What came of a plugin, in the folder of its pack. */
export const PLUGIN_RESULT = 'plugin_result.json'

/** Of its result, in bytes. */
export const MOST_RESULT_BYTES: number = 1024 * 1024

/** Where an action that runs a plugin sees codex's own part of it. No path of a pack leads there. */
export const PLUGIN_RUNTIME = '.codex/plugin'

/** The program that talks to a plugin, in {@link PLUGIN_RUNTIME}. */
export const PLUGIN_RUNNER = 'runner.mjs'

/** What runs a plugin, where its pack does not say which version of it. */
export const PLUGIN_TOOL = { name: 'node', range: '>=20.19' } as const

/** One file of codex's own part. */
export interface RuntimeFile {
  /** Its name in {@link PLUGIN_RUNTIME}. */
  readonly name: string
  readonly bytes: Uint8Array
}
