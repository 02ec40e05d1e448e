import type { Diagnostic } from '../model/diagnostic.ts'
import type { MachineFindings } from '../model/doctor.ts'
import type { Aspect } from '../model/plan.ts'
import type { RecordedRun, RunFolder, RunNotFound, Workspace } from '../model/ports.ts'
import type { Result } from '../model/result.ts'
import type { Machine } from '../pipeline.ts'
import type { LoadedConfig } from '../project.ts'
import type { Write } from '../report/style.ts'
import type { SandboxChoice } from './choices.ts'

/** A workspace, opened. */
export interface Opened {
  readonly workspace: Workspace
  /** The folder that was opened, relative to the workspace root. */
  readonly start: string
  readonly config: Result<LoadedConfig, Diagnostic>
}

/** A machine that has to be given back. */
export interface LentMachine extends Machine {
  release(): void
}

/** The world outside, wired in `cli.ts`. */
export interface Context {
  /** Absolute. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** What codex was called with, its own name left out. */
  readonly argv: readonly string[]
  readonly tool: { readonly name: string; readonly version: string }
  readonly out: Write
  readonly err: Write
  /** Whether each stream is a terminal, and its size at this moment. */
  readonly terminal: {
    readonly out: boolean
    readonly err: boolean
    readonly size: () => { readonly columns: number; readonly rows: number }
  }
  readonly processors: number
  readonly now: () => number
  /** Opens the workspace around a folder (absolute). */
  open(folder: string): Promise<Result<Opened, Diagnostic>>
  /** `accepted`: guarantees that the run may do without. */
  machine(workspace: string, sandbox: SandboxChoice, accepted: readonly Aspect[]): Promise<LentMachine>
  /** Makes the folder of a new run below `out` (absolute), or below the workspace's `.codex/runs`. */
  runFolder(workspace: string, out: string | null): RunFolder
  /** A run that has been, as somebody named it: by its folder's path, its name, a beginning of that, or `latest`; `folder`: absolute. */
  recordedRun(name: string, folder: string): Result<RecordedRun, RunNotFound>
  /** The last `bytes` bytes of a file (absolute); `null` where it can't be read. */
  readTail(path: string, bytes: number): Uint8Array | null
  /** A path (absolute) as somebody in `cwd` would write it. */
  showPath(path: string): string
  /** Resolves a path that somebody in `cwd` wrote. */
  absolute(path: string): string
  /** What the machine has of what runs need, tried for real. */
  examine(folder: string): Promise<MachineFindings>
  /**
   * From here on, being asked to stop ends nothing by itself but aborts this, with the signal's name as its reason; the
   * second time ends everything at once.
   */
  watchStop(): AbortSignal
  /** Calls back some times a second until the function that it returns is called. */
  tick(callback: () => void): () => void
}
