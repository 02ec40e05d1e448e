import { actionPath, type ActionId } from '../model/graph.ts'
import type { Manifest, ManifestAction } from '../model/manifest.ts'
import type { PackId } from '../model/pack.ts'
import { withhold } from './excerpts.ts'
import type { LogExcerpt, ReadPart } from './report-model.ts'

/** A text that nobody has looked through for credentials. */
export interface UnscreenedText {
  readonly path: string
  readonly bytes: Uint8Array
}

/** Gives the paths of those in which there is a credential. */
export type FindSecrets = (texts: readonly UnscreenedText[]) => Promise<ReadonlySet<string>>

/** What the gates for credentials have let through; a report is passed on more freely than the folder of a run. */
export interface Screening {
  /** Whether all artifacts and logs of the pack were looked through and nothing was found. */
  isClean(pack: PackId): boolean
  /** Why a file, named as findings name it, must not be shown; `null`: nothing was found in it. */
  objection(pack: PackId, path: string): string | null
}

const FOUND = 'The gate for credentials found one in it.'
const SUSPECTED = 'It seems to hold a credential.'
const UNSCREENED = 'Nobody has looked through it for credentials.'
const OTHERS = 'The gate for credentials found more in this pack than it tells.'

export function screeningOf({ actions }: Manifest): Screening {
  const gates = new Map(actions.filter(isSecretsGate).map((action) => [action.pack, action]))
  const reasonOf = (pack: PackId): ManifestAction['reason'] => gates.get(pack)?.reason ?? null
  return {
    isClean: (pack) => gates.get(pack)?.status === 'passed',
    objection: (pack, path) => {
      const reason = reasonOf(pack)
      if (reason?.kind !== 'secrets') return null
      if (reason.findings.some((finding) => finding.path === path)) return FOUND
      return reason.more ? OTHERS : null
    },
  }
}

function isSecretsGate({ id, phase }: ManifestAction): boolean {
  return phase === 'gate' && id.endsWith(':gate/secrets')
}

/** Of both ends of a log, and of all logs, in bytes. */
const EACH_BYTES = 32 * 1024
const MOST_BYTES = 4 * 1024 * 1024

/** How findings name the logs of an action. */
function logsName(id: ActionId): string {
  return `logs/${actionPath(id)}/*.log`
}

export interface Screener {
  readonly screening: Screening
  readonly findSecrets: FindSecrets
  readonly readPart: ReadPart
}

/**
 * The excerpts that may be shown, by action. What no gate has let through is looked through here, as far as an excerpt goes and
 * beyond it by more than the longest credential; the first ones first.
 */
export async function screenExcerpts(
  excerpts: ReadonlyMap<ManifestAction, LogExcerpt>,
  { screening, findSecrets, readPart }: Screener,
): Promise<ReadonlyMap<ActionId, LogExcerpt>> {
  const objections = new Map<ActionId, string>()
  const texts: UnscreenedText[] = []
  let room = MOST_BYTES
  for (const [{ id, pack }, { path }] of excerpts) {
    const objection = screening.objection(pack, logsName(id))
    if (objection !== null) objections.set(id, objection)
    else if (!screening.isClean(pack)) {
      const part = room > 0 ? readPart(path, { head: EACH_BYTES, tail: EACH_BYTES }) : null
      if (part === null) objections.set(id, UNSCREENED)
      else texts.push({ path, bytes: part.head }, { path, bytes: part.tail })
      room -= part ? part.head.length + part.tail.length : 0
    }
  }
  const suspected = texts.length === 0 ? new Set<string>() : await findSecrets(texts)
  return new Map(
    [...excerpts].map(([{ id }, excerpt]) => {
      const why = objections.get(id) ?? (suspected.has(excerpt.path) ? SUSPECTED : null)
      return [id, why === null ? excerpt : withhold(excerpt, why)]
    }),
  )
}
