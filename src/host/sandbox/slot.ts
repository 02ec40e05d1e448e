import { randomBytes } from 'node:crypto'
import { execa } from 'execa'
import { isSystemError } from '../file-error.ts'
import { secretVariable } from './shell.ts'
import { createFrameScanner, type FrameScanner } from './frames.ts'

/**
 * A shell that runs one action after another on behalf of codex, started while codex is small: a process of a long-lived
 * shell costs a fifth of one that Node starts.
 *
 * Its first part forwards what codex writes, and kills the whole slot when that pipe closes: when codex closes it, and when
 * codex is gone, however it went. In namespaces of its own that is every process but the first, which ends then; the process
 * group, to which whoever waits for the namespaces belongs, is only for a slot without them. The last part puts a real pipe behind the actions' output, because Node's own are sockets,
 * which /dev/stderr can't be opened on. Everything is a foreground pipeline: a shell would start background jobs with SIGINT
 * ignored, and actions would inherit that.
 */
const SUPERVISOR = `{ cat; if [ "$$" = 1 ]; then kill -s KILL -- -1; else kill -s KILL 0; fi; } | {
  while IFS=' ' read -r nonce secrets job; do
    (
      while [ "$secrets" -gt 0 ]; do
        IFS= read -r secret
        secret=$(printf '%bx' "$secret")
        export "\${secret%x}"
        secrets=$((secrets - 1))
      done
      unset secret
      exec </dev/null
      . "$job"
    ) >/dev/stdout 2>&1
    printf '%s %s\\n' "$nonce" "$?"
  done
} | cat`

/** Namespaces whose end is the end of every process in them. bubblewrap looks its child up in /proc, so /proc must know it. */
export const NAMESPACES: readonly string[] = [
  ...['unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork', '--mount-proc', '--'],
]

/**
 * Where no /proc can be mounted, because parts of it are hidden from codex itself (containers), a slot has to be in the processes
 * that this one shows. Then only an action's own namespace, which ends with bubblewrap, ends what it started.
 */
export const SHARED_NAMESPACES: readonly string[] = ['unshare', '--user', '--map-root-user', '--mount', '--']

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface SlotJob {
  /** Absolute path. */
  readonly file: string
  /** Values of variables that the file finds, by {@link secretVariable}: in no file and on no command line. */
  readonly secrets: readonly string[]
}

export interface Slot {
  /** The process that waits for the slot's namespaces; `undefined` where none could be started. */
  readonly pid: number | undefined
  /** Sources the job's file in a shell; one job at a time. Resolves with its exit code, or `null` when the slot ended first. */
  run(job: SlotJob, onOutput: (bytes: Uint8Array) => void): Promise<number | null>
  /** Resolves when every process of the slot is gone. */
  close(): Promise<void>
  /** What the slot itself had to complain about. */
  complaints(): string
}

/** `namespaces`: what to put before the supervisor, {@link NAMESPACES} or nothing. */
export function openSlot(namespaces: readonly string[]): Slot {
  const child = startSupervisor(namespaces)
  let complaints = ''
  let scanner: FrameScanner | null = null
  let settle: ((exitCode: number | null) => void) | null = null
  const finish = (exitCode: number | null): void => {
    scanner?.flush()
    scanner = null
    settle?.(exitCode)
    settle = null
  }
  child.stdin.on('error', () => {})
  child.stderr.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-4096)))
  child.stdout.on('data', (chunk: Buffer) => scanner?.push(chunk))
  const ended = child.then((result) => {
    if (result.cause instanceof Error && isSystemError(result.cause)) complaints += result.cause.message
    finish(null)
  })
  return {
    pid: child.pid,
    complaints: () => complaints,
    run: (job, onOutput) => {
      const nonce = randomBytes(16).toString('hex')
      return new Promise((resolve) => {
        settle = resolve
        scanner = createFrameScanner({ nonce, onOutput, onEnd: finish })
        if (child.stdin.writable) child.stdin.write(`${nonce} ${job.secrets.length} ${job.file}\n${secretLines(job)}`)
        else finish(null)
      })
    },
    close: async () => {
      child.stdin.end()
      await ended
    },
  }
}

/** One assignment a line, every byte as an octal escape of printf(1), so that it is one line whatever the value holds. */
function secretLines({ secrets }: SlotJob): string {
  const lines = secrets.map((value, index) => {
    const assignment = Buffer.from(`${secretVariable(index)}=${value}`)
    return `${[...assignment].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('')}\n`
  })
  return lines.join('')
}

function startSupervisor(namespaces: readonly string[]) {
  const start = execa({
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    // A session of its own: Ctrl-C of the terminal is for codex to handle, and the group can be killed as one.
    detached: true,
    extendEnv: false,
    env: { PATH },
  })
  return start`${[...namespaces, 'sh', '-c', SUPERVISOR]}`
}
