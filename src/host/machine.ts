import type { SandboxFinding } from '../model/diagnostic.ts'
import type { Aspect } from '../model/plan.ts'
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

/** @param accepted guarantees that the run may do without */
export function lendMachine(
  { workspace, sources }: MachinePlaces,
  sandbox: SandboxChoice,
  accepted: readonly Aspect[],
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
    openCache: (path, tool) => openActionCache({ path, store, tool }),
    release: () => {
      cgroups?.close()
      scratch.remove()
    },
  }
}
