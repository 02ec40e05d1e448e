import type { Limits } from '../../model/pack.ts'
import type { Tool } from '../../model/plan.ts'
import type { Outlet } from '../network/outlet.ts'
import { clearedEnvironment, initScript, shellWords } from './shell.ts'

/** What one attempt asks of an isolation, with paths of the host resolved. */
export interface Job {
  readonly argv: readonly string[]
  /** Relative to the workspace root. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Names of further variables, whose values the slot has from codex directly: see {@link secretVariable}. */
  readonly secrets: readonly string[]
  readonly tools: readonly Pick<Tool, 'name' | 'path'>[]
  /** Read-only trees: absolute path on the host, absolute path inside. */
  readonly mounts: readonly { readonly from: string; readonly to: string }[]
  readonly limits: Limits
  /** `null`: it has no network. */
  readonly outlet: Outlet | null
  /** Absolute path of the execution root on the host. */
  readonly root: string
  /** What to mount at `root` first. */
  readonly overlay: { readonly lower: string; readonly upper: string; readonly work: string } | null
  /**
   * Private folder on the host for what the isolation itself needs. It has no folders when a job starts, and those that it gets go
   * when the job has ended; files of an earlier job may be left, to be written again.
   */
  readonly folder: string
}

/** Turns a job into the shell script that a slot sources, and tells afterwards whether the command was started at all. */
export interface Isolation {
  readonly name: 'bubblewrap' | 'unshare' | 'none'
  /** What to put before a slot's supervisor. */
  readonly namespaces: readonly string[]
  /** Whether one slot may run several actions: only where none can outlive its own. */
  readonly reusable: boolean
  /** Whether jobs are in networks of their own. */
  readonly ownNetwork: boolean
  script(job: Job): string
  wasStarted(job: Job): boolean
}

/** How many threads the processes of an action may have together, the sandbox's own among them. */
export function mostThreads(processes: number): number {
  return processes * 4 + 256
}

/** So many more the kernel itself lets be, in the namespace of an ordinary user: what meets its limit has passed ours for all to see. */
const MORE_THREADS = 64

/**
 * rlimits, which children inherit. They count per process, so they are a first line only; none is set for memory, because they
 * would count address space that is reserved and never used. File sizes are in blocks of 512 bytes, one more than the limit, so that a
 * file which met it is larger.
 */
function limitLines(limits: Limits): string {
  return [
    'umask 022',
    // Where the machine's memory ends before a limit does, the kernel is to end an action and nothing else.
    'echo 1000 2>/dev/null >/proc/self/oom_score_adj',
    'ulimit -c 0',
    'ulimit -n 4096 2>/dev/null',
    `ulimit -f ${Math.floor(limits.outputBytes / 512) + 1} 2>/dev/null`,
    '',
  ].join('\n')
}

/**
 * Only in a user namespace of the action's own: elsewhere the kernel counts all that its user has running on the machine. Nothing at
 * all of root's is held by it; this is for what forks faster than the watchdog looks. A shell spells it -u or -p.
 */
function threadLine({ processes }: Limits): string {
  const threads = mostThreads(processes) + MORE_THREADS
  return `ulimit -u ${threads} 2>/dev/null || ulimit -p ${threads} 2>/dev/null\n`
}

/** Mounts the overlay in a mount namespace that goes with the command, so that mounts never pile up in a slot. */
export function withOverlay(job: Job, command: readonly string[]): readonly string[] {
  if (!job.overlay) return command
  const { lower, upper, work } = job.overlay
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work},userxattr`
  const mountThenRun = 'mount -t overlay overlay -o "$1" "$2" && shift 2 && exec "$@"'
  return ['unshare', '--mount', '--', 'sh', '-c', mountThenRun, 'sh', options, job.root, ...command]
}

/** A script that gives its process to the command, in a user namespace. */
export function execScript(limits: Limits, command: readonly string[], redirections: string): string {
  return threadLine(limits) + execOnHost(limits, command, redirections)
}

/** The same without a namespace. */
export function execOnHost(limits: Limits, command: readonly string[], redirections = ''): string {
  return `${limitLines(limits)}exec ${shellWords(command)}${redirections}\n`
}

/**
 * The command line of an action's first process, which has no variables but the action's own.
 *
 * @param job `argv` as the author wrote it
 */
export function initCommand({ env, secrets, argv }: Pick<Job, 'env' | 'secrets' | 'argv'>): readonly string[] {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return ['env', ...clearedEnvironment(secrets), ...variables, 'sh', '-c', initScript(secrets), 'sh', ...argv]
}
