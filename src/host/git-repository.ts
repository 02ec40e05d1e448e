import { execa } from 'execa'
import { err, ok, type Result } from '../model/result.ts'

/** A repository as seen from one of its folders; nothing that it or its files set up is run. */
export interface Repository {
  /**
   * What git prints; its own words where it fails.
   *
   * @param index another file than the repository's own to take for its index
   */
  run(args: readonly string[], index?: string): Promise<Result<string, GitFailure>>
}

export interface GitFailure {
  /** `null`: it was ended, or could not be started. */
  readonly exitCode: number | null
  readonly detail: string
}

/** Whatever a repository says, nothing is started for it, nothing fetched, nothing written and nothing left out. */
const SETTINGS: Readonly<Record<string, string>> = {
  'core.fsmonitor': 'false',
  'core.hooksPath': '/dev/null',
  'core.fileMode': 'true',
  'core.untrackedCache': 'false',
  'core.pager': 'cat',
  'diff.autoRefreshIndex': 'true',
  'diff.orderFile': '/dev/null',
  'log.showSignature': 'false',
  'protocol.allow': 'never',
}

/** Longer than the slowest disk takes to look at the largest repository. */
const TIMEOUT_MS = 120_000
const MOST_BYTES = 512 * 1024 * 1024

/** @param folder absolute */
export async function openRepository(git: string, folder: string, env: Environment): Promise<Repository> {
  const bare = runner({ git, folder, env, settings: SETTINGS })
  // A filter is a command that turns the bytes of a file into those that git keeps: none is wanted, whoever has set it up.
  const filters = await bare([
    'config',
    '-z',
    '--name-only',
    '--get-regexp',
    String.raw`^filter\..*\.(clean|smudge|process)$`,
  ])
  const found = filters.ok ? filters.value.split('\0').filter((name) => name !== '') : []
  if (found.length === 0) return { run: bare }
  const without = found.flatMap((name): [string, string][] => [
    [name, ''],
    [name.replace(/[^.]*$/, 'required'), 'false'],
  ])
  return { run: runner({ git, folder, env, settings: { ...SETTINGS, ...Object.fromEntries(without) } }) }
}

type Environment = Readonly<Record<string, string | undefined>>

interface Running {
  readonly git: string
  readonly folder: string
  readonly env: Environment
  readonly settings: Readonly<Record<string, string>>
}

function runner({ git, folder, env, settings }: Running): Repository['run'] {
  const variables = environmentOf(env, settings)
  return async (args, index) => {
    const result = await execa(git, ['--no-pager', '--literal-pathspecs', '--no-replace-objects', ...args], {
      cwd: folder,
      env: index === undefined ? variables : { ...variables, GIT_INDEX_FILE: index },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      stripFinalNewline: false,
      timeout: TIMEOUT_MS,
      maxBuffer: MOST_BYTES,
    })
    if (!result.failed) return ok(result.stdout)
    const { exitCode = null, stderr, shortMessage } = result
    return err({ exitCode, detail: stderr?.trim() || shortMessage || 'git failed' })
  }
}

/** What git itself needs of the caller's, and no variable that would lead it elsewhere. Settings in variables take any name. */
function environmentOf(env: Environment, settings: Running['settings']): Record<string, string> {
  const kept = ['PATH', 'HOME', 'XDG_CONFIG_HOME'].flatMap((name) => {
    const value = env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const entries = Object.entries(settings)
  const pairs = entries.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key] as const,
    [`GIT_CONFIG_VALUE_${index}`, value] as const,
  ])
  return {
    ...Object.fromEntries([...kept, ...pairs]),
    GIT_CONFIG_COUNT: String(entries.length),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    LC_ALL: 'C',
  }
}
