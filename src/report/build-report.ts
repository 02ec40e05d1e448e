import type { Digest } from '../model/digest.ts'
import type { ActionId } from '../model/graph.ts'
import type { Manifest, ManifestAction, ManifestPack } from '../model/manifest.ts'
import type { LogRecord } from '../model/outcome.ts'
import type { PackId } from '../model/pack.ts'
import type { RecordedAction, RecordedPack, RunRecord } from '../model/record.ts'
import { countSkippedByRoot, isFailure } from './causes.ts'
import { createBudget, readExcerpt, type Budget, type ExcerptSize } from './excerpts.ts'
import { factsOf } from './facts.ts'
import { groupBy } from './grouping.ts'
import { guaranteeWords } from './guarantee-words.ts'
import { STATUS_WORDS } from './lines.ts'
import { picturesOf } from './pictures.ts'
import { createPreviewer } from './previews.ts'
import { describeProblem } from './problems.ts'
import { describeAction, toneOf } from './report-actions.ts'
import type {
  LogExcerpt,
  ReadPart,
  Report,
  ReportAction,
  ReportArtifact,
  ReportPack,
  StatusCount,
} from './report-model.ts'
import { countByStatus } from './run-state.ts'
import { screeningOf, screenExcerpts, type FindSecrets, type Screening } from './screening.ts'
import { verdictSentence } from './verdict-sentence.ts'
import { verificationSteps } from './verification-steps.ts'

export interface ReportInput {
  readonly manifest: Manifest
  /** Of manifest.json; `null` as long as it has none. */
  readonly digest: Digest | null
  /** `null`: the run did not get as far as to leave one. */
  readonly record: RunRecord | null
  /** Of the run's folder. */
  readonly readPart: ReadPart
  /** Where an artifact (a path of the workspace) of a pack in the folder `dir` is kept in the run's folder. */
  readonly artifactPath: (pack: PackId, dir: string, path: string) => string
  readonly findSecrets: FindSecrets
  readonly bounds: Bounds
}

/** How much is told at most. */
export interface Bounds {
  readonly packs: number
  readonly actions: number
  /** That are told in full. */
  readonly failures: number
  readonly problems: number
  readonly artifacts: number
  readonly artifactsOfPack: number
}

/** So that a report of any run can be read, and opened on a phone. */
export const FOR_PEOPLE: Bounds = {
  packs: 300,
  actions: 1000,
  failures: 20,
  problems: 100,
  artifacts: 1000,
  artifactsOfPack: 200,
}

/** Where even that would be more than a phone opens: names and commands may be long. */
export const FOR_PEOPLE_IN_SHORT: Bounds = {
  packs: 100,
  actions: 100,
  failures: 10,
  problems: 20,
  artifacts: 50,
  artifactsOfPack: 10,
}

/** Programs count what they read, so nothing is left out but logs. */
export const FOR_PROGRAMS: Bounds = {
  packs: Infinity,
  actions: Infinity,
  failures: 20,
  problems: Infinity,
  artifacts: 0,
  artifactsOfPack: 0,
}

/** Of logs and texts, in bytes of HTML. */
const LOG_BYTES = 1024 * 1024
const PREVIEW_BYTES = 256 * 1024
const COMMAND_BYTES = 512 * 1024

const FAILED: ExcerptSize = { head: { bytes: 2048, lines: 6 }, tail: { bytes: 8192, lines: 34 } }
const OTHER: ExcerptSize = { head: { bytes: 1024, lines: 5 }, tail: { bytes: 1024, lines: 10 } }

/** Reads what a run has left and puts together what its report shows. */
export async function buildReport(input: ReportInput): Promise<Report> {
  const { manifest, record, bounds } = input
  const screening = screeningOf(manifest)
  const told = chooseActions(manifest, bounds)
  const recorded = new Map(record?.actions.map((action) => [action.id, action]))
  const excerpts = readExcerpts(told, recorded, input.readPart)
  const logs = await screenExcerpts(excerpts, { ...input, screening })
  const actions = describeActions(told, { manifest, record, recorded, logs })
  const problems = record?.warnings ?? []
  const failures = manifest.actions.filter(isFailure).length
  const shown = told.failures.flatMap(({ id }) => actions.get(id) ?? [])
  const connections =
    record?.actions.flatMap(({ attempts }) => attempts.flatMap((attempt) => attempt.connections)) ?? []
  const allowed = connections.filter(({ verdict }) => verdict === 'allowed').length
  const granted = manifest.packs.some(({ grants }) => grants.some((grant) => grant.startsWith('network:')))
  return {
    ...headOf(input),
    facts: factsOf(manifest, record),
    counts: countsOf(manifest.actions),
    problems: problems.slice(0, bounds.problems).map(describeProblem),
    moreProblems: Math.max(0, problems.length - bounds.problems),
    packs: describePacks(input, { screening, actions }),
    morePacks: Math.max(0, manifest.packs.length - bounds.packs),
    failures: shown,
    moreFailures: failures - shown.length,
    graph: picturesOf(manifest),
    guarantees: manifest.guarantees && guaranteeWords(manifest.guarantees, granted),
    connections: { allowed, denied: connections.length - allowed },
  }
}

type Head = 'run' | 'verdict' | 'tone' | 'sentence' | 'tool' | 'manifest' | 'startedAt' | 'durationMs' | 'verification'

function headOf({ manifest, digest, record }: ReportInput): Pick<Report, Head> {
  const { verdict, tool } = manifest
  return {
    run: record?.run ?? null,
    verdict,
    tone: verdict === 'passed' ? 'good' : 'bad',
    sentence: verdictSentence(manifest, record),
    tool,
    manifest: digest,
    startedAt: record?.startedAt ?? null,
    durationMs: record?.durationMs ?? null,
    verification: verificationSteps(digest, record?.run ?? null),
  }
}

interface Told {
  /** Those that are told in full. */
  readonly failures: readonly ManifestAction[]
  /** In plan order, the failures among them. */
  readonly actions: readonly ManifestAction[]
}

/** Failures first, then what comes first in the plan. */
function chooseActions({ actions, packs }: Manifest, bounds: Bounds): Told {
  const shown = new Set(packs.slice(0, bounds.packs).map(({ id }) => id))
  const failures = actions.filter(isFailure).slice(0, bounds.failures)
  const chosen = new Set(failures)
  for (const action of actions) {
    if (chosen.size >= bounds.actions) break
    if (shown.has(action.pack)) chosen.add(action)
  }
  return { failures, actions: actions.filter((action) => chosen.has(action)) }
}

function readExcerpts(
  { actions, failures }: Told,
  recorded: ReadonlyMap<ActionId, RecordedAction>,
  readPart: ReadPart,
): ReadonlyMap<ManifestAction, LogExcerpt> {
  const budget = createBudget(LOG_BYTES)
  const full = new Set(failures)
  const excerpts = new Map<ManifestAction, LogExcerpt>()
  for (const action of [...failures, ...actions.filter((each) => !full.has(each))]) {
    const log = logOf(recorded.get(action.id))
    const read = log && readExcerpt(log, full.has(action) ? FAILED : OTHER, readPart)
    if (read && budget.take([...read.head, ...read.tail])) excerpts.set(action, read)
  }
  return excerpts
}

/** The log of the last attempt. */
function logOf(recorded: RecordedAction | undefined): LogRecord | null {
  return recorded?.attempts.at(-1)?.log ?? null
}

interface Known {
  readonly manifest: Manifest
  readonly record: RunRecord | null
  readonly recorded: ReadonlyMap<ActionId, RecordedAction>
  readonly logs: ReadonlyMap<ActionId, LogExcerpt>
}

function describeActions(told: Told, { manifest, record, recorded, logs }: Known): ReadonlyMap<ActionId, ReportAction> {
  const dirs = new Map(record?.packs.map(({ id, dir }) => [id, dir]))
  const skipped = countSkippedByRoot(new Map(manifest.actions.map((action) => [action.id, action])))
  const budget = createBudget(COMMAND_BYTES)
  const differences = new Map(record?.check?.differences.map((difference) => [difference.action, difference]))
  return new Map(
    told.actions.map((action) => {
      const { id, pack } = action
      const source = {
        action,
        recorded: recorded.get(id) ?? null,
        dir: dirs.get(pack) ?? '',
        difference: differences.get(id) ?? null,
        budget,
      }
      return [id, describeAction({ ...source, log: logs.get(id) ?? null, skipped: skipped.get(id) ?? 0 })]
    }),
  )
}

function countsOf(actions: readonly ManifestAction[]): readonly StatusCount[] {
  const counts = countByStatus(actions)
  return (Object.keys(STATUS_WORDS) as StatusCount['status'][]).flatMap((status) => {
    const number = counts.get(status)
    return number === undefined ? [] : [{ status, words: STATUS_WORDS[status], number }]
  })
}

interface Parts {
  readonly screening: Screening
  readonly actions: ReadonlyMap<ActionId, ReportAction>
}

function describePacks(input: ReportInput, { screening, actions }: Parts): readonly ReportPack[] {
  const { manifest, record, bounds } = input
  const recorded = new Map(record?.packs.map((pack) => [pack.id, pack]))
  const times = new Map(record?.actions.map(({ id, durationMs }) => [id, durationMs]))
  const byPack = groupBy(manifest.actions, ({ pack }) => pack)
  const artifacts = artifactLister(input, screening)
  return manifest.packs.slice(0, bounds.packs).map((pack) => {
    const own = byPack.get(pack.id) ?? []
    const shown = own.flatMap(({ id }) => actions.get(id) ?? [])
    return {
      ...describePack(pack, recorded.get(pack.id)),
      counts: countsOf(own),
      durationMs: record && own.reduce((sum, { id }) => sum + (times.get(id) ?? 0), 0),
      actions: shown,
      moreActions: own.length - shown.length,
      ...artifacts(pack, recorded.get(pack.id)?.dir ?? null),
    }
  })
}

type Described = Omit<ReportPack, 'counts' | 'durationMs' | 'actions' | 'moreActions' | 'artifacts' | 'moreArtifacts'>

function describePack(
  { id, definition, needs, grants, verdict }: ManifestPack,
  pack: RecordedPack | undefined,
): Described {
  return {
    id,
    title: pack?.title ?? null,
    pillar: pack?.pillar ?? null,
    domain: pack?.domain ?? null,
    risk: pack?.risk ?? null,
    verdict,
    tone: toneOf({ status: verdict, reason: null }),
    definition,
    needs,
    grants,
  }
}

type Listed = Pick<ReportPack, 'artifacts' | 'moreArtifacts'>

/** `dir`: the pack's folder; `null`: not known, and so not where the artifacts are kept. */
function artifactLister(
  { artifactPath, readPart, bounds }: ReportInput,
  screening: Screening,
): (pack: ManifestPack, dir: string | null) => Listed {
  const budget: Budget = createBudget(PREVIEW_BYTES)
  const previewOf = createPreviewer(readPart, budget)
  let room = bounds.artifacts
  return ({ id, artifacts }, dir) => {
    const shown = artifacts.slice(0, Math.min(bounds.artifactsOfPack, room))
    room -= shown.length
    return {
      artifacts: shown.map(({ path, size, digest, executable }): ReportArtifact => {
        const file = artifactPath(id, dir ?? '', path)
        const why = screening.objection(id, path)
        const readable = dir !== null && screening.isClean(id)
        const preview = why === null ? (readable ? previewOf(file, size) : null) : ({ kind: 'withheld', why } as const)
        return { path, file, size, digest, executable, preview }
      }),
      moreArtifacts: artifacts.length - shown.length,
    }
  }
}
