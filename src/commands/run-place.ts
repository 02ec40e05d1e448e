// Where a run takes place: its folder, and the machine with its folder for temporary files.
import { openingFiles } from '../evidence/opening.ts'
import type { Aspect } from '../model/plan.ts'
import type { RunFolder } from '../model/ports.ts'
import type { RunOptions } from '../pipeline.ts'
import type { Project } from '../project.ts'
import type { SandboxChoice } from './choices.ts'
import type { Context, LentMachine } from './context.ts'
import { UsageError } from './options.ts'

export interface RunPlace {
  /** Absolute path of the workspace. */
  readonly root: string
  /** Where the folders of runs are wanted (absolute); `null`: below the workspace. */
  readonly out: string | null
  readonly settings: Pick<RunOptions, 'tool' | 'jobs' | 'argv' | 'grants'>
}

/** Makes the run's folder, which says from its first moment that a run has started. */
export async function makeRunFolder(context: Context, { root, out, settings }: RunPlace): Promise<RunFolder> {
  const { tool, jobs, argv, grants } = settings
  const about = { startedAt: context.now(), host: context.host, workspace: root, jobs, argv, granted: grants }
  return making("run's folder", () => context.runFolder(root, out, (run) => openingFiles(tool, { ...about, run })))
}

export interface Isolation {
  readonly sandbox?: SandboxChoice
  /** Guarantees that the run may do without. */
  readonly acceptWeaker?: readonly Aspect[]
}

export async function lendMachine(
  context: Context,
  workspace: string,
  { sandbox = 'auto', acceptWeaker = [], sources = workspace }: Isolation & { readonly sources?: string },
): Promise<LentMachine> {
  const places = { workspace, sources }
  return context.machine(places, sandbox, acceptWeaker)
}

/** Whether a path is a folder or lies in it; both absolute. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

type Packs = Pick<Project, 'packs' | 'ignores'>

/** A folder (absolute) in the workspace for runs, as long as it is not among what a pack takes for its inputs. */
export function free(packs: Packs, root: string, folder: string): string {
  keepOut(packs, root, { path: folder, what: "The run's folder", holds: '/manifest.json' })
  return folder
}

/** Makes the folder of a cache, the workspace's own where `dir` is empty, and gives its absolute path. */
export async function makeCache(context: Context, dir: string, place: Packs & Pick<RunPlace, 'root'>): Promise<string> {
  const { root } = place
  const named = dir === '' ? null : context.absolute(dir)
  if (named !== null && isWithin(root, named)) keepOut(place, root, { path: named, what: 'The cache', holds: '/usage' })
  const made = await making('cache', async () => (await context.caches()).makeCacheFolder(root, named))
  if (made !== null) return made
  throw new UsageError(
    'codex did not make .codex/cache in this place, so what it claims is not believed: remove it, or name it if you trust it: --cache=.codex/cache',
  )
}

/** What is put somewhere (absolute) in the workspace must not be among what a pack takes for its inputs. `holds`: what is there then. */
export function keepOut(
  { packs, ignores }: Packs,
  root: string,
  made: { readonly path: string; readonly what: string; readonly holds: string },
): void {
  const path = made.path.slice(root.length + 1)
  const around = packs.find(({ dir }) => dir === '' || path === dir || path.startsWith(`${dir}/`))
  if (around === undefined || (path !== '' && ignores(`${path}${made.holds}`))) return
  throw new UsageError(
    `${made.what} would become an input of the pack '${around.definition.id}', because it lies in its folder: choose another, or let .gitignore name it`,
  )
}

/** What stands in the way of a folder, or is missing above it: for the caller to put right, unlike a disk that is full. */
const IN_THE_WAY: ReadonlySet<unknown> = new Set([
  ...['EEXIST', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ENOENT', 'ENOTDIR'],
  ...['EACCES', 'EPERM', 'EROFS'],
])

async function making<T>(what: string, make: () => T | Promise<T>): Promise<T> {
  try {
    return await make()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && IN_THE_WAY.has(error.code))) throw error
    throw new UsageError(`The ${what} can't be made: ${error.message}`)
  }
}
