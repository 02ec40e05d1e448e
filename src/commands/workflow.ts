// What a workflow of GitHub is told beside what people read.
import type { Diagnostic } from '../model/diagnostic.ts'
import { sha256 } from '../model/digest.ts'
import type { RepositoryPath } from '../report/diagnostics-github.ts'
import { cutMarkdown } from '../report/markdown-cut.ts'
import { outputLines } from '../report/workflow-commands.ts'
import type { RunResult } from '../pipeline.ts'
import type { Context } from './context.ts'
import { isWithin } from './run-place.ts'

/** What GitHub takes of the summary of one step, and of its outputs, in bytes. */
const MOST_BYTES = 1024 * 1024

/** Whether GitHub Actions reads the streams, and obeys what it takes for workflow commands. */
export function isWorkflow({ env }: Context): boolean {
  return env['GITHUB_ACTIONS'] === 'true'
}

/** Complaints as annotations of the files that they are about. `root`: the workspace, absolute. */
export async function annotate(context: Context, root: string, diagnostics: readonly Diagnostic[]): Promise<void> {
  const { renderGithub } = await import('../report/diagnostics-github.ts')
  context.err(renderGithub(diagnostics, repositoryPathFor(context, root)))
}

/** Sets the outputs of the step: what the steps after it have to know of a run. `folder`: absolute. */
export async function leaveOutputs(context: Context, folder: string, result: RunResult): Promise<void> {
  const file = context.env['GITHUB_OUTPUT'] ?? ''
  if (file === '') return
  const outputs = { verdict: result.verdict, 'manifest-digest': result.digest, 'run-dir': folder }
  const { appendWithin } = await context.results()
  appendWithin(context.absolute(file), outputLines(outputs, sha256), MOST_BYTES)
}

/** Adds as much of a report as there is room for to the summary of the job. */
export async function addToSummary(context: Context, file: string, report: string): Promise<void> {
  const { appendWithin, roomWithin } = await context.results()
  const path = context.absolute(file)
  appendWithin(path, cutMarkdown(report, roomWithin(path, MOST_BYTES)), MOST_BYTES)
}

/** Annotations name files from the root of the repository, which need not be that of the workspace (absolute). */
export function repositoryPathFor({ env }: Context, root: string): RepositoryPath {
  const checkout = (env['GITHUB_WORKSPACE'] ?? '').replace(/\/+$/, '')
  if (checkout === '' || root === checkout || !isWithin(checkout, root)) return (path) => path
  const prefix = root.slice(checkout.length + 1)
  return (path) => `${prefix}/${path}`
}
