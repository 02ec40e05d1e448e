import type { Difference } from '../model/check.ts'
import type { ManifestAction } from '../model/manifest.ts'
import type { Connection } from '../model/outcome.ts'
import type { RecordedAction } from '../model/record.ts'
import { isFailure } from './causes.ts'
import { wordConnections } from './connections.ts'
import type { Budget } from './excerpts.ts'
import { statusWords } from './lines.ts'
import type { Worded } from './phrase.ts'
import { placeFrom } from './problems.ts'
import { wordReason, type ReasonAction } from './reasons.ts'
import type { LogExcerpt, Place, ReportAction, Tone } from './report-model.ts'

export interface ActionSource {
  readonly action: ManifestAction
  /** `null`: nothing but the manifest tells of it. */
  readonly recorded: RecordedAction | null
  /** The pack's folder, relative to the workspace's root. */
  readonly dir: string
  readonly log: LogExcerpt | null
  /** Actions that were skipped because of it. */
  readonly skipped: number
  /** What was not the same twice, where that is known. */
  readonly difference: Difference | null
  /** For commands. */
  readonly budget: Budget
}

const NEEDS = 8
const OUTPUTS = 10
/** In UTF-16 units: as long as there is room, and then. */
const [COMMAND, SHORT] = [2000, 100] as const

export function describeAction({
  action,
  recorded,
  dir,
  log,
  skipped,
  difference,
  budget,
}: ActionSource): ReportAction {
  const place = recorded?.place ? placeFrom(recorded.place) : null
  const { id, pack, phase, status, needs, outputs, reason } = action
  return {
    id,
    pack,
    name: id.startsWith(`${pack}:`) ? id.slice(pack.length + 1) : id,
    phase,
    status,
    tone: toneOf(action),
    words: statusWords(action),
    place,
    command: action.command && commandWithin(budget, action.command),
    exitCode: action.exitCode,
    key: action.key,
    inputs: action.inputs,
    durationMs: recorded && recorded.attempts.length > 0 ? recorded.durationMs : null,
    attempts: recorded?.attempts.length ?? 0,
    needs: needs.slice(0, NEEDS),
    moreNeeds: Math.max(0, needs.length - NEEDS),
    reason: status === 'passed' ? null : reasonOf(action, { recorded, dir, place, log, difference }),
    connections: wordConnections(deniedBy(recorded)),
    skipped,
    log,
    outputs: outputs.slice(0, OUTPUTS).map(({ path, size, digest }) => ({ path, size, digest })),
    moreOutputs: Math.max(0, outputs.length - OUTPUTS),
    findings: reason?.kind === 'secrets' ? reason.findings : [],
  }
}

export function toneOf(ending: Pick<ManifestAction, 'status' | 'reason'>): Tone {
  if (ending.status === 'passed') return 'good'
  return isFailure(ending) ? 'bad' : 'idle'
}

interface Surroundings extends Pick<ActionSource, 'recorded' | 'dir' | 'log' | 'difference'> {
  readonly place: Place | null
}

function reasonOf(action: ManifestAction, { recorded, dir, place, log, difference }: Surroundings): Worded {
  const start = { line: place?.line ?? 1, column: place?.column ?? 1 }
  const declared = { file: place?.file ?? (dir === '' ? 'task.yml' : `${dir}/task.yml`), start, end: start }
  const { phase, command: argv } = action
  const known: ReasonAction = argv
    ? { kind: 'command', phase, argv, limits: recorded?.limits ?? null, place: declared }
    : { kind: 'gate', place: declared }
  const logLines = log ? [...log.head, ...log.tail] : []
  return wordReason(action, { action: known, dir, logLines, ...(difference ? { difference } : {}) })
}

function deniedBy(recorded: RecordedAction | null): readonly Connection[] {
  const connections = recorded?.attempts.at(-1)?.connections ?? []
  return connections.map((connection) => ({ ...connection, at: 0 }))
}

function commandWithin(budget: Budget, argv: readonly string[]): string {
  const text = cut(commandText(argv), COMMAND)
  return budget.take([text]) ? text : cut(text, SHORT)
}

/** What goes to a shell as it was written; a list of words as a shell would take it. */
function commandText(argv: readonly string[]): string {
  const [shell, option, script] = argv
  if (argv.length === 3 && shell === 'sh' && option === '-ec' && script !== undefined) return script
  return argv.map(shellWord).join(' ')
}

function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}
