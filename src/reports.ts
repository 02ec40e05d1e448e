import { artifactPath } from './evidence/collect.ts'
import { MANIFEST, RECORD, type RunFinished } from './evidence/conclude.ts'
import { parseManifest, parseRecord } from './evidence/parse-documents.ts'
import { buildRecord, recordBytes } from './evidence/record.ts'
import type { BaseRecord } from './model/change.ts'
import type { CheckRecord } from './model/check.ts'
import { sha256, type Digest } from './model/digest.ts'
import type { Grant } from './model/grant.ts'
import type { Manifest } from './model/manifest.ts'
import type { ActionOutcome } from './model/outcome.ts'
import type { Tool } from './model/plan.ts'
import type { Executor, RecordedRun, RunFolder } from './model/ports.ts'
import type { ReplaySource } from './model/replay.ts'
import { err, ok, type Result } from './model/result.ts'
import type { HostFacts, RunRecord } from './model/record.ts'
import type { Project } from './project.ts'
import { buildReport, FOR_PEOPLE, FOR_PEOPLE_IN_SHORT, FOR_PROGRAMS, type Bounds } from './report/build-report.ts'
import { renderHtml } from './report/html.ts'
import { renderJunit } from './report/junit.ts'
import { renderMarkdown } from './report/markdown.ts'
import type { ReadPart, Report } from './report/report-model.ts'
import { renderSarif } from './report/sarif.ts'
import type { FindSecrets } from './report/screening.ts'
import { loadSecretRules } from './run/secret-rules.ts'
import { scanFiles } from './run/secret-scan.ts'

/** What a report is made from, beside the files of the run's folder. */
export interface Documents {
  readonly manifest: Manifest
  /** Of manifest.json; `null` as long as it has none. */
  readonly digest: Digest | null
  /** `null`: it did not get as far as to leave one. */
  readonly record: RunRecord | null
}

export type ReportFormat = 'html' | 'md' | 'junit' | 'sarif'

interface Format {
  readonly render: (report: Report) => string
  readonly bounds: Bounds
}

/** What a phone opens without trouble. */
const MOST_BYTES = 5_000_000

const FORMATS: Readonly<Record<ReportFormat, Format>> = {
  html: { render: renderHtml, bounds: FOR_PEOPLE },
  md: { render: renderMarkdown, bounds: FOR_PEOPLE },
  junit: { render: renderJunit, bounds: FOR_PROGRAMS },
  sarif: { render: renderSarif, bounds: FOR_PROGRAMS },
}

/**
 * Reports of one run, by format. `readPart` reads files of its folder. The same bytes for a run that has just ended and for one
 * that was recorded.
 */
export async function renderReports<F extends ReportFormat>(
  documents: Documents,
  readPart: ReadPart,
  formats: readonly F[],
): Promise<ReadonlyMap<F, string>> {
  const built = new Map<Bounds, Report>()
  const reportWithin = async (bounds: Bounds): Promise<Report> => {
    const report =
      built.get(bounds) ?? (await buildReport({ ...documents, bounds, readPart, artifactPath, findSecrets }))
    built.set(bounds, report)
    return report
  }
  const rendered = new Map<F, string>()
  for (const format of formats) {
    const { render, bounds } = FORMATS[format]
    const text = render(await reportWithin(bounds))
    const tooLong = bounds === FOR_PEOPLE && Buffer.byteLength(text) > MOST_BYTES
    rendered.set(format, tooLong ? render(await reportWithin(FOR_PEOPLE_IN_SHORT)) : text)
  }
  return rendered
}

/** What reports of a run for people are made from. */
export async function reportFor(documents: Documents, readPart: ReadPart): Promise<Report> {
  return buildReport({ ...documents, bounds: FOR_PEOPLE, readPart, artifactPath, findSecrets })
}

/** What a run has left, read again; the error says which file is not what it should be. */
export function readDocuments(run: RecordedRun): Result<Documents, string> {
  const bytes = run.read(MANIFEST)
  if (!bytes.ok) return err(`${MANIFEST} can't be read: ${bytes.error.message}`)
  const manifest = parseManifest(bytes.value)
  if (!manifest.ok) return err(`${MANIFEST} is no manifest: ${manifest.error}`)
  const documents = { manifest: manifest.value, digest: sha256(bytes.value) }
  const recorded = run.read(RECORD)
  // A run that was killed has left none.
  if (!recorded.ok) return ok({ ...documents, record: null })
  const record = parseRecord(recorded.value)
  return record.ok ? ok({ ...documents, record: record.value }) : err(`${RECORD} is no run record: ${record.error}`)
}

/** How a run began. */
export interface Told {
  readonly project: Pick<Project, 'diagnostics' | 'grants' | 'graph'>
  readonly machine: { readonly facts: HostFacts; readonly workspace: string }
  readonly folder: RunFolder
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
  /** `null`: nothing was started. */
  readonly executor: Pick<Executor, 'name' | 'limiter'> | null
  readonly tools: readonly Tool[]
  readonly argv: readonly string[]
  readonly jobs: number
  readonly shuffle?: string
  readonly base?: BaseRecord
  readonly replay?: ReplaySource | null
  /** Beside those of the project. */
  readonly grants: readonly Grant[]
}

/** … and how it ended. */
export interface Ended {
  readonly manifest: Manifest
  readonly outcomes: readonly ActionOutcome[]
  readonly signal: string | null
  /** `null`: the run was not checked. */
  readonly check: CheckRecord | null
  readonly end: RunFinished
}

/** Leaves in the run's folder what the manifest must not hold: run.json, and for people report.md and report.html. */
export async function leaveReports(told: Told, { manifest, outcomes, signal, check, end }: Ended): Promise<RunRecord> {
  const { project, machine, folder } = told
  const { executor, tools, argv, jobs, startedAt, shuffle, replay } = told
  const record = buildRecord({
    ...{ tools, argv, jobs, startedAt },
    executor: executor?.name ?? null,
    limiter: executor?.limiter ?? null,
    ...(shuffle === undefined ? {} : { shuffle }),
    ...(check ? { check } : {}),
    ...(told.base ? { base: told.base } : {}),
    ...(replay ? { replay: { run: replay.run.name, manifest: replay.digest } } : {}),
    run: folder.name,
    finishedAt: end.at,
    host: machine.facts,
    workspace: machine.workspace,
    granted: [...project.grants, ...told.grants],
    verdict: end.verdict,
    manifest: end.manifest,
    signal,
    warnings: project.diagnostics,
    ...(project.graph ? { graph: project.graph } : {}),
    outcomes,
  })
  folder.writeAtomically(RECORD, recordBytes(record))
  const documents = { manifest, digest: end.manifest, record }
  const reports = await renderReports(documents, (path, size) => folder.part(path, size), ['md', 'html'])
  for (const [format, text] of reports) folder.write(`report.${format}`, text)
  return record
}

const findSecrets: FindSecrets = async (texts) => {
  const files = texts.map(({ path, bytes }) => ({ path, chunks: () => [bytes] }))
  const signal = new AbortController().signal
  const { kept, more } = await scanFiles(files, { find: await loadSecretRules(), signal, limit: MOST_FINDINGS })
  // Where there are more than are told, any of them may hold one.
  return new Set((more ? texts : kept).map(({ path }) => path))
}

const MOST_FINDINGS = 1000
