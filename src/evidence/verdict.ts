import type { ManifestAction, ManifestOutcome } from '../model/manifest.ts'
import type { Status, Verdict } from '../model/outcome.ts'
import type { PackId } from '../model/pack.ts'

type Judged = Pick<ManifestAction, 'id' | 'pack' | 'phase'>

/** All that a run's verdict follows from. */
export interface Results {
  /** The packs that the run was to accept. */
  readonly packs: readonly PackId[]
  readonly actions: readonly Judged[]
  /** One for each action. */
  readonly outcomes: readonly Pick<ManifestOutcome, 'id' | 'status'>[]
  /** Whether fail-fast held back an action that could have run. */
  readonly partial: boolean
  /** Whether a signal or a crash ended the run, even if nothing was left to do. */
  readonly interrupted: boolean
}

export type PackVerdict = 'passed' | 'failed' | 'interrupted'

/**
 * `passed` needs proof: at least one pack, and each of them passed ({@link packVerdicts}) in a run that went to its end.
 * All that is not known to have passed has not.
 */
export function verdictOf(results: Results): Extract<Verdict, PackVerdict> {
  if (results.interrupted || results.outcomes.some(({ status }) => status === 'interrupted')) return 'interrupted'
  const verdicts = [...packVerdicts(results).values()]
  const complete = !results.partial && results.outcomes.every(({ status }) => status === 'passed')
  return complete && verdicts.length > 0 && verdicts.every((verdict) => verdict === 'passed') ? 'passed' : 'failed'
}

/**
 * A pack passed when every one of its actions passed, among them a command of an acceptance phase and a gate. One that did
 * not pass is `interrupted` only if nothing in it went wrong by itself.
 */
export function packVerdicts({ packs, actions, outcomes }: Results): ReadonlyMap<PackId, PackVerdict> {
  const endings = new Map(outcomes.map((outcome) => [outcome.id, outcome.status]))
  const byPack = new Map<PackId, Judged[]>(packs.map((pack) => [pack, []]))
  for (const action of actions) byPack.get(action.pack)?.push(action)
  return new Map([...byPack].map(([pack, own]) => [pack, packVerdict(own, endings)]))
}

function packVerdict(actions: readonly Judged[], endings: ReadonlyMap<string, Status>): PackVerdict {
  const accepted = actions.some((action) => isAcceptance(action))
  const gated = actions.some((action) => action.phase === 'gate')
  const statuses = actions.map((action) => endings.get(action.id))
  if (accepted && gated && statuses.every((status) => status === 'passed')) return 'passed'
  const held = statuses.every((status) => status === 'passed' || status === 'interrupted')
  return held && statuses.includes('interrupted') ? 'interrupted' : 'failed'
}

/** A control shows what acceptance is worth; it accepts nothing itself. */
function isAcceptance({ phase }: Judged): boolean {
  return phase === 'format' || phase === 'lint' || phase === 'tests'
}
