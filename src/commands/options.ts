import { guardWorkflowCommands, type StyleOptions, type Write } from '../report/style.ts'
import type { Verbosity } from '../report/console.ts'
import type { PluginMode } from '../model/plugin.ts'
import type { Selection } from '../packs/select.ts'
import type { Context } from './context.ts'

/** What every command understands. */
export interface CommonOptions {
  /** `-C`: as it was written. */
  readonly directory?: string
  readonly color?: 'auto' | 'always' | 'never'
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
}

export interface PluginOptions {
  readonly enablePlugins?: boolean
  /** What was decided already, whatever flag and variables say. */
  readonly plugins?: PluginMode
}

export interface SelectionOptions {
  readonly pillar?: readonly string[]
  readonly tag?: readonly string[]
  /** A commit, as git knows it. */
  readonly since?: string
}

/** Ends a command with words for the person who called it and an exit code. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** What stands below the message, line by line. */
  readonly lines: readonly string[]
  /** What to do about it, safe to print; `null`: the message says it. */
  readonly fix: string | null

  constructor(message: string, { lines = [], fix = null }: { lines?: readonly string[]; fix?: string | null } = {}) {
    super(message)
    this.lines = lines
    this.fix = fix
  }
}

export function folderOf(context: Context, { directory }: CommonOptions): string {
  return directory === undefined ? context.cwd : context.absolute(directory)
}

export function verbosityOf({ quiet, verbose }: CommonOptions): Verbosity {
  if (quiet) return 'quiet'
  return verbose ? 'verbose' : 'normal'
}

/** Where codex was called, relative to the workspace root, and the root's absolute path. */
interface Place {
  readonly root: string
  readonly start: string
}

/**
 * The selection in terms of the workspace: what is written as a path is taken from the folder that codex was called in, as
 * every other tool does.
 */
export function selectionOf(names: readonly string[], options: SelectionOptions, { root, start }: Place): Selection {
  const within = (name: string): string =>
    name === root || name.startsWith(`${root}/`) ? name.slice(root.length) : name
  const isPath = (name: string): boolean => /^\.{0,2}\//.test(name) || name === '.' || name === '..'
  checkNames(names)
  return {
    names: names.map((name) => (isPath(name) ? inside(start, within(name) || '/') : name)),
    pillars: options.pillar ?? [],
    tags: options.tag ?? [],
  }
}

export function checkNames(names: readonly string[]): void {
  if (names.includes('')) throw new UsageError('A pack is named by an empty word: is a variable empty?')
}

/** Joins a path to a folder of the workspace, both with `/`; `.` stands for the root itself. One that leaves it stays as it is. */
function inside(prefix: string, name: string): string {
  const parts = name.startsWith('/') ? [] : prefix.split('/').filter((part) => part !== '')
  for (const part of name.split('/')) {
    if (part === '..' && parts.pop() === undefined) return name
    if (part !== '..' && part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/') || '.'
}

/** Colours and line drawing for one stream, by the flag, NO_COLOR, FORCE_COLOR, TERM and what the stream is. */
export function styleFor(stream: 'out' | 'err', context: Context, { color = 'auto' }: CommonOptions): StyleOptions {
  const { env, terminal } = context
  const unicode = /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '') || env['CI'] === 'true'
  if (color !== 'auto') return { color: color === 'always', unicode }
  if (env['NO_COLOR']) return { color: false, unicode }
  if (env['FORCE_COLOR'] !== undefined) return { color: !['0', 'false'].includes(env['FORCE_COLOR']), unicode }
  return { color: terminal[stream] && env['TERM'] !== 'dumb', unicode }
}

/** A stream that people read, and GitHub Actions with them: what a pack holds must not be taken for one of its commands. */
export function forPeople(stream: 'out' | 'err', context: Context): Write {
  return context.env['GITHUB_ACTIONS'] === 'true' ? guardWorkflowCommands(context[stream]) : context[stream]
}

export function widthFor(context: Context): number {
  return context.terminal.err ? context.terminal.size().columns : 120
}
