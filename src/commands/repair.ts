import { mend, type MendProblem } from '../evidence/mend/mend.ts'
import { standingOf } from '../evidence/overview.ts'
import { readManifest } from '../evidence/read.ts'
import type { RecordedRun, RunArchive } from '../model/ports.ts'
import { renderRepair, renderRepairsJson, type Repair } from '../report/repairs.ts'
import type { Context } from './context.ts'
import { folderOf, forPeople, type CommonOptions } from './options.ts'
import { openRun } from './recorded.ts'

/** Exit codes: a run that is alive was left alone; what is there of one can't be believed. */
const [LEFT_ALONE, MISMATCH] = [1, 5] as const

/** Repairs the runs that were named, or all that were killed. */
export async function repairRuns(
  context: Context,
  names: readonly string[],
  options: CommonOptions & { readonly archive: RunArchive },
): Promise<number> {
  const repairs: Repair[] = []
  for (const run of names.length > 0 ? named(context, names, options) : killedIn(options.archive)) {
    repairs.push(await repair(context, run, options))
  }
  if (options.json) context.out(renderRepairsJson(repairs))
  else if (repairs.length === 0 && !options.quiet) context.err('No run was killed: there is nothing to repair.\n')
  else tell(context, repairs)
  if (repairs.some(({ outcome }) => outcome === 'failed')) return MISMATCH
  return repairs.some(({ outcome }) => outcome === 'alive') ? LEFT_ALONE : 0
}

function named(
  context: Context,
  names: readonly string[],
  { archive, ...options }: CommonOptions & { readonly archive: RunArchive },
): readonly RecordedRun[] {
  const known = new Set(archive.names())
  return names.map((name) => (known.has(name) ? archive.open(name) : openRun(context, name, options)))
}

function killedIn(archive: RunArchive): readonly RecordedRun[] {
  return archive
    .names()
    .map((name) => ({ run: archive.open(name), alive: archive.isAlive(name) }))
    .filter(({ run, alive }) => {
      const manifest = readManifest(run)
      return !manifest.ok || standingOf(manifest.value.verdict, alive) === 'killed'
    })
    .map(({ run }) => run)
}

/** Runs lie in different folders if they were named by path, and what says that one is alive lies beside it. */
async function repair(context: Context, run: RecordedRun, options: CommonOptions): Promise<Repair> {
  const shown = context.showPath(run.path)
  const archive = await context.runs(folderOf(context, options), run.path.slice(0, -run.name.length - 1) || '/')
  const held = archive.hold(run.name)
  if (held === null) return { run: run.name, shown, outcome: 'alive' }
  try {
    const mended = mend(held, { type: 'run-repaired', at: context.now() })
    if (mended.ok) return { run: run.name, shown, outcome: 'repaired', ...mended.value }
    return { run: run.name, shown, ...failure(mended.error) }
  } finally {
    held.release()
  }
}

function failure(
  problem: MendProblem,
): { outcome: 'complete' } | { outcome: 'failed'; problem: Exclude<MendProblem, { kind: 'complete' }> } {
  return problem.kind === 'complete' ? { outcome: 'complete' } : { outcome: 'failed', problem }
}

function tell(context: Context, repairs: readonly Repair[]): void {
  for (const done of repairs) {
    const stream = done.outcome === 'alive' || done.outcome === 'failed' ? 'err' : 'out'
    forPeople(stream, context)(renderRepair(done))
  }
}
