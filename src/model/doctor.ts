import type { SandboxFinding } from './diagnostic.ts'

/** One thing that a machine must have for runs to work, and how it is here. */
export interface DoctorCheck {
  readonly name: string
  /** `warning`: runs work, but something is weaker or slower than it could be. */
  readonly status: 'ok' | 'warning' | 'failed'
  readonly detail: string
  /** What to do about it, one way a line; `null` where there is nothing to do. */
  readonly fix: string | null
}

/**
 * Why no cgroups (version 2) can be made for actions here. `shared`: codex is in one with other processes, which are not its to
 * move; `threaded`: its own is part of another.
 */
export type CgroupProblem = 'no-hierarchy' | 'no-controllers' | 'read-only' | 'threaded' | 'shared' | 'not-permitted'

/** What was found on a machine, before anybody words it. */
export interface MachineFindings {
  /** Version of Node.js, and whether it is one that is supported. */
  readonly node: { readonly version: string; readonly supported: boolean }
  readonly platform: string
  /** Absolute path of the workspace, and whether runs can be kept in it. */
  readonly workspace: { readonly path: string; readonly writable: boolean }
  /** One for each way of isolating, the preferred one first; `null`: a canary in it has shown that it holds. */
  readonly sandboxes: readonly {
    readonly executor: SandboxFinding['executor']
    readonly finding: SandboxFinding | null
    /** Why no action in it can be given a network; `null`: a canary has shown that one can, or it does not hold anyway. */
    readonly network: string | null
  }[]
  /** What stands in the way of cgroups, without which a watchdog alone looks after memory and processes; `null`: nothing. */
  readonly cgroups: CgroupProblem | null
}
