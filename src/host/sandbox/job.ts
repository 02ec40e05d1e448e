import type { Limits } from '../../model/pack.ts'
import type { Tool } from '../../model/plan.ts'
import { shellWords } from './shell.ts'

/** What one attempt asks of an isolation, with paths of the host resolved. */
export interface Job {
  readonly argv: readonly string[]
  /** Relative to the workspace root. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly tools: readonly Pick<Tool, 'name' | 'path'>[]
  /** Read-only trees: absolute path on the host, absolute path inside. */
  readonly mounts: readonly { readonly from: string; readonly to: string }[]
  readonly limits: Limits
  /** Absolute path of the execution root on the host. */
  readonly root: string
  /** What to mount at `root` first. */
  readonly overlay: { readonly lower: string; readonly upper: string; readonly work: string } | null
  /** Private folder of this attempt on the host, for what the isolation itself needs. */
  readonly folder: string
}

/** Turns a job into the shell script that a slot sources, and tells afterwards whether the command was started at all. */
export interface Isolation {
  readonly name: 'bubblewrap' | 'unshare' | 'none'
  /** What to put before a slot's supervisor. */
  readonly namespaces: readonly string[]
  /** Whether one slot may run several actions: only where none can outlive its own. */
  readonly reusable: boolean
  script(job: Job): string
  wasStarted(job: Job): boolean
}

/** Processes of the sandbox itself, which the kernel counts with those of the action. */
const OWN_PROCESSES = 16

/**
 * rlimits, which children inherit. They count per process, so they are a first line only. A shell spells the number of
 * processes -u or -p; file sizes are in blocks of 512 bytes, one more than the limit, so that a file which met it is larger.
 */
export function limitLines(limits: Limits): string {
  const processes = limits.processes + OWN_PROCESSES
  return [
    'umask 022',
    'ulimit -c 0',
    'ulimit -n 4096 2>/dev/null',
    `ulimit -u ${processes} 2>/dev/null || ulimit -p ${processes} 2>/dev/null`,
    `ulimit -d ${Math.ceil(limits.memoryBytes / 1024)} 2>/dev/null`,
    `ulimit -f ${Math.floor(limits.outputBytes / 512) + 1} 2>/dev/null`,
    '',
  ].join('\n')
}

/** Mounts the overlay in a mount namespace that goes with the command, so that mounts never pile up in a slot. */
export function withOverlay(job: Job, command: readonly string[]): readonly string[] {
  if (!job.overlay) return command
  const { lower, upper, work } = job.overlay
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work},userxattr`
  const mountThenRun = 'mount -t overlay overlay -o "$1" "$2" && shift 2 && exec "$@"'
  return ['unshare', '--mount', '--', 'sh', '-c', mountThenRun, 'sh', options, job.root, ...command]
}

/** A script that gives its process to the command. */
export function execScript(limits: Limits, command: readonly string[], redirections = ''): string {
  return `${limitLines(limits)}exec ${shellWords(command)}${redirections}\n`
}
