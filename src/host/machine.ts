import { readFileSync } from 'node:fs'
import type { SandboxFinding } from '../model/diagnostic.ts'
import type { Aspect } from '../model/plan.ts'
import { PLUGIN_RUNNER, type RuntimeFile } from '../model/plugin.ts'
import type { Clock, ContentStore, Executor, ToolResolver } from '../model/ports.ts'
import type { Result } from '../model/result.ts'
import { openActionCache, type DiskActionCache } from './action-cache.ts'
import { systemClock } from './clock.ts'
import { createContentStore } from './content-store.ts'
import { openCgroups, type Cgroups } from './sandbox/cgroups.ts'
import { chooseExecutor, type SandboxChoice } from './sandbox/choose.ts'
import { hostFacts, type MachineFacts } from './facts.ts'
import { createScratch } from './scratch.ts'
import { createToolResolver } from './tools.ts'

/** This machine as a run uses it, with a private folder for as long as it lasts. */
export interface LocalMachine {
  readonly store: ContentStore
  readonly clock: Clock
  readonly facts: MachineFacts
  readonly variables: NodeJS.ProcessEnv
  /** Absolute path. */
  readonly workspace: string
  /** Called at most once. */
  openSandbox(): Promise<Result<Executor, readonly SandboxFinding[]>>
  resolverFor(executor: Executor): ToolResolver
  pluginRuntime(): readonly RuntimeFile[]
  /** Opens the cache in a folder (absolute) that is there. `tool`: which codex this is, `name version`. */
  openCache(path: string, tool: string): DiskActionCache
  /** Removes what the machine has laid on the disk. */
  release(): void
}

/** Absolute paths. */
export interface MachinePlaces {
  readonly workspace: string
  /** Where the files of the workspace are read from: itself, or what was checked out of it. */
  readonly sources: string
}

export interface Lending {
  readonly sandbox: SandboxChoice
  /** Guarantees that the run may do without. */
  readonly accepted: readonly Aspect[]
  /** Where the program's own files lie that actions may see. */
  readonly program: URL
}

/** The program that talks to a plugin, and what plugins import, as the build names them; and as actions see them. */
const RUNTIME = [
  ['plugin-runner.js', PLUGIN_RUNNER],
  ['plugin.js', 'plugin.mjs'],
] as const

export function lendMachine(
  { workspace, sources }: MachinePlaces,
  { sandbox, accepted, program }: Lending,
): LocalMachine {
  const scratch = createScratch()
  const store = createContentStore(sources, scratch.folder('content'))
  let cgroups: Cgroups | null = null
  return {
    store,
    workspace,
    clock: systemClock,
    facts: hostFacts(),
    variables: process.env,
    openSandbox: async () => {
      const opened = sandbox === 'none' ? null : await openCgroups()
      if (opened?.ok) cgroups = opened.value
      return chooseExecutor(sandbox, { store, scratch, workspace, accepted, cgroups })
    },
    resolverFor: (executor) => createToolResolver(executor, process.env['PATH'] ?? ''),
    pluginRuntime: () => RUNTIME.map(([file, name]) => ({ name, bytes: readFileSync(new URL(file, program)) })),
    openCache: (path, tool) => openActionCache({ path, store, tool }),
    release: () => {
      cgroups?.close()
      scratch.remove()
    },
  }
}
