// What a replay needs is loaded only for one, which few runs are.
import type { ReplaySource } from '../model/replay.ts'
import type { RunResult } from '../pipeline.ts'
import type { Context } from './context.ts'
import { checkNames, type CommonOptions } from './options.ts'
import type { Replayed } from './replay.ts'

/** What is to be run: packs that were named, or those of a run whose steps are taken. */
interface Wanted {
  readonly names: readonly string[]
  readonly replay: ReplaySource | null
}

/** The exit code where a run was named that can't be replayed, which is told. */
export async function packsToRun(
  context: Context,
  names: readonly string[],
  options: CommonOptions & { readonly replay?: string },
): Promise<Wanted | number> {
  checkNames(names)
  if (options.replay === undefined) return { names, replay: null }
  const replay = (await import('./replay.ts')).openReplay(context, options.replay, { names, options })
  return typeof replay === 'number' ? replay : { names: replay.manifest.packs.map(({ id }) => id), replay }
}

export interface Compared {
  /** With the exit code that follows from the comparison, too. */
  readonly result: RunResult
  /** `null`: it was no replay, or there is nothing to compare. */
  readonly replayed: Replayed | null
}

export async function comparedTo(source: ReplaySource | null, result: RunResult): Promise<Compared> {
  if (source === null) return { result, replayed: null }
  const { compareReplayed, exitCodeOfReplayed } = await import('./replay.ts')
  const replayed = compareReplayed(source, result)
  const exitCode = replayed ? exitCodeOfReplayed(replayed, result.exitCode) : result.exitCode
  return { result: { ...result, exitCode }, replayed }
}
