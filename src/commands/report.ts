import { InvalidArgumentError, Option, type Command } from 'commander'
import type { RecordedRun } from '../model/ports.ts'
import { REPORT_FORMATS, type ReportFormat } from './choices.ts'
import type { Context } from './context.ts'
import { UsageError, type CommonOptions } from './options.ts'
import { openRun } from './recorded.ts'
import type { Finish } from './syntax.ts'
import { addToSummary } from './workflow.ts'

interface ReportOptions extends Pick<CommonOptions, 'directory'> {
  readonly format?: ReportFormat
  readonly output?: string
}

export function addReport(program: Command, context: Context, finish: Finish): void {
  program
    .command('report')
    .description('print the report of a run, or write it to a file')
    .argument('<run>', 'its folder, its name, a beginning of that, or latest')
    .option('-C, --directory <dir>', 'start in this folder')
    .addOption(new Option('-f, --format <format>', 'what to make of it (default: md)').choices(REPORT_FORMATS))
    .option('-o, --output <file>', 'write it to this file')
    .action(async (name: string, options: ReportOptions) => finish(await report(context, name, options)))
}

async function report(context: Context, name: string, options: ReportOptions): Promise<number> {
  const { format = 'md', output } = options
  const run = openRun(context, name, options)
  const targets = output === undefined ? [] : await reportTargets(context, [{ format, file: output }])
  const reports = await reportsOf(run, [format])
  if (targets.length === 0) context.out(reports.get(format) ?? '')
  await writeAll(context, targets, reports)
  return 0
}

/** A report that was asked for; `file` as it was written on the command line. */
export interface WantedReport {
  readonly format: ReportFormat
  readonly file: string
}

/** What `run` understands of reports beside its own. */
export function reportOption(): Option {
  const formats = REPORT_FORMATS.join(', ')
  return new Option('--report <format=file>', `write a report to a file as well: ${formats}; repeatable`)
    .argParser(readWanted)
    .conflicts('dryRun')
}

function readWanted(word: string, before: readonly WantedReport[] = []): readonly WantedReport[] {
  const [, name, file] = /^([a-z]+)=(.+)$/s.exec(word) ?? []
  const format = REPORT_FORMATS.find((known) => known === name)
  if (format === undefined || file === undefined) {
    throw new InvalidArgumentError(`It takes <format>=<file>; formats are ${REPORT_FORMATS.join(', ')}.`)
  }
  return [...before, { format, file }]
}

interface Target {
  readonly format: ReportFormat
  /** Absolute. */
  readonly path: string
}

/** Where reports go, as long as nothing is known to stand in their way. */
export async function reportTargets(context: Context, wanted: readonly WantedReport[]): Promise<readonly Target[]> {
  if (wanted.length === 0) return []
  const { obstacleTo } = await context.results()
  return wanted.map(({ format, file }) => {
    const path = context.absolute(file)
    const obstacle = obstacleTo(path)
    if (obstacle !== null) throw new UsageError(`The report can't be written to '${file}': ${obstacle.message}`)
    return { format, path }
  })
}

/** Passes on the reports of a run that has just ended: to the files that were asked for, and to GitHub's summary of the job. */
export async function passOn(context: Context, folder: string, targets: readonly Target[]): Promise<void> {
  const summary = context.env['GITHUB_STEP_SUMMARY'] ?? ''
  const formats = [...targets.map(({ format }) => format), ...(summary === '' ? [] : (['md'] as const))]
  if (formats.length === 0) return
  const run = context.recordedRun(folder, folder)
  if (!run.ok) throw new UsageError("The run's folder is gone, and its reports with it")
  const reports = await reportsOf(run.value, formats)
  await writeAll(context, targets, reports)
  if (summary !== '') await addToSummary(context, summary, reports.get('md') ?? '')
}

type Reports = ReadonlyMap<ReportFormat, string>

async function reportsOf(run: RecordedRun, formats: readonly ReportFormat[]): Promise<Reports> {
  const { readDocuments, renderReports } = await import('../reports.ts')
  const documents = readDocuments(run)
  if (!documents.ok) throw new UsageError(`There is no report of '${run.name}': ${documents.error}`)
  return renderReports(documents.value, (path, size) => run.part(path, size), formats)
}

async function writeAll(context: Context, targets: readonly Target[], reports: Reports): Promise<void> {
  const { writeResult } = await context.results()
  for (const { format, path } of targets) {
    const written = writeResult(path, reports.get(format) ?? '')
    if (written.ok) continue
    throw new UsageError(`The report can't be written to '${context.showPath(path)}': ${written.error.message}`)
  }
}
