import type { AgentPhase } from '../model/agent.ts'
import type { Pillar, Risk } from '../model/pack.ts'

/** A task.yml (version 1) whose shape is right, as written: no default filled in but empty lists and mappings, no path checked. */
export interface TaskFile {
  readonly version: 1
  readonly id: string
  readonly title: string
  readonly description?: string | undefined
  readonly owner?: string | undefined
  readonly tags: readonly string[]
  readonly links: readonly string[]
  readonly pillar: Pillar
  readonly domain?: string | undefined
  readonly risk: Risk
  readonly skills: readonly string[]
  readonly docs: Readonly<Record<string, string | undefined>>
  readonly needs: readonly string[]
  readonly inputs: TaskInputs
  readonly env: Readonly<Record<string, string>>
  readonly constraints: TaskConstraints
  readonly steps: readonly TaskCommand[]
  readonly acceptance: {
    readonly format: readonly TaskCommand[]
    readonly lint: readonly TaskCommand[]
    readonly tests: readonly TaskCommand[]
  }
  readonly artifacts: { readonly required: readonly string[]; readonly optional: readonly string[] }
  readonly plugin?: string | undefined
}

export interface TaskInputs {
  readonly files: readonly string[]
  readonly artifacts: readonly { readonly from: string; readonly path: string; readonly as: string }[]
  readonly env: readonly string[]
  readonly tools: Readonly<Record<string, string>>
  readonly mounts: readonly { readonly path: string; readonly identity: string }[]
}

export interface TaskConstraints {
  readonly network: false | readonly string[]
  readonly cloud_mutations: boolean
  readonly secrets: readonly string[]
  readonly scope: readonly string[]
  readonly limits: TaskLimits & {
    readonly changed_files?: number | undefined
    readonly changed_lines?: number | undefined
  }
  readonly retries: TaskRetries
}

export interface TaskCommand {
  readonly id?: string | undefined
  /** Absent in steps of an agent only. */
  readonly run?: string | readonly string[] | undefined
  readonly uses?: 'agent' | undefined
  readonly prompt?: string | undefined
  readonly phase?: AgentPhase | undefined
  readonly needs?: readonly string[] | undefined
  readonly inputs?: { readonly files?: readonly string[] | undefined } | undefined
  readonly outputs: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly limits: TaskLimits
  readonly retries: TaskRetries
  readonly control?: { readonly replace: Readonly<Record<string, string>> } | undefined
}

/** Durations and sizes with their units. */
export interface TaskLimits {
  readonly timeout?: string | undefined
  readonly memory?: string | undefined
  readonly processes?: number | undefined
  readonly log?: string | undefined
  readonly output?: string | undefined
}

export interface TaskRetries {
  readonly attempts?: number | undefined
  readonly repeat_error_limit?: number | undefined
}
