import { verifyRun } from '../evidence/verify/verify.ts'
import { manifestDifferences } from '../evidence/same.ts'
import { sha256 } from '../model/digest.ts'
import { MANIFEST } from '../evidence/conclude.ts'
import type { ReplaySource } from '../model/replay.ts'
import type { EvidenceProblemKind, ManifestDifference } from '../model/verification.ts'
import type { RunResult } from '../pipeline.ts'
import { printJson } from '../report/json.ts'
import { renderVerification } from '../report/verification.ts'
import type { Context } from './context.ts'
import { forPeople, styleFor, UsageError, type CommonOptions } from './options.ts'
import { openRun } from './recorded.ts'
import { demandRerunnable, manifestOf } from './rerun.ts'

/** Who has signed it is nobody's business here: what is taken from it is accepted again. */
const OF_SIGNERS: ReadonlySet<EvidenceProblemKind> = new Set(['unknown-keys', 'unchecked-bundle'])

/** Opens the run that was named; the exit code where its evidence is not genuine, which is told. */
export function openReplay(
  context: Context,
  name: string,
  { names, options }: { readonly names: readonly string[]; readonly options: CommonOptions },
): ReplaySource | number {
  if (names.length > 0) {
    throw new UsageError('--replay takes all packs of the run that it names, so that no others can be named beside it')
  }
  const run = openRun(context, name, options)
  const found = verifyRun(run, { keys: [] })
  if (found.problems.some(({ kind }) => !OF_SIGNERS.has(kind))) {
    const style = { ...styleFor('err', context, options), quiet: options.quiet ?? false }
    if (options.json) context.out(printJson({ verdict: null, exitCode: 5, run: null, replay: { genuine: false } }))
    else forPeople('err', context)(renderVerification(found, style))
    return 5
  }
  const manifest = manifestOf(run)
  demandRerunnable(manifest)
  if (!manifest.actions.some(({ id }) => id.endsWith(':gate/scope'))) {
    throw new UsageError(`No pack of the run '${run.name}' has a scope, so that there is no change to take from it`)
  }
  const written = run.read(MANIFEST)
  // It was read a moment ago.
  if (!written.ok) throw new UsageError(`manifest.json can't be read any more: ${written.error.message}`)
  return { run, manifest, digest: sha256(written.value) }
}

/** A run that was taken from another one, compared with it. */
export interface Replayed {
  /** Name of the recorded run's folder. */
  readonly from: string
  /** Empty: the manifests are the same, byte for byte. */
  readonly differences: readonly ManifestDifference[]
}

/** What came of it, compared with what it was taken from; `null`: it did not come to an end. */
export function compareReplayed(
  { run, manifest: recorded, digest: expected }: ReplaySource,
  { manifest, digest, verdict }: RunResult,
): Replayed | null {
  if (verdict !== 'passed' && verdict !== 'failed') return null
  return { from: run.name, differences: digest === expected ? [] : manifestDifferences(recorded, manifest) }
}

/** The run's own; 5 where it passed and yet an action with the same key has not done the same. */
export function exitCodeOfReplayed({ differences }: Replayed, exitCode: number): number {
  const unsteady = differences.some(({ action, members }) => action !== null && !members.includes('key'))
  return exitCode === 0 && unsteady ? 5 : exitCode
}
